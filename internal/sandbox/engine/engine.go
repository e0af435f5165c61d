// Package engine behaves like the handlers of a deployed orchestrator, quirks included: what each request stores,
// starts, returns and refuses (docs/wire-contract.md), and what happens afterwards without a request.
//
// The state is in the store; in memory the engine keeps only a cache that it can rebuild. A step that needs no request,
// such as the end of an event, is stored as pending with its time. The next request carries out all steps that are due,
// in the order of their times.
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

// Engine is the orchestrator's behaviour. Its fields must be set before its first use and not changed later.
type Engine struct {
	// BaseURL is the API's own address, stage included, as it appears in documents.
	BaseURL string
	Now     func() time.Time
	// Rand is the source of ids and keys.
	Rand io.Reader
	// Manual keeps executions running until [Engine.EndEvent].
	Manual bool
	// Duration returns how long an execution of the event runs.
	Duration func(lifecycle.Event) time.Duration
	// Outcome returns how an execution of the event ends. It is called when the execution starts.
	Outcome func(lifecycle.Event) lifecycle.Status
	// Fate returns how an execution of the event fails without a report to the orchestrator, or "" if it reports its end.
	// It is called when the execution starts. A nil Fate returns "" for every event.
	Fate func(lifecycle.Event) store.Fate
	// QueueDelay is how long a certification or a refused approval is in the queue.
	QueueDelay time.Duration
	// HandoverDelay is the time between a result and the start of the next event, with no event in progress.
	HandoverDelay time.Duration

	rows overviewRows
}

// Call is a request to the API.
type Call struct {
	Operation lifecycle.Operation
	// LifecycleID is the id in the path. It counts only for a request without a body; others have the id in the body.
	LifecycleID string
	// Path is the whole path, for the error texts that quote it.
	Path string
	// Key is the api_key in the query, and HasKey whether the query has one.
	Key    string
	HasKey bool
	// Body is the request's body. It is empty if there is none.
	Body []byte
}

// Response is the response of a handler. Value is the body of a JSON response, HTML the body of a page.
type Response struct {
	// IsUnknown is true if the call names an unknown lifecycle. The text in Value does not say so.
	IsUnknown bool
	Status    int
	Value     any
	HTML      []byte
}

// errCrash is the error of a handler that fails while it returns an error. API Gateway then responds in its place.
var errCrash = errors.New("the handler crashed")

// Do first carries out all steps that are due, then handles the call. The error is [store.ErrReadOnly] if the call needs
// a transaction that can write; any other error means that the state could not be read or stored. A failure that the
// orchestrator itself reports is a [Response].
func (e *Engine) Do(tx *store.Tx, call Call) (Response, error) {
	at := e.Now().UTC()
	if err := e.Settle(tx, at); err != nil {
		return Response{}, err
	}
	response, err := e.handle(tx, call, at)
	if refusal, ok := errors.AsType[python.Error](err); ok {
		response := refused(refusal)
		response.IsUnknown = refusal == errUnknown
		return response, nil
	}
	if errors.Is(err, errCrash) {
		return Response{Status: 500, Value: python.Dict{"message": "Internal Server Error"}}, nil
	}
	return response, err
}

func (e *Engine) handle(tx *store.Tx, call Call, at time.Time) (Response, error) {
	switch call.Operation {
	case lifecycle.GetStatus, lifecycle.GetStatuses, lifecycle.TimelineCreate, lifecycle.TimelinePatch:
		return e.read(tx, call, at)
	}
	value, err := e.write(tx, call, at)
	return Response{Status: 200, Value: value}, err
}

func refused(err python.Error) Response {
	return Response{Status: 500, Value: python.Dict{"error": err.Error()}}
}

func (e *Engine) newID() (string, error) {
	id, err := uuid.NewRandomFromReader(e.Rand)
	return id.String(), err
}

// randomText returns n random characters of the alphabet, all equally likely. The alphabet has 256 characters at most.
func (e *Engine) randomText(n int, alphabet string) (string, error) {
	limit := byte(256 / len(alphabet) * len(alphabet) % 256)
	text := make([]byte, 0, n)
	buffer := make([]byte, n)
	for len(text) < n {
		if _, err := io.ReadFull(e.Rand, buffer); err != nil {
			return "", err
		}
		for _, b := range buffer {
			// A byte beyond the greatest multiple of the alphabet's length is dropped: it makes the first characters
			// likelier than the others.
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
