package workspace

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// Error reports why the file of a setting cannot be used.
type Error struct {
	File File
	// Reason says what is wrong with the file, such as "is a directory".
	Reason string
	// Hint says what to do next, or is "".
	Hint string
	// Err is the cause, or nil.
	Err error
}

// Error returns one line with the setting, its value and what is wrong with the file.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s is %q, which %s", e.File.Setting, e.File.Path, e.Reason)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

func (f File) is(what string) *Error {
	return &Error{File: f, Reason: "is " + what, Hint: "give the path of a regular file"}
}

func (f File) outside() *Error {
	return &Error{
		File: f, Reason: "is outside the workspace",
		Hint: "give a path inside the workspace; no symbolic link in it may point outside",
	}
}

func (f File) tooLarge(limit int64) *Error {
	return &Error{File: f, Reason: fmt.Sprintf("is larger than %d bytes", limit)}
}

// failed returns the error of a failed system call. what says what could not be done with the file. The cause is shown
// without its path, because the message already names the path.
func (f File) failed(what string, err error) *Error {
	switch {
	case hasEscaped(err):
		return f.outside()
	case errors.Is(err, fs.ErrNotExist):
		return &Error{File: f, Reason: "does not exist", Hint: "check the path, and whether the job has checked the repository out"}
	case errors.Is(err, syscall.EISDIR):
		return f.is("a directory")
	}
	if inner, ok := errors.AsType[syscall.Errno](err); ok {
		err = inner
	}
	return &Error{File: f, Reason: what, Hint: "check the path, its permissions and the disk", Err: err}
}
