package orchestrator

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// InvalidError means that a request was not sent, because the orchestrator cannot process it: it fails on such a request
// or stores it without running it (docs/wire-contract.md, "Refused, and done all the same").
type InvalidError struct {
	Operation lifecycle.Operation
	// Reason is what is wrong with the request.
	Reason string
}

func (e *InvalidError) Error() string { return "nothing was sent: " + e.Reason }

// RefusedError means that the orchestrator refused the request. A refused request can still have changed something.
// Where that is possible, Hint says so.
type RefusedError struct {
	Operation lifecycle.Operation
	// LifecycleID is the lifecycle that the request is about, or "" for an operation without one.
	LifecycleID string
	// Status is the HTTP status, nearly always 500.
	Status int
	// Text is the orchestrator's text, after Options.Redact, shortened. It can be an internal Python error, or the
	// beginning of a whole lifecycle with its secrets. Without Options.Redact it must be redacted before it is shown.
	// The wording differs between deployments, so no decision may depend on it.
	Text string
	// Hint says what the refusal probably means, and what to do.
	Hint string
}

func (e *RefusedError) Error() string {
	return sentence(e.Operation, e.LifecycleID, "the orchestrator refused", e.Status, e.Text, e.Hint)
}

// UnavailableError means that there is no usable response, and that nothing was changed: the request only reads, or it
// was certainly not carried out.
type UnavailableError struct {
	Operation   lifecycle.Operation
	LifecycleID string
	// Status is the HTTP status of the last response, or 0 if there was none.
	Status int
	// Reason says what happened instead of a usable response.
	Reason string
	// Hint says what to do.
	Hint string
	// RetryAfter is how long the server asked the client to wait, or 0 if it did not say.
	RetryAfter time.Duration
	// Err is the cause if there was no response: for errors.Is and errors.As, not to be shown.
	Err error
}

func (e *UnavailableError) Error() string {
	return sentence(e.Operation, e.LifecycleID, "no usable response", e.Status, e.Reason, e.Hint)
}

func (e *UnavailableError) Unwrap() error { return e.Err }

// UncertainError means that a request that changes something was sent, but there is no usable response: it may or may
// not have been carried out. It was sent only once, since sending it again might do it twice: check the status first.
type UncertainError struct {
	Operation   lifecycle.Operation
	LifecycleID string
	// Status is the HTTP status of the response, or 0 if there was none.
	Status int
	// Reason says what happened instead of a usable response.
	Reason string
	// Hint says what to do.
	Hint string
	// Err is the cause if there was no response: for errors.Is and errors.As, not to be shown.
	Err error
}

func (e *UncertainError) Error() string {
	return sentence(e.Operation, e.LifecycleID, "it is unknown whether this was done", e.Status, e.Reason, e.Hint)
}

func (e *UncertainError) Unwrap() error { return e.Err }

// Throttled reports whether the gateway refused the request because there were too many at once, and how long it asked
// the client to wait, or 0 if it did not say.
func (e *UnavailableError) Throttled() (after time.Duration, is bool) {
	return e.RetryAfter, e.Status == http.StatusTooManyRequests
}

func sentence(o lifecycle.Operation, id, what string, status int, why, hint string) string {
	var text strings.Builder
	text.WriteString(string(o))
	if id != "" {
		fmt.Fprintf(&text, " of lifecycle %s", id)
	}
	text.WriteString(": " + what)
	if status != 0 {
		fmt.Fprintf(&text, " (HTTP %d %s)", status, http.StatusText(status))
	}
	if why != "" {
		text.WriteString(": " + why)
	}
	if hint != "" {
		text.WriteString("; " + hint)
	}
	return text.String()
}
