package workspace

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// Check says whether [Workspace.Write] can write the file, and leaves nothing behind: it makes the file and
// its directories, and takes them away again. A file that exists is not touched. The error is an *[Error].
func (w *Workspace) Check(f File) error {
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
		return f.failed("cannot be made", err)
	}
	file, err := root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, fileMode)
	if err != nil {
		return f.failed("cannot be made", err)
	}
	defer func() { _ = root.Remove(name) }()
	_, err = file.WriteString("\n") // a full disk has room for names
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return f.failed("cannot be written", err)
	}
	return nil
}

// checkTarget says whether what stands at the name may be replaced.
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
		return false, f.is("a symbolic link to nothing")
	}
	return false, nil
}

// tryWriting opens an existing file for writing, and changes nothing.
func tryWriting(root *os.Root, name string, f File) error {
	file, err := root.OpenFile(name, os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return f.failed("cannot be written", err)
	}
	return file.Close()
}

const (
	fileMode      = 0o644 // who reads it may be another user
	directoryMode = 0o755
)

// Write replaces the content of the file, and makes its directories. A reader, or a job that is killed, has
// the old content or the new one, never half of it. A symbolic link is replaced by a file. What a container
// makes belongs to the owner of the workspace, so that the runner can remove it. The error is an *[Error].
func (w *Workspace) Write(f File, content []byte) error {
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
		return f.failed("cannot be made", err)
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

// replace replaces a file of a directory. Where that cannot be done at once (a file that is mounted, a
// directory that takes no new files), it writes into the file that is there.
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

// makeDirectories makes a directory and those above it, and returns the ones that it made, outermost first.
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
