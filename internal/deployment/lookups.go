package deployment

import (
	"sync"

	"golang.org/x/sync/singleflight"
)

// lookups caches results by name, and shares a look-up that is in progress. The zero value is ready for use.
type lookups[T any] struct {
	flights singleflight.Group
	found   sync.Map // of T, by name
}

// get returns the cached result for the name, or else that of look, which it caches.
func (l *lookups[T]) get(name string, look func() (T, error)) (T, error) {
	if known, ok := l.found.Load(name); ok {
		return known.(T), nil
	}
	return l.fly("get "+name, name, func() (T, error) {
		// Another look-up may have ended since the check above.
		if known, ok := l.found.Load(name); ok {
			return known.(T), nil
		}
		return look()
	})
}

// renew calls look even if there is a cached result, and replaces it.
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
