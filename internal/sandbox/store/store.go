// Package store keeps the state of a sandbox in a directory, so that several processes can work on it
// at once and a process that is killed at any moment has kept all that it acknowledged.
//
// The database is opened for each transaction and closed after it: a bbolt database that stays open
// keeps every other process out. A committed transaction is on the disk (bbolt syncs it).
package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/org/ami-action/internal/sleep"
)

const (
	fileName = "sandbox.db"
	// lockTimeout is how long a transaction waits for the processes before it.
	lockTimeout = 20 * time.Second
	// lockRetry is short, because bbolt's own wait of 50 ms would be most of an answer's time.
	lockRetry = time.Millisecond
)

// Store is the state in one directory. It is safe for concurrent use.
type Store struct {
	dir, path string
	// mu orders the transactions of this process: file locks would let them wait for each other by
	// polling.
	mu sync.RWMutex
	// damage is what is wrong with the database, once that is known.
	damage atomic.Pointer[error]
}

// Open makes the directory and the database in it where they are not there yet. populate fills a new
// database; it is not called for one that exists. The directory gets a .gitignore, since it usually
// lies in a checkout and holds keys. What is made belongs to the owner of the directory that it is made in.
// The error is a [Failure] where it is known what to do.
func Open(dir string, populate func(*Tx) error) (*Store, error) {
	store := &Store{dir: dir, path: filepath.Join(dir, fileName)}
	if err := store.prepare(populate); err != nil {
		return nil, store.explain(err)
	}
	return store, nil
}

func (s *Store) prepare(populate func(*Tx) error) error {
	if err := makeDir(s.dir); err != nil {
		return fmt.Errorf("making the sandbox's directory: %w", err)
	}
	ignore := filepath.Join(s.dir, ".gitignore")
	if _, err := os.Stat(ignore); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(ignore, []byte("*\n"), 0o600); err != nil {
			return fmt.Errorf("making the sandbox's directory: %w", err)
		}
		giveToOwner(ignore)
	}
	if _, err := os.Stat(s.path); errors.Is(err, os.ErrNotExist) {
		if err := s.create(populate); err != nil {
			return fmt.Errorf("making the sandbox's database: %w", err)
		}
		return nil
	}
	return s.complete()
}

// makeDir makes the directory and those above it that are missing, each with the owner of the one above.
func makeDir(dir string) error {
	if info, err := os.Stat(dir); err == nil && info.IsDir() {
		return nil
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := makeDir(parent); err != nil {
			return err
		}
	}
	err := os.Mkdir(dir, 0o700)
	if info, statErr := os.Stat(dir); errors.Is(err, os.ErrExist) && statErr == nil && info.IsDir() {
		return nil // Another process was faster.
	}
	if err == nil {
		giveToOwner(dir)
	}
	return err
}

// complete adds the buckets that a database of an earlier version does not have. One without lifecycles is
// no database of the sandbox's.
func (s *Store) complete() error {
	ctx := context.Background()
	missing := false
	err := s.View(ctx, func(tx *Tx) error {
		if tx.bolt.Bucket(lifecyclesBucket) == nil {
			return errDamaged
		}
		for _, bucket := range buckets {
			missing = missing || tx.bolt.Bucket(bucket) == nil
		}
		return nil
	})
	if err != nil || !missing {
		return err
	}
	return s.Update(ctx, func(tx *Tx) error { return makeBuckets(tx.bolt) })
}

func makeBuckets(tx *bolt.Tx) error {
	for _, bucket := range buckets {
		if _, err := tx.CreateBucketIfNotExists(bucket); err != nil {
			return err
		}
	}
	return nil
}

// create builds the database under another name and links it to its own when it is whole: a process
// that is killed meanwhile leaves no half of one, and of two processes one wins.
func (s *Store) create(populate func(*Tx) error) error {
	draft, err := os.CreateTemp(s.dir, "new-*.db")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	if err := draft.Close(); err != nil {
		return err
	}
	giveToOwner(draft.Name())
	db, err := bolt.Open(draft.Name(), 0o600, nil)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		if err := makeBuckets(tx); err != nil {
			return err
		}
		return populate(&Tx{bolt: tx})
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	err = os.Link(draft.Name(), s.path)
	if err == nil || errors.Is(err, os.ErrExist) {
		return nil
	}
	// Some file systems have no links.
	return os.Rename(draft.Name(), s.path)
}

// View calls read with a transaction that sees one state and changes nothing: what would change
// something in it fails with [ErrReadOnly].
func (s *Store) View(ctx context.Context, read func(*Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.transact(ctx, true, func(db *bolt.DB) error {
		return db.View(func(tx *bolt.Tx) error { return read(&Tx{bolt: tx}) })
	})
}

// Update calls change with a transaction that no other overlaps. What it did is on the disk when Update
// returns nil, and nothing of it is when it returns an error.
func (s *Store) Update(ctx context.Context, change func(*Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transact(ctx, false, func(db *bolt.DB) error {
		return db.Update(func(tx *bolt.Tx) error { return change(&Tx{bolt: tx}) })
	})
}

func (s *Store) transact(ctx context.Context, readOnly bool, work func(*bolt.DB) error) (err error) {
	// A file that is shorter than its content says makes reading fault, since it is mapped into memory.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if panicked := recover(); panicked != nil {
			err = s.damaged(damageOf(panicked))
		}
	}()
	if err := s.damage.Load(); err != nil {
		return *err
	}
	db, err := s.open(ctx, readOnly)
	if err != nil {
		return s.explain(fmt.Errorf("opening the sandbox's database: %w", err))
	}
	return s.explain(errors.Join(work(db), db.Close()))
}

// damaged keeps what is wrong with the database for all that follow: a transaction that was cut off in the
// middle may have left the file locked.
func (s *Store) damaged(err error) error {
	err = s.explain(err)
	s.damage.Store(&err)
	return err
}

func (s *Store) open(ctx context.Context, readOnly bool) (*bolt.DB, error) {
	// The database makes a file that is missing, and fills an empty one.
	if info, err := os.Stat(s.path); err != nil {
		return nil, err
	} else if info.Size() == 0 {
		return nil, errDamaged
	}
	ctx, cancel := context.WithTimeout(ctx, lockTimeout)
	defer cancel()
	for {
		db, err := bolt.Open(s.path, 0o600, &bolt.Options{
			Timeout: time.Nanosecond, ReadOnly: readOnly, NoStatistics: true,
		})
		if !errors.Is(err, bolterrors.ErrTimeout) {
			return db, err
		}
		if err := sleep.For(ctx, lockRetry); err != nil {
			return nil, fmt.Errorf("another process keeps it locked: %w", err)
		}
	}
}
