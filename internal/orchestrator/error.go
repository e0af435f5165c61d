package orchestrator

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// InvalidError says that a request was not sent, because the orchestrator would break on it or store it
// without doing it (docs/wire-contract.md, "Refused, and done all the same").
type InvalidError struct {
	Operation lifecycle.Operation
	// Reason is what is wrong with the request.
	Reason string
}

func (e *InvalidError) Error() string { return "nothing was sent: " + e.Reason }

// RefusedError says that the orchestrator has answered, and that its answer is no. A refusal can still
// have changed something: Hint says so where it can.
type RefusedError struct {
	Operation lifecycle.Operation
	// LifecycleID is the lifecycle that was asked about, "" for operations without one.
	LifecycleID string
	// Status is the HTTP status, nearly always 500.
	Status int
	// Text is what the orchestrator said, after Options.Redact, shortened. It can be a Python internal
	// error or the beginning of a whole lifecycle with its secrets, so without Options.Redact it must
	// pass redaction before anyone sees it. Its words differ between deployments: decide nothing on them.
	Text string
	// Hint is what the refusal probably means and what to do.
	Hint string
}

func (e *RefusedError) Error() string {
	return sentence(e.Operation, e.LifecycleID, "the orchestrator refused", e.Status, e.Text, e.Hint)
}

// UnavailableError says that there is no usable answer, and that nothing was changed: the request only
// reads, or it surely was not carried out.
type UnavailableError struct {
	Operation   lifecycle.Operation
	LifecycleID string
	// Status is the HTTP status of the last answer, 0 where there was none.
	Status int
	// Reason is what happened instead of a usable answer.
	Reason string
	// Hint is what to do.
	Hint string
	// RetryAfter is how long the server asked to be left alone, 0 where it did not.
	RetryAfter time.Duration
	// Err is the cause, if it was an error and not an answer: for errors.Is and errors.As, not to be shown.
	Err error
}

func (e *UnavailableError) Error() string {
	return sentence(e.Operation, e.LifecycleID, "no usable answer", e.Status, e.Reason, e.Hint)
}

func (e *UnavailableError) Unwrap() error { return e.Err }

// UncertainError says that a request that changes something was sent, and that there is no usable
// answer: it may or may not have been carried out. It was sent once. Sending it again may do it twice,
// so the status must be looked at first.
type UncertainError struct {
	Operation   lifecycle.Operation
	LifecycleID string
	// Status is the HTTP status of the answer, 0 where there was none.
	Status int
	// Reason is what happened instead of a usable answer.
	Reason string
	// Hint is what to do.
	Hint string
	// Err is the cause, if it was an error and not an answer: for errors.Is and errors.As, not to be shown.
	Err error
}

func (e *UncertainError) Error() string {
	return sentence(e.Operation, e.LifecycleID, "it is unknown whether this was done", e.Status, e.Reason, e.Hint)
}

func (e *UncertainError) Unwrap() error { return e.Err }

// Throttled reports whether the gateway refused the request because too many came at once, and how long it asked to be
// left alone, zero if it did not say.
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
