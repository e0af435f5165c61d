// Package engine behaves as the handlers of a deployed orchestrator do, quirks included: what each
// request stores, starts, answers and refuses (docs/wire-contract.md), and what happens by itself
// afterwards.
//
// It keeps nothing in memory but what it can make again. State is in the store, and what happens by itself is pending there with
// its time: the next request makes everything happen that was due, in the order of its times.
package engine

import (
	"errors"
	"io"
	"time"

	"github.com/google/uuid"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// Engine is the orchestrator's behaviour. Its fields are set once, before its first use.
type Engine struct {
	// BaseURL is the API's own address, stage included, as it appears in documents.
	BaseURL string
	Now     func() time.Time
	// Rand gives ids and keys.
	Rand io.Reader
	// Manual keeps executions running until [Engine.EndEvent].
	Manual bool
	// Duration says how long an execution of the event runs.
	Duration func(lifecycle.Event) time.Duration
	// Outcome says how an execution of the event ends; it is asked when the execution starts.
	Outcome func(lifecycle.Event) lifecycle.Status
	// Fate says what happens to an execution of the event that the orchestrator never hears of; nil means
	// nothing. It is asked when the execution starts.
	Fate func(lifecycle.Event) store.Fate
	// QueueDelay is how long a queued certification or refusal travels.
	QueueDelay time.Duration
	// HandoverDelay is the moment without an event in progress between a result and the next event.
	HandoverDelay time.Duration

	rows overviewRows
}

// Call is one request to the API.
type Call struct {
	Operation lifecycle.Operation
	// LifecycleID is the path's; requests with a body name the lifecycle in the body, which counts.
	LifecycleID string
	// Path is the whole path, for the texts that quote it.
	Path string
	// Key is the query's api_key, and HasKey whether there was one at all.
	Key    string
	HasKey bool
	// Body is the request's body, nil where there was none.
	Body []byte
}

// Answer is what a handler answers. Value is the body of a JSON answer, HTML that of a page.
type Answer struct {
	// IsUnknown says that the call is about a lifecycle that is not there: the answer's own text does not.
	IsUnknown bool
	Status    int
	Value     any
	HTML      []byte
}

// errCrash is a handler that fails while it answers a failure: the gateway answers in its place.
var errCrash = errors.New("the handler crashed")

// Do handles a call, after all that was due. An error means that nothing could be read or stored, and
// [store.ErrReadOnly] that the call needs a transaction that can change something; every other failure
// is an answer.
func (e *Engine) Do(tx *store.Tx, call Call) (Answer, error) {
	at := e.Now().UTC()
	if err := e.Settle(tx, at); err != nil {
		return Answer{}, err
	}
	answer, err := e.handle(tx, call, at)
	if refusal, ok := errors.AsType[python.Error](err); ok {
		answer := refused(refusal)
		answer.IsUnknown = refusal == errUnknown
		return answer, nil
	}
	if errors.Is(err, errCrash) {
		return Answer{Status: 500, Value: python.Dict{"message": "Internal Server Error"}}, nil
	}
	return answer, err
}

func (e *Engine) handle(tx *store.Tx, call Call, at time.Time) (Answer, error) {
	switch call.Operation {
	case lifecycle.GetStatus, lifecycle.GetStatuses, lifecycle.TimelineCreate, lifecycle.TimelinePatch:
		return e.read(tx, call, at)
	}
	value, err := e.write(tx, call, at)
	return Answer{Status: 200, Value: value}, err
}

func refused(err python.Error) Answer {
	return Answer{Status: 500, Value: python.Dict{"error": err.Error()}}
}

func (e *Engine) newID() (string, error) {
	id, err := uuid.NewRandomFromReader(e.Rand)
	return id.String(), err
}

// randomText returns n characters of the alphabet, whose length must divide no more than 256.
func (e *Engine) randomText(n int, alphabet string) (string, error) {
	limit := byte(256 / len(alphabet) * len(alphabet) % 256)
	text := make([]byte, 0, n)
	buffer := make([]byte, n)
	for len(text) < n {
		if _, err := io.ReadFull(e.Rand, buffer); err != nil {
			return "", err
		}
		for _, b := range buffer {
			// A byte beyond the last whole multiple would make some characters likelier than others.
			if len(text) < n && (limit == 0 || b < limit) {
				text = append(text, alphabet[int(b)%len(alphabet)])
			}
		}
	}
	return string(text), nil
}

const (
	digits    = "0123456789"
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
)

func date(at time.Time) string { return at.UTC().Format(lifecycle.DateLayout) }
