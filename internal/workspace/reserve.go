package workspace

import (
	"os"
	"path/filepath"
)

// Reserve keeps a file for the command itself, such as the one with the outputs. After it, Check and Write refuse the file
// under any of its paths, because a report in its place would remove what the command has written to it.
// own.Setting says what the file is. Reserve must not be called at the same time as the other methods.
func (w *Workspace) Reserve(own File) {
	if own.Path != "" {
		w.reserved = append(w.reserved, own)
	}
}

// checkReserved returns an error if a file is reserved. Links are other files, because Write replaces a link and not what
// it points to.
func (w *Workspace) checkReserved(f File) error {
	path := w.placeOf(f.Path)
	for _, own := range w.reserved {
		reserved := w.placeOf(own.Path)
		if path == reserved || isSameFile(path, reserved) {
			return &Error{File: f, Reason: "is also " + own.Setting, Hint: "give the path of another file"}
		}
	}
	return nil
}

// placeOf returns the absolute path of a file, with a directory that has no symbolic links in it.
func (w *Workspace) placeOf(path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(w.dir, path)
	}
	return filepath.Join(resolved(filepath.Dir(path)), filepath.Base(path))
}

// isSameFile reports whether two paths name one file, as "out" and "OUT" do where letters of both cases are the same.
func isSameFile(a, b string) bool {
	one, err := os.Lstat(a)
	if err != nil {
		return false
	}
	other, err := os.Lstat(b)
	return err == nil && os.SameFile(one, other)
}
