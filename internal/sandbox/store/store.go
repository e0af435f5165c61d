// Package store keeps the state of a sandbox in a directory. Several processes can use it at once, and a process that
// is killed loses nothing that it has acknowledged.
//
// The database is opened for each transaction and closed after it, because an open bbolt database locks out every other
// process. A committed transaction is on disk: bbolt syncs it.
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
	// lockTimeout is how long a transaction waits for the lock on the database.
	lockTimeout = 20 * time.Second
	// lockRetry is the time between attempts to lock. bbolt itself tries every 50 ms, which is longer than most requests
	// take.
	lockRetry = time.Millisecond
)

// Store is the state in one directory. It is safe for concurrent use.
type Store struct {
	dir, path string
	// mu orders the transactions of this process, which otherwise have to poll for the file lock.
	mu sync.RWMutex
	// damage is the error of a damaged database, once it is known.
	damage atomic.Pointer[error]
}

// Open opens the state in the directory. It creates the directory and the database if they do not exist. populate fills
// a new database; it is not called for an existing one. The directory gets a .gitignore, because it holds keys and is
// usually in a checkout. New files belong to the owner of the directory that they are in. The error is a [Failure] if
// its fix is known.
func Open(dir string, populate func(*Tx) error) (*Store, error) {
	store := &Store{dir: dir, path: filepath.Join(dir, fileName)}
	if err := store.prepare(populate); err != nil {
		return nil, store.explain(err)
	}
	return store, nil
}

func (s *Store) prepare(populate func(*Tx) error) error {
	if err := makeDir(s.dir); err != nil {
		return fmt.Errorf("creating the sandbox's directory: %w", err)
	}
	ignore := filepath.Join(s.dir, ".gitignore")
	if _, err := os.Stat(ignore); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(ignore, []byte("*\n"), 0o600); err != nil {
			return fmt.Errorf("creating the sandbox's directory: %w", err)
		}
		giveToOwner(ignore)
	}
	if _, err := os.Stat(s.path); errors.Is(err, os.ErrNotExist) {
		if err := s.create(populate); err != nil {
			return fmt.Errorf("creating the sandbox's database: %w", err)
		}
		return nil
	}
	return s.complete()
}

// makeDir creates the directory and its missing parents, each with the owner of its parent.
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
		return nil // Another process created it first.
	}
	if err == nil {
		giveToOwner(dir)
	}
	return err
}

// complete adds the buckets that the database of an earlier version lacks. A database without the bucket of lifecycles
// is not the sandbox's, which is an error.
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

// create writes the database under a temporary name and links it to its own name when it is complete. A process that is
// killed leaves no incomplete database. If two processes create it at once, both use the one that is linked first.
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
	// Some file systems do not support hard links.
	return os.Rename(draft.Name(), s.path)
}

// View calls read with a read-only transaction, which sees the state at one moment. A write in it fails with
// [ErrReadOnly].
func (s *Store) View(ctx context.Context, read func(*Tx) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.transact(ctx, true, func(db *bolt.DB) error {
		return db.View(func(tx *bolt.Tx) error { return read(&Tx{bolt: tx}) })
	})
}

// Update calls change with a transaction that runs alone. If Update returns nil, all changes are on disk; if it returns
// an error, none are.
func (s *Store) Update(ctx context.Context, change func(*Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transact(ctx, false, func(db *bolt.DB) error {
		return db.Update(func(tx *bolt.Tx) error { return change(&Tx{bolt: tx}) })
	})
}

func (s *Store) transact(ctx context.Context, readOnly bool, work func(*bolt.DB) error) (err error) {
	// The file is mapped into memory, so reading one that is shorter than its content says is a memory fault.
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

// damaged stores the error, which every later transaction then returns at once: the transaction that panicked may have
// left the file locked.
func (s *Store) damaged(err error) error {
	err = s.explain(err)
	s.damage.Store(&err)
	return err
}

func (s *Store) open(ctx context.Context, readOnly bool) (*bolt.DB, error) {
	// bbolt creates a missing file and initializes an empty one. Both are errors here.
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
