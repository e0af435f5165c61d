package outcome

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/watch"
)

// Error is why an operation did not end well. Its parts are rendered once, where people read them: what
// happened, what to do next, and the line that goes on are lines of their own there.
type Error struct {
	Kind Kind
	// LifecycleID is the lifecycle that it is about, "" for none.
	LifecycleID string
	// Event is the event that it is about and State how that event ended; both are empty for none.
	Event lifecycle.Event
	State watch.State
	// Reason says in a sentence without a full stop what happened, and to what. It may hold the server's own
	// text.
	Reason string
	// Hint says what to do next, Resume is the command line that goes on; both may be empty.
	Hint, Resume string
	// Log is the end of the log of what failed, oldest line first.
	Log []string
	// Links are pages that say more.
	Links []Link
	// Signal is what interrupted the command, of the kind [Interrupted].
	Signal os.Signal
	// Err is the cause, or nil. Its text follows the reason.
	Err error
}

// Link is a page, and what to call it.
type Link struct{ Title, URL string }

// Error says what happened, in one line where the cause does. It holds neither the hint nor the line that goes on.
func (e *Error) Error() string {
	text := e.Reason
	if e.State != "" {
		text = fmt.Sprintf("%s %s: %s", cmp.Or(e.Event.String(), nameless), endings[e.State], e.Reason)
	}
	if e.LifecycleID != "" {
		text = fmt.Sprintf("lifecycle %s: %s", e.LifecycleID, text)
	}
	if e.Err != nil {
		text = strings.TrimPrefix(text+": "+e.Err.Error(), ": ")
	}
	return text
}

// nameless is what an event is called whose name the server has left out.
const nameless = "an event without a name"

// endings say how an event ended.
var endings = map[watch.State]string{
	watch.Failed: "failed", watch.Errored: "ended in an error", watch.Blocked: "is blocked",
}

func (e *Error) Unwrap() error { return e.Err }

// Title is a short heading for the error, such as "Smoke tests failed", or "".
func (e *Error) Title() string {
	if e.Kind == GateNotPassed {
		return "Gate not passed"
	}
	if e.State == "" {
		return ""
	}
	return cmp.Or(e.Event.Title(), nameless) + " " + endings[e.State]
}
