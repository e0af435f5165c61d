package outcome

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/watch"
)

// Error is the reason why an operation did not succeed. Its message, its hint and its resume command are separate
// fields, because they are shown on separate lines.
type Error struct {
	Kind Kind
	// LifecycleID is the lifecycle that the error is about, or "" for none.
	LifecycleID string
	// Event is the event that the error is about, and State is how the event ended. Both are empty for none.
	Event lifecycle.Event
	State watch.State
	// Reason says what happened, and to what, in one sentence without a full stop. It may contain text of the server.
	Reason string
	// Hint says what to do next. Resume is the command line that resumes the wait. Both may be empty.
	Hint, Resume string
	// Log is the end of the log of what failed, oldest line first.
	Log []string
	// Links are pages with more information.
	Links []Link
	// Signal is the signal that interrupted the command. It is set for the kind [Interrupted].
	Signal os.Signal
	// Err is the cause, or nil. [Error.Error] appends its text to the reason.
	Err error
}

// Link is a page and its title.
type Link struct{ Title, URL string }

// Error says what happened, without the hint and the resume command. It is one line, unless Err has several.
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

// nameless stands for the name of an event if the server sent none.
const nameless = "an event without a name"

// endings maps the states to the words for them in an error.
var endings = map[watch.State]string{
	watch.Failed: "failed", watch.Errored: "ended in an error", watch.Blocked: "is blocked",
}

func (e *Error) Unwrap() error { return e.Err }

// Title returns a short heading for the error, such as "Smoke tests failed", or "" if the error is not about the end of
// an event or a gate.
func (e *Error) Title() string {
	if e.Kind == GateNotPassed {
		return "Gate not passed"
	}
	if e.State == "" {
		return ""
	}
	return cmp.Or(e.Event.Title(), nameless) + " " + endings[e.State]
}
