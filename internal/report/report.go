package report

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/watch"
)

// Outcome is how an operation ended, or its state if it has not ended.
type Outcome string

// The outcomes. Any other text is shown unchanged.
const (
	Succeeded   Outcome = "succeeded"
	Failed      Outcome = "failed"
	Refused     Outcome = "refused"     // by the orchestrator
	TimedOut    Outcome = "timed out"   // the wait timed out; the event continues
	Interrupted Outcome = "interrupted" // the wait was interrupted; the event continues
	Unknown     Outcome = "unknown"     // it is unknown whether the request was carried out
	Running     Outcome = "running"
	Accepted    Outcome = "accepted" // the event was started without waiting for it
	NotStarted  Outcome = "not started"
	NotFound    Outcome = "not found" // no AMI matches the selection
)

// The states of an event. Any other text is shown unchanged.
const (
	stateWaiting   = string(watch.Waiting)
	stateRunning   = string(watch.Running)
	stateCompleted = string(watch.Completed)
	stateFailed    = string(watch.Failed)
	stateError     = string(watch.Errored)
	stateBlocked   = string(watch.Blocked)
)

// Report is everything that is known about an operation and its lifecycle at one moment. Fields with zero values are not
// shown, so that the zero Report is short and valid.
type Report struct {
	Operation lifecycle.Operation
	// LifecycleID is used only if Document is nil.
	LifecycleID string
	// Document is the newest status document, or nil if none has been read.
	Document *lifecycle.Document
	Outcome  Outcome
	// Events holds the events of this operation. Other events, and fields that are zero here, are taken from Document.
	Events []Event
	// FailureTitle says in a few words what failed, such as "Smoke tests failed".
	FailureTitle string
	// Failure says why the operation failed, NextStep what to do about it, and Resume how to continue: a command, or an
	// entry for the pipeline's file. Each may have several lines.
	Failure, NextStep, Resume string
	// ResumeSyntax is the language of Resume, such as "yaml". "" means a shell command.
	ResumeSyntax string
	// Log is the end of the log of a failed build. Links are pages with more details of the failure.
	Log   []string
	Links []Link
	// SavedFile is the file that the operation has saved, by the path that later steps use, or "".
	SavedFile string
	// FailOnSeverity is the gate that scans must pass, or "".
	FailOnSeverity lifecycle.Severity
	Run            Link
	Now            time.Time
	// Redactor redacts every text. If it is nil, a new Redactor without known secrets is used.
	Redactor *redact.Redactor
}

// Event is one event as the operation saw it.
type Event struct {
	Event lifecycle.Event
	// State is one of the states of package watch.
	State          string
	Started, Ended time.Time
	// Detail is a sentence with more information: why the event failed, or what it waits for.
	Detail string
	// Steps holds the known steps inside the event, in the order in which they began.
	Steps []Step
}

// Step is a step inside an event. State is COMPLETED, FAILED or RUNNING; any other text is shown unchanged. If Ended is
// zero, the end is unknown and the step is shown to last as long as its event.
type Step struct {
	Name, State    string
	Started, Ended time.Time
}

// Link is the address of a page with its title.
type Link struct{ Title, URL string }
