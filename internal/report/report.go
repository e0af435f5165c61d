package report

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/watch"
)

// Outcome is how an operation ended, or how it stands.
type Outcome string

// The outcomes. Any other text is shown as it is.
const (
	Succeeded   Outcome = "succeeded"
	Failed      Outcome = "failed"
	Refused     Outcome = "refused"     // by the orchestrator
	TimedOut    Outcome = "timed out"   // the wait did; the event continues
	Interrupted Outcome = "interrupted" // the wait was; the event continues
	Unknown     Outcome = "unknown"     // whether the request was carried out
	Running     Outcome = "running"
	Accepted    Outcome = "accepted" // started, and not waited for
	NotStarted  Outcome = "not started"
	NotFound    Outcome = "not found" // no AMI is what was asked for
)

// The states of an event, as the wait knows them. Any other text is shown as it is.
const (
	stateWaiting   = string(watch.Waiting)
	stateRunning   = string(watch.Running)
	stateCompleted = string(watch.Completed)
	stateFailed    = string(watch.Failed)
	stateError     = string(watch.Errored)
	stateBlocked   = string(watch.Blocked)
)

// Report is all that is known at one moment of an operation and its lifecycle. Zero values are not
// shown, so that the zero Report is short and right.
type Report struct {
	Operation lifecycle.Operation
	// LifecycleID is needed only as long as there is no Document.
	LifecycleID string
	// Document is the newest one; nil before the first was read.
	Document *lifecycle.Document
	Outcome  Outcome
	// Events are those of this operation. What it has not seen is taken from the Document.
	Events []Event
	// FailureTitle says in a few words what failed, such as "Smoke tests failed".
	FailureTitle string
	// Failure says why it failed, NextStep what to do about it, Resume how to go on from here: a command, or what goes
	// into the pipeline's file. Each may have several lines.
	Failure, NextStep, Resume string
	// ResumeSyntax is the language of Resume, such as "yaml"; "" is that of a shell.
	ResumeSyntax string
	// Log is the end of the log of what failed, Links are pages that say more of it.
	Log   []string
	Links []Link
	// SavedFile is the file that the operation has saved, as later steps name it, or "".
	SavedFile string
	// FailOnSeverity is the gate that scans had to pass, or "".
	FailOnSeverity lifecycle.Severity
	Run            Link
	Now            time.Time
	// Redactor redacts every text; nil means one that does not know any secrets, only how they look.
	Redactor *redact.Redactor
}

// Event is one event as the operation saw it.
type Event struct {
	Event lifecycle.Event
	// State is one of watch's states.
	State          string
	Started, Ended time.Time
	// Detail says more in a sentence: why it failed, what it waits for.
	Detail string
	// Steps are what was seen of the event's inside, in the order in which they began.
	Steps []Step
}

// Step is a step inside an event. State is COMPLETED, FAILED or RUNNING, or another text, which is shown as it is. Ended is zero where
// that was not seen: such a step lasts as long as its event.
type Step struct {
	Name, State    string
	Started, Ended time.Time
}

// Link is a page, and what to call it.
type Link struct{ Title, URL string }
