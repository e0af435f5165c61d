package sandbox

import (
	"slices"
	"sync"
)

// requestLog records the routes of the first [maxLogged] requests since the sandbox started, without control routes
// and refused requests. It is safe for concurrent use.
type requestLog struct {
	mu    sync.Mutex
	names []string
}

// maxLogged bounds the memory of a sandbox that runs for days.
const maxLogged = 100_000

func (l *requestLog) add(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.names) < maxLogged {
		l.names = append(l.names, name)
	}
}

// arrived is the response to GET /_sandbox/requests.
type arrived struct {
	// Counts is how often each route was requested.
	Counts map[string]int `json:"counts"`
	// Requests lists the routes in the order of arrival.
	Requests []string `json:"requests"`
}

func (l *requestLog) arrived() arrived {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := arrived{Counts: map[string]int{}, Requests: slices.Clone(l.names)}
	for _, name := range l.names {
		all.Counts[name]++
	}
	return all
}
