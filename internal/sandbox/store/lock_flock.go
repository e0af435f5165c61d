//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package store

import (
	"errors"
	"os"
	"syscall"
)

// locksOpenFiles is true where a file can be locked and unlocked while the database is open: bbolt locks it in the same
// way, but only when it opens and closes the database.
const locksOpenFiles = true

// lock locks the file against other processes, or for a reader against their writers. It returns false if another
// process has it locked.
func lock(file *os.File, readOnly bool) (bool, error) {
	how := syscall.LOCK_EX
	if readOnly {
		how = syscall.LOCK_SH
	}
	err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, os.NewSyscallError("flock", err)
}

func unlock(file *os.File) error {
	return os.NewSyscallError("flock", syscall.Flock(int(file.Fd()), syscall.LOCK_UN))
}
