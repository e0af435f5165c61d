//go:build !windows

package workspace

import (
	"os"
	"syscall"

	"github.com/google/renameio/v2"
)

// replaceWhole replaces a file of a directory at once.
func (w *Workspace) replaceWhole(directory *os.Root, name string, content []byte) error {
	// The permissions of a file that is there are its user's wish.
	options := []renameio.Option{renameio.WithRoot(directory), renameio.WithStaticPermissions(fileMode), renameio.WithExistingPermissions()}
	file, err := renameio.NewPendingFile(name, options...)
	if err != nil {
		return err
	}
	defer file.Cleanup() //nolint:errcheck // it does nothing after a success
	if _, err := file.Write(content); err != nil {
		return err
	}
	if owner, ok := w.owner(); ok {
		_ = file.Chown(int(owner.Uid), int(owner.Gid)) // everybody can read it in any case
	}
	return file.CloseAtomicallyReplace()
}

// handOver gives a directory that this process made to the owner of the workspace.
func (w *Workspace) handOver(root *os.Root, directory string) {
	if owner, ok := w.owner(); ok {
		_ = root.Lchown(directory, int(owner.Uid), int(owner.Gid))
	}
}

// owner returns who owns the workspace, where this process is root and somebody else owns it: the user of a
// container is root, and the runner that mounts its workspace often is not.
func (w *Workspace) owner() (*syscall.Stat_t, bool) {
	if w.root == "" || os.Geteuid() != 0 {
		return nil, false
	}
	info, err := os.Stat(w.root)
	if err != nil {
		return nil, false
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	return owner, ok && owner.Uid != 0
}
