package workspace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// Check reports whether [Workspace.Write] can write the file. It creates the file and its directories and removes them
// again. An existing file is not changed. The error is an *[Error].
func (w *Workspace) Check(f File) error {
	if err := w.checkReserved(f); err != nil {
		return err
	}
	if file, err := w.special(f); file != nil || err != nil {
		if file != nil {
			_ = file.Close() // nothing was written
		}
		return err
	}
	root, name, err := w.open(f)
	if err != nil {
		return err
	}
	defer root.Close()
	exists, err := checkTarget(root, name, f)
	if err != nil {
		return err
	}
	if exists {
		return tryWriting(root, name, f)
	}
	made, err := w.makeDirectories(root, filepath.Dir(name))
	defer func() {
		for _, directory := range slices.Backward(made) {
			_ = root.Remove(directory)
		}
	}()
	if err != nil {
		return f.failed("cannot be created", err)
	}
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return f.failed("cannot be created", err)
	}
	defer func() { _ = root.Remove(name) }()
	_, err = file.WriteString("\n") // on a full disk, a file can be created but not written
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return f.failed("cannot be written", err)
	}
	return nil
}

// checkTarget returns an error unless the name is free or names a regular file, which can be replaced.
func checkTarget(root *os.Root, name string, f File) (exists bool, err error) {
	info, err := root.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return false, f.is("a directory")
	case err == nil && !info.Mode().IsRegular():
		return false, f.is("not a regular file")
	case err == nil:
		return true, nil
	case !errors.Is(err, fs.ErrNotExist):
		return false, f.failed("cannot be written", err)
	}
	if link, err := root.Lstat(name); err == nil && link.Mode()&fs.ModeSymlink != 0 {
		return false, f.is("a broken symbolic link")
	}
	return false, nil
}

// tryWriting opens an existing file for writing and closes it without a change.
func tryWriting(root *os.Root, name string, f File) error {
	file, err := root.OpenFile(name, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return f.failed("cannot be written", err)
	}
	return file.Close()
}

const (
	fileMode      = 0o644 // the reader may be another user
	directoryMode = 0o755
)

// Write replaces the content of the file and creates its directories. The replacement is atomic where the system allows
// it: a reader sees the old content or the new one, even if the job is killed. In a pipeline, a symbolic link is replaced
// by a file. If this process is root, as in a container, new files and directories belong to the owner of the workspace,
// so that the runner can remove them. The error is an *[Error].
func (w *Workspace) Write(f File, content []byte) error {
	if err := w.checkReserved(f); err != nil {
		return err
	}
	switch file, err := w.special(f); {
	case err != nil:
		return err
	case file != nil:
		_, err := file.Write(content)
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return f.failed("cannot be written", err)
		}
		return nil
	}
	root, name, err := w.open(f)
	if err != nil {
		return err
	}
	defer root.Close()
	if _, err := checkTarget(root, name, f); err != nil {
		return err
	}
	if _, err := w.makeDirectories(root, filepath.Dir(name)); err != nil {
		return f.failed("cannot be created", err)
	}
	directory, err := root.OpenRoot(filepath.Dir(name))
	if err != nil {
		return f.failed("cannot be written", err)
	}
	defer directory.Close()
	if err := w.replace(directory, filepath.Base(name), content); err != nil {
		return f.failed("cannot be written", err)
	}
	return nil
}

// replace replaces a file in a directory. If it cannot do so atomically, because the file is mounted or the directory does
// not allow new files, it writes into the existing file.
func (w *Workspace) replace(directory *os.Root, name string, content []byte) error {
	whole := w.replaceWhole(directory, name, content)
	if whole == nil {
		return nil
	}
	if info, err := directory.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return whole
	}
	file, err := directory.OpenFile(name, os.O_WRONLY|os.O_TRUNC, fileMode)
	if err != nil {
		return whole
	}
	_, err = file.Write(content)
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// makeDirectories creates a directory and its parents, and returns those that it created, outermost first.
func (w *Workspace) makeDirectories(root *os.Root, directory string) (made []string, err error) {
	var missing []string
	for ; directory != "."; directory = filepath.Dir(directory) {
		info, err := root.Stat(directory)
		if err == nil && !info.IsDir() {
			return nil, &fs.PathError{Op: "mkdir", Path: directory, Err: syscall.ENOTDIR}
		}
		if err == nil {
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		missing = append(missing, directory)
	}
	for _, directory := range slices.Backward(missing) {
		if err := root.Mkdir(directory, directoryMode); err != nil && !errors.Is(err, fs.ErrExist) {
			return made, err
		}
		made = append(made, directory)
		w.handOver(root, directory)
	}
	return made, nil
}
