//go:build unix

package store

import (
	"os"
	"path/filepath"
	"syscall"
)

// giveToOwner gives a new file or directory to the owner of the directory that it is in. A container runs as root in a
// workspace of the runner's user, who must be able to read and delete the files later. Only root can give files away;
// for other users it does nothing. It is best effort: errors are ignored.
func giveToOwner(path string) {
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return
	}
	if parent, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		_ = os.Lchown(path, int(parent.Uid), int(parent.Gid))
	}
}
