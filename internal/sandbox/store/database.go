package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/org/ami-action/internal/sleep"
)

const (
	// lockTimeout is how long a transaction waits for the lock on the database.
	lockTimeout = 20 * time.Second
	// lockRetry is the time between attempts to lock. bbolt itself tries every 50 ms, which is longer than most requests
	// take.
	lockRetry = time.Millisecond
)

// database is an open database. Its file is locked only while transactions run.
type database struct {
	bolt     *bolt.DB
	file     *os.File
	readOnly bool
	// last is the id of the last transaction that changed the database, as far as this process knows.
	last int
	// broken is true after a panic, which may have left bbolt's own locks locked. Close would wait for them forever.
	broken bool
}

// ending is how a transaction ended.
type ending int

const (
	panicked ending = iota
	failed
	succeeded
)

// enter locks the database for a transaction and returns it. The caller has to call leave. Transactions that only read
// share the lock.
func (s *Store) enter(ctx context.Context, readOnly bool) (*database, error) {
	s.entering.Lock()
	defer s.entering.Unlock()
	if s.running == 0 {
		if err := s.acquire(ctx, readOnly); err != nil {
			return nil, err
		}
	}
	s.running++
	return s.open, nil
}

// leave unlocks the database after the last of the transactions that share it. After a transaction that failed it also
// closes it, because what bbolt keeps in memory may not be what is on the disk.
func (s *Store) leave(how ending) error {
	s.entering.Lock()
	defer s.entering.Unlock()
	s.open.broken = s.open.broken || how == panicked
	if s.running--; s.running > 0 {
		return nil
	}
	if how == succeeded && locksOpenFiles && !s.closed {
		return unlock(s.open.file)
	}
	return s.drop()
}

// drop closes the database, if it is open. Closing unlocks it.
func (s *Store) drop() error {
	db := s.open
	s.open = nil
	switch {
	case db == nil:
		return nil
	case db.broken:
		return db.file.Close()
	}
	return db.bolt.Close()
}

// acquire waits for the lock on the database, which it opens if necessary.
func (s *Store) acquire(ctx context.Context, readOnly bool) error {
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	for {
		locked, err := s.tryLock(readOnly)
		if err != nil || locked {
			return err
		}
		if err := sleep.For(ctx, lockRetry); err != nil {
			return fmt.Errorf("another process keeps it locked: %w", err)
		}
	}
}

// tryLock returns false if another process has the database locked. A database that is open is used again, unless the
// file has been replaced, another process has changed it, or it was opened for reading and the transaction writes.
func (s *Store) tryLock(readOnly bool) (bool, error) {
	// bbolt creates a missing file and initializes an empty one. Both are errors here.
	info, err := os.Stat(s.path)
	if err != nil {
		return false, err
	}
	if info.Size() == 0 {
		return false, errDamaged
	}
	if s.open != nil && s.open.serves(info, readOnly) {
		if locked, err := lock(s.open.file, readOnly); err != nil || !locked {
			return false, err
		}
		if last, err := s.open.lastChange(); err == nil && last == s.open.last {
			return true, nil
		}
	}
	if err := s.drop(); err != nil {
		return false, err
	}
	s.open, err = openDatabase(s.path, readOnly)
	return s.open != nil, err
}

// serves reports whether the database is in that file and can run the transaction.
func (d *database) serves(file os.FileInfo, readOnly bool) bool {
	own, err := d.file.Stat()
	return err == nil && os.SameFile(own, file) && (readOnly || !d.readOnly)
}

// lastChange returns the id of the last transaction that changed the database. The database must be locked.
func (d *database) lastChange() (int, error) {
	d.broken = true // if bbolt panics here
	tx, err := d.bolt.Begin(false)
	d.broken = false
	if err != nil {
		return 0, err
	}
	return tx.ID(), tx.Rollback()
}

// openDatabase opens and locks the database. It returns nil if another process has it locked.
func openDatabase(path string, readOnly bool) (*database, error) {
	d := &database{readOnly: readOnly}
	var err error
	d.bolt, err = bolt.Open(path, 0o600, &bolt.Options{
		Timeout: time.Nanosecond, ReadOnly: readOnly, NoStatistics: true,
		OpenFile: func(name string, flag int, perm os.FileMode) (file *os.File, err error) {
			d.file, err = os.OpenFile(name, flag, perm)
			return d.file, err
		},
	})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if d.last, err = d.lastChange(); err != nil {
		return nil, errors.Join(err, d.bolt.Close())
	}
	return d, nil
}
