// Package workspace reads and writes the files that settings name. In a pipeline these are files of the job's
// workspace, and nothing leads out of it: no path, and no symbolic link that a checkout brings along. On a
// laptop any file is fine that its user may write.
package workspace

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// File is a file that a setting names.
type File struct {
	// Setting is what its user calls the setting: "input report_file", "--reportFile".
	Setting string
	// Path is the setting's value.
	Path string
}

// Workspace is where files may be.
type Workspace struct {
	// dir is where relative paths begin. root is the directory that files must be in; "" is any.
	dir, root string
}

// New returns the workspace of a pipeline's job, whose directory is root, or a laptop's, where root is "" and
// every path is allowed. Relative paths begin at the working directory dir ("" is the process's own), or at
// root where dir is outside of it.
func New(root, dir string) *Workspace {
	w := &Workspace{dir: resolved(cmp.Or(dir, ".")), root: root}
	if root == "" {
		return w
	}
	w.root = resolved(root)
	if !isIn(w.root, w.dir) {
		w.dir = w.root
	}
	return w
}

// resolved returns an absolute path without symbolic links, as far as it can be told.
func resolved(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

func isIn(root, path string) bool {
	relative, err := filepath.Rel(root, path)
	return err == nil && filepath.IsLocal(relative)
}

// Relative returns a path as later steps of the pipeline name the file: relative to the workspace, with
// slashes. A container has the workspace at another place than its host. On a laptop, and of a path outside
// of the workspace, it returns the path as it is.
func (w *Workspace) Relative(path string) string {
	if w.root == "" {
		return path
	}
	name, ok := w.nameOf(path)
	if !ok {
		return path
	}
	return filepath.ToSlash(name)
}

// nameOf returns the name of a path in the root. It is false for one that is not in it.
func (w *Workspace) nameOf(path string) (string, bool) {
	absolute := path
	if !filepath.IsAbs(path) {
		absolute = filepath.Join(w.dir, path)
	}
	// The root may have been given by a link to it, and so may the path.
	for _, candidate := range []string{absolute, filepath.Join(resolved(filepath.Dir(absolute)), filepath.Base(absolute))} {
		if name, err := filepath.Rel(w.root, candidate); err == nil && filepath.IsLocal(name) {
			return name, true
		}
	}
	return "", false
}

// open returns the directory to begin at and the file's name in it. The caller closes the directory.
func (w *Workspace) open(f File) (*os.Root, string, error) {
	if f.Path == "" || os.IsPathSeparator(f.Path[len(f.Path)-1]) {
		return nil, "", f.is("a directory")
	}
	root, name := w.root, ""
	if root == "" {
		root, name = w.anywhere(f.Path)
	} else {
		var inside bool
		if name, inside = w.nameOf(f.Path); !inside {
			return nil, "", f.outside()
		}
	}
	opened, err := os.OpenRoot(root)
	if err != nil {
		return nil, "", f.failed("cannot be opened", err)
	}
	return opened, name, nil
}

// anywhere splits a path on a laptop into the deepest directory that there is and the rest. Links are
// followed: they are the user's own.
func (w *Workspace) anywhere(path string) (directory, name string) {
	if !filepath.IsAbs(path) {
		path = filepath.Join(w.dir, path)
	}
	path = resolved(path)
	directory, name = filepath.Dir(path), filepath.Base(path)
	for {
		if info, err := os.Stat(directory); err == nil && info.IsDir() || directory == filepath.Dir(directory) {
			return resolved(directory), name
		}
		directory, name = filepath.Dir(directory), filepath.Join(filepath.Base(directory), name)
	}
}

// Read returns the content of a regular file of at most limit bytes. The error is an *[Error].
func (w *Workspace) Read(f File, limit int64) ([]byte, error) {
	root, name, err := w.open(f)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	// Without O_NONBLOCK a FIFO would keep the process until somebody writes to it.
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, f.failed("cannot be read", err)
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, f.failed("cannot be read", err)
	case info.IsDir():
		return nil, f.is("a directory")
	case !info.Mode().IsRegular():
		return nil, f.is("not a regular file")
	}
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, f.failed("cannot be read", err)
	}
	if int64(len(content)) > limit {
		return nil, f.tooLarge(limit)
	}
	return content, nil
}

// special returns the device or FIFO that a path names on a laptop (/dev/stdout, /dev/null), or nil for
// everything else.
func (w *Workspace) special(f File) (*os.File, error) {
	if w.root != "" {
		return nil, nil
	}
	path := f.Path
	if !filepath.IsAbs(path) {
		path = filepath.Join(w.dir, path)
	}
	info, err := os.Stat(path)
	if err != nil || info.IsDir() || info.Mode().IsRegular() {
		return nil, nil //nolint:nilerr // what is wrong with the path is said by who writes to it
	}
	// A FIFO that nobody reads is refused at once.
	file, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, f.failed("cannot be written", err)
	}
	// Not everything has deadlines; what has none does not block either.
	_ = file.SetWriteDeadline(time.Now().Add(writeLimit))
	return file, nil
}

// writeLimit is how long a reader of a FIFO or a terminal may take.
const writeLimit = 3 * time.Second

// hasEscaped reports whether os.Root refused a path because it leads out. That error has no value to compare
// with, and it is the only one that the system did not give.
func hasEscaped(err error) bool {
	_, isSystem := errors.AsType[syscall.Errno](err)
	return err != nil && !isSystem && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, os.ErrDeadlineExceeded) &&
		strings.Contains(err.Error(), "escapes")
}
