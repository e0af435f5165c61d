// Package workspace reads and writes the files that settings name. In a pipeline, the files must be in the job's
// workspace: a path or a symbolic link, such as one from a checkout, must not lead out of it. On a laptop, any file that
// its user can write is allowed.
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
	// Setting is the name of the setting as the user writes it: "input report_file", "--reportFile".
	Setting string
	// Path is the setting's value.
	Path string
}

// Workspace is the place for files that settings name.
type Workspace struct {
	// dir is the directory to which paths are relative. root is the directory that files must be in, or "" for any.
	dir, root string
	// reserved holds the files of the command itself; see Reserve.
	reserved []File
}

// New returns the workspace of a pipeline's job in the directory root. On a laptop, root is "" and every path is allowed.
// Relative paths are relative to dir, where "" is the working directory of the process, or to root if dir is outside of
// root.
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

// resolved returns the absolute path without symbolic links. If either cannot be determined, it is left out.
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

// Relative returns the path that later steps of the pipeline use for the file: relative to the workspace, with slashes.
// An absolute path is not valid for them, because the workspace has another path in a container than on its host. On a
// laptop, and for a path outside of the workspace, Relative returns the path unchanged.
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

// nameOf returns the path relative to the root. The result is false if the path is not in the root.
func (w *Workspace) nameOf(path string) (string, bool) {
	absolute := path
	if !filepath.IsAbs(path) {
		absolute = filepath.Join(w.dir, path)
	}
	// The root or the path may have been given through a symbolic link.
	for _, candidate := range []string{absolute, filepath.Join(resolved(filepath.Dir(absolute)), filepath.Base(absolute))} {
		if name, err := filepath.Rel(w.root, candidate); err == nil && filepath.IsLocal(name) {
			return name, true
		}
	}
	return "", false
}

// open returns the directory that the file must be in, and the path of the file in it. The caller must close the
// directory.
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

// anywhere splits a path on a laptop into its deepest existing directory and the rest. It follows symbolic links, because
// they belong to the user.
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
	// Without O_NONBLOCK, opening a FIFO blocks until another process writes to it.
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
		return nil, nil //nolint:nilerr // the code that writes to the path reports what is wrong with it
	}
	// With O_NONBLOCK, opening a FIFO without a reader fails at once.
	file, err := os.OpenFile(path, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, f.failed("cannot be written", err)
	}
	// An error can be ignored: a file that supports no deadlines does not block either.
	_ = file.SetWriteDeadline(time.Now().Add(writeLimit))
	return file, nil
}

// writeLimit is how long a write to a FIFO or a terminal may take.
const writeLimit = 3 * time.Second

// hasEscaped reports whether os.Root refused a path because it leads out of the root. That error has no exported value to
// compare with, but it is the only one that does not come from the system.
func hasEscaped(err error) bool {
	_, isSystem := errors.AsType[syscall.Errno](err)
	return err != nil && !isSystem && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, os.ErrDeadlineExceeded) &&
		strings.Contains(err.Error(), "escapes")
}
