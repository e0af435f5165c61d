package store

import (
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"strings"
	"syscall"

	bolterrors "go.etcd.io/bbolt/errors"
)

// Failure is the error of a state that cannot be read or written. The transaction has stored nothing.
type Failure struct {
	// Reason says what happened to which file. Hint says what to do about it.
	Reason, Hint string
	// Err is the error of the system or the database.
	Err error
}

func (f *Failure) Error() string { return f.Reason + ": " + f.Hint }

// Unwrap returns the error of the system or the database.
func (f *Failure) Unwrap() error { return f.Err }

// errDamaged is the error of a database that cannot be read.
var errDamaged = errors.New("the database is damaged")

// explain returns a [Failure] for an error whose fix is known, and any other error unchanged.
func (s *Store) explain(err error) error {
	if _, done := errors.AsType[*Failure](err); err == nil || done {
		return err
	}
	const another = "use another directory for the sandbox's state"
	switch {
	case isFull(err):
		return &Failure{"the disk with the sandbox's state in " + s.dir + " is full and nothing was stored",
			"free some space and try again, or " + another, err}
	case isDamage(err):
		return &Failure{"the sandbox's state in " + s.path + " is damaged",
			"delete " + s.dir + " to start with an empty sandbox (its lifecycles are lost), or " + another, err}
	case errors.Is(err, fs.ErrPermission):
		return &Failure{"the sandbox's state in " + s.dir + " belongs to another user and cannot be opened",
			"give it to the user that runs the sandbox (chown -R), or " + another, err}
	case errors.Is(err, syscall.EROFS):
		return &Failure{"the sandbox's state in " + s.dir + " is on a file system that is read-only", another, err}
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		return &Failure{s.dir + " is not a directory, so the sandbox cannot keep its state there", another, err}
	case errors.Is(err, fs.ErrNotExist):
		return &Failure{"the sandbox's state in " + s.path + " was deleted", "start the sandbox again", err}
	}
	return err
}

// isFull reports whether the disk or the quota is full. It also looks at the text of the error, because the database
// does not wrap every error of the system.
func isFull(err error) bool {
	for _, full := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		if errors.Is(err, full) || strings.Contains(err.Error(), full.Error()) {
			return true
		}
	}
	return false
}

func isDamage(err error) bool {
	for _, damage := range []error{
		errDamaged, bolterrors.ErrInvalid, bolterrors.ErrVersionMismatch, bolterrors.ErrChecksum,
		bolterrors.ErrInvalidMapping, bolterrors.ErrBucketNotFound,
	} {
		if errors.Is(err, damage) {
			return true
		}
	}
	return strings.Contains(err.Error(), "file size too small")
}

// damageOf returns the error for a panic that a damaged database causes: a memory fault, if the file is shorter than its
// content says, or a panic in the database's own code. Any other panic continues.
func damageOf(panicked any) error {
	_, isFault := panicked.(interface{ Addr() uintptr })
	if !isFault && !isFromDatabase() {
		panic(panicked)
	}
	return fmt.Errorf("%w: %v", errDamaged, panicked)
}

// isFromDatabase reports whether the panic being recovered started in the database's own code.
func isFromDatabase() bool {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	panicking := false
	for {
		frame, more := frames.Next()
		isRuntime := strings.HasPrefix(frame.Function, "runtime.")
		switch {
		case frame.Function == "runtime.gopanic":
			panicking = true
		case panicking && !isRuntime:
			return strings.HasPrefix(frame.Function, "go.etcd.io/bbolt")
		}
		if !more {
			return false
		}
	}
}
