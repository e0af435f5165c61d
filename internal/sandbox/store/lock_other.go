//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package store

import (
	"errors"
	"os"
)

// locksOpenFiles is false where bbolt's lock ends only with the database, so that it is closed after each transaction.
const locksOpenFiles = false

func lock(*os.File, bool) (bool, error) { return false, errors.ErrUnsupported }

func unlock(*os.File) error { return errors.ErrUnsupported }
