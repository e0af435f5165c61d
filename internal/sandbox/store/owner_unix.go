//go:build unix

package store

import (
	"os"
	"path/filepath"
	"syscall"
)

// giveToOwner gives a new file or directory to the owner of the directory in which it was made. A container
// runs as root on a workspace that belongs to the runner's user, who must be able to read and delete what it
// leaves behind. Only root can give files away; for other users the owner is right already.
func giveToOwner(path string) {
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return
	}
	if parent, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		_ = os.Lchown(path, int(parent.Uid), int(parent.Gid))
	}
}
