//go:build !windows

package workspace

import (
	"os"
	"syscall"

	"github.com/google/renameio/v2"
)

// replaceWhole replaces a file in a directory atomically.
func (w *Workspace) replaceWhole(directory *os.Root, name string, content []byte) error {
	// An existing file keeps the permissions that its user chose.
	options := []renameio.Option{renameio.WithRoot(directory), renameio.WithStaticPermissions(fileMode), renameio.WithExistingPermissions()}
	file, err := renameio.NewPendingFile(name, options...)
	if err != nil {
		return err
	}
	defer file.Cleanup() //nolint:errcheck // does nothing after a success
	if _, err := file.Write(content); err != nil {
		return err
	}
	if owner, ok := w.owner(); ok {
		_ = file.Chown(int(owner.Uid), int(owner.Gid)) // an error can be ignored: all users can read the file
	}
	return file.CloseAtomicallyReplace()
}

// handOver changes the owner of a directory that this process made to the owner of the workspace.
func (w *Workspace) handOver(root *os.Root, directory string) {
	if owner, ok := w.owner(); ok {
		_ = root.Lchown(directory, int(owner.Uid), int(owner.Gid))
	}
}

// owner returns the owner of the workspace if this process runs as root and the owner is another user. The user of a
// container is root, but the runner that mounts its workspace often is not.
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
