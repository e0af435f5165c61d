// Package store keeps the state of a sandbox in a directory. Several processes can use it at once, and a process that
// is killed loses nothing that it has acknowledged.
//
// An open bbolt database locks out every other process. So the lock is released after each transaction, while the database
// stays open; if another process has changed it by the next transaction, it is opened again. A committed transaction is
// on disk: bbolt syncs it.
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

	bolt "go.etcd.io/bbolt"
)

const fileName = "sandbox.db"

// Store is the state in one directory. It is safe for concurrent use.
type Store struct {
	dir, path string
	// mu orders the transactions of this process, which otherwise have to poll for the file lock.
	mu sync.RWMutex
	// damage is the error of a damaged database, once it is known.
	damage atomic.Pointer[error]

	// entering guards the fields below.
	entering sync.Mutex
	// open is the database, or nil if it is closed. running is the number of transactions that use it.
	open    *database
	running int
	// closed is true after Close.
	closed bool
}

// Open opens the state in the directory. It creates the directory and the database if they do not exist. populate fills
// a new database; it is not called for an existing one. The directory gets a .gitignore, because it holds keys and is
// usually in a checkout. New files belong to the owner of the directory that they are in. The error is a [Failure] if
// its fix is known.
func Open(dir string, populate func(*Tx) error) (*Store, error) {
	store := &Store{dir: dir, path: filepath.Join(dir, fileName)}
	if err := store.prepare(populate); err != nil {
		return nil, store.explain(errors.Join(err, store.Close()))
	}
	return store, nil
}

// Close closes the database. It does not wait for the transactions in progress: the last of them closes it, as does any
// later one.
func (s *Store) Close() error {
	s.entering.Lock()
	defer s.entering.Unlock()
	s.closed = true
	if s.running > 0 {
		return nil
	}
	return s.drop()
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
	return s.transact(ctx, true, func(db *database) error {
		return db.bolt.View(func(tx *bolt.Tx) error { return read(&Tx{bolt: tx}) })
	})
}

// Update calls change with a transaction that runs alone. If Update returns nil, all changes are on disk; if it returns
// an error, none are.
func (s *Store) Update(ctx context.Context, change func(*Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transact(ctx, false, func(db *database) error {
		return db.bolt.Update(func(tx *bolt.Tx) error {
			db.last = tx.ID()
			return change(&Tx{bolt: tx})
		})
	})
}

func (s *Store) transact(ctx context.Context, readOnly bool, work func(*database) error) (err error) {
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
	db, err := s.enter(ctx, readOnly)
	if err != nil {
		return s.explain(fmt.Errorf("opening the sandbox's database: %w", err))
	}
	how := panicked
	defer func() { err = s.explain(errors.Join(err, s.leave(how))) }()
	err = work(db)
	how = succeeded
	if err != nil && !readOnly {
		how = failed
	}
	return err
}

// damaged stores the error, which every later transaction then returns at once.
func (s *Store) damaged(err error) error {
	err = s.explain(err)
	s.damage.Store(&err)
	return err
}
