package deployment

import (
	"sync"

	"golang.org/x/sync/singleflight"
)

// lookups keeps what was found under a name, and lets nobody look for what is being looked for
// already. The zero value is ready.
type lookups[T any] struct {
	flights singleflight.Group
	found   sync.Map // of T, by name
}

// get returns what is known under the name, else what look finds.
func (l *lookups[T]) get(name string, look func() (T, error)) (T, error) {
	if known, ok := l.found.Load(name); ok {
		return known.(T), nil
	}
	return l.fly("get "+name, name, func() (T, error) {
		// Another flight may have landed since.
		if known, ok := l.found.Load(name); ok {
			return known.(T), nil
		}
		return look()
	})
}

// renew looks again, even where the value is known.
func (l *lookups[T]) renew(name string, look func() (T, error)) (T, error) {
	return l.fly("renew "+name, name, look)
}

func (l *lookups[T]) fly(flight, name string, look func() (T, error)) (T, error) {
	value, err, _ := l.flights.Do(flight, func() (any, error) {
		value, err := look()
		if err == nil {
			l.found.Store(name, value)
		}
		return value, err
	})
	return value.(T), err
}
