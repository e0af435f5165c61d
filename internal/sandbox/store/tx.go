package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// ErrReadOnly is the error of a write in a transaction of [Store.View].
var ErrReadOnly = bolterrors.ErrTxNotWritable

var (
	lifecyclesBucket = []byte("lifecycles")
	seedsBucket      = []byte("seeds")
	keysBucket       = []byte("keys")
	pendingBucket    = []byte("pending")
	settingsBucket   = []byte("settings")
	objectsBucket    = []byte("objects")
	imagesBucket     = []byte("images")
	imageTagsBucket  = []byte("image tags")

	buckets = [][]byte{
		lifecyclesBucket, seedsBucket, keysBucket, pendingBucket, settingsBucket, objectsBucket,
		imagesBucket, imageTagsBucket,
	}
)

// Tx is one transaction.
type Tx struct{ bolt *bolt.Tx }

// Lifecycle returns the lifecycle with the id, or nil if there is none.
func (tx *Tx) Lifecycle(id string) (*Lifecycle, error) {
	data := tx.bolt.Bucket(lifecyclesBucket).Get([]byte(id))
	if data == nil {
		return nil, nil
	}
	return DecodeLifecycle(data)
}

// Lifecycles calls visit for each lifecycle, in the order of the ids, until visit returns an error.
func (tx *Tx) Lifecycles(visit func(*Lifecycle) error) error {
	return tx.bolt.Bucket(lifecyclesBucket).ForEach(func(_, data []byte) error {
		one, err := DecodeLifecycle(data)
		if err != nil {
			return err
		}
		return visit(one)
	})
}

// Records calls visit with the stored JSON of each lifecycle, in the order of the ids, until visit returns an error. The
// record is valid only within the transaction. It is for callers that need few members of many lifecycles.
func (tx *Tx) Records(visit func(id string, record []byte) error) error {
	return tx.bolt.Bucket(lifecyclesBucket).ForEach(func(id, record []byte) error { return visit(string(id), record) })
}

// PutLifecycle stores the lifecycle under its id.
func (tx *Tx) PutLifecycle(one *Lifecycle) error {
	return tx.put(lifecyclesBucket, []byte(one.ID), one)
}

// Seed returns the version that the next build of the stack tag gets, or "" if none has been built yet.
func (tx *Tx) Seed(stackTag string) string {
	return string(tx.bolt.Bucket(seedsBucket).Get([]byte(stackTag)))
}

// PutSeed sets the version that the next build of the stack tag gets.
func (tx *Tx) PutSeed(stackTag, version string) error {
	return tx.bolt.Bucket(seedsBucket).Put([]byte(stackTag), []byte(version))
}

// Key returns the API key of that name, or "" if there is none.
func (tx *Tx) Key(name string) string {
	return string(tx.bolt.Bucket(keysBucket).Get([]byte(name)))
}

// PutKey replaces the API key of that name.
func (tx *Tx) PutKey(name, key string) error {
	return tx.bolt.Bucket(keysBucket).Put([]byte(name), []byte(key))
}

// Setting returns a setting of the sandbox that is kept with the state, or "" if it is not set.
func (tx *Tx) Setting(name string) string {
	return string(tx.bolt.Bucket(settingsBucket).Get([]byte(name)))
}

// PutSetting sets a setting of the sandbox that is kept with the state.
func (tx *Tx) PutSetting(name, value string) error {
	return tx.bolt.Bucket(settingsBucket).Put([]byte(name), []byte(value))
}

// Object returns the object under that key of the S3 bucket, or nil if there is none.
func (tx *Tx) Object(bucket, key string) (*Object, error) {
	data := tx.bolt.Bucket(objectsBucket).Get([]byte(bucket + "/" + key))
	if data == nil {
		return nil, nil
	}
	object := new(Object)
	return object, decode(data, object)
}

// PutObject stores an object under that key of the S3 bucket.
func (tx *Tx) PutObject(bucket, key string, object *Object) error {
	return tx.put(objectsBucket, []byte(bucket+"/"+key), object)
}

// Enqueue adds a pending step, behind those of the same time.
func (tx *Tx) Enqueue(one Pending) error {
	bucket := tx.bolt.Bucket(pendingBucket)
	place, err := bucket.NextSequence()
	if err != nil {
		return err
	}
	one.key = pendingKey(one.At, place)
	return tx.put(pendingBucket, one.key, one)
}

// Dequeue removes a pending step.
func (tx *Tx) Dequeue(one *Pending) error { return tx.bolt.Bucket(pendingBucket).Delete(one.key) }

// Due returns the earliest pending step if its time is not after now, and nil otherwise.
func (tx *Tx) Due(now time.Time) (*Pending, error) {
	key, data := tx.bolt.Bucket(pendingBucket).Cursor().First()
	if key == nil || bytes.Compare(key[:8], pendingKey(now, 0)[:8]) > 0 {
		return nil, nil
	}
	return decodePending(key, data)
}

// Pending calls visit for each pending step, in the order of their times, until visit returns an error. visit may add
// and remove pending steps.
func (tx *Tx) Pending(visit func(*Pending) error) error {
	var all []*Pending
	err := tx.bolt.Bucket(pendingBucket).ForEach(func(key, data []byte) error {
		one, err := decodePending(key, data)
		all = append(all, one)
		return err
	})
	for _, one := range all {
		if err == nil {
			err = visit(one)
		}
	}
	return err
}

// pendingKey returns a key that sorts by time, then by the order of arrival. The zero time sorts last and is never due.
func pendingKey(at time.Time, place uint64) []byte {
	nanos := uint64(math.MaxUint64)
	if !at.IsZero() {
		nanos = uint64(max(at.UnixNano(), 0))
	}
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, nanos), place)
}

func decodePending(key, data []byte) (*Pending, error) {
	one := &Pending{key: bytes.Clone(key)}
	return one, decode(data, one)
}

// DecodeLifecycle decodes the stored JSON of a lifecycle.
func DecodeLifecycle(data []byte) (*Lifecycle, error) {
	one := new(Lifecycle)
	return one, decode(data, one)
}

// decode keeps numbers as they were written, because a document can hold any value that a client has sent.
func decode(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errDamaged, err)
	}
	return nil
}

func (tx *Tx) put(bucket, key []byte, value any) error {
	if !tx.bolt.Writable() {
		return ErrReadOnly
	}
	data, err := json.Marshal(value)
	if err != nil {
		return errors.Join(errors.New("a value cannot be stored"), err)
	}
	return tx.bolt.Bucket(bucket).Put(key, data)
}
