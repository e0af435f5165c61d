package action

import (
	"fmt"
	"os"
	"syscall"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/watch"
)

// EventError says that an event ended FAILED or in an error, or was blocked by one that did.
type EventError struct {
	LifecycleID string
	Event       lifecycle.Event
	State       watch.State
	// Reason may hold the server's own text.
	Reason string
	Hint   string
}

func (e *EventError) Error() string {
	what := map[watch.State]string{
		watch.Failed: "failed", watch.Errored: "ended in an error", watch.Blocked: "is blocked",
	}[e.State]
	return fmt.Sprintf("lifecycle %s: %s %s: %s; %s", e.LifecycleID, e.Event, what, e.Reason, e.Hint)
}

// GateError says that a vulnerability scan found what the settings do not let pass.
type GateError struct {
	LifecycleID string
	Event       lifecycle.Event
	Least       lifecycle.Severity
	Findings    *lifecycle.Findings
	// Setting is the gate's name as its user writes it.
	Setting string
}

func (e *GateError) Error() string {
	found := fmt.Sprintf("%d findings of severity %s or worse", e.Findings.AtLeast(e.Least), e.Least)
	if n := e.Findings.BySeverity[lifecycle.Untriaged]; n > 0 {
		found += fmt.Sprintf(" (%d of them not triaged yet)", n)
	}
	if e.Findings.Unreadable {
		found = "counts that cannot be read, which prove nothing"
	}
	return fmt.Sprintf("lifecycle %s: %s found %s; mend the image, or set %s otherwise",
		e.LifecycleID, e.Event, found, e.Setting)
}

// StalledError says that nothing has been in progress for so long that nothing will come.
type StalledError struct {
	LifecycleID string
	Err         error
	Resume      string
}

func (e *StalledError) Error() string {
	return fmt.Sprintf("lifecycle %s has stalled: %v; the orchestrator starts nothing where its rules forbid it or its start breaks, "+
		"and says nothing: look at the status, then ask for the event again", e.LifecycleID, e.Err)
}

func (e *StalledError) Unwrap() error { return e.Err }

// resumeWith stands before the command line that goes on.
const resumeWith = ", wait for it with: "

// UnfinishedError says that a wait ended before its events did. They go on.
type UnfinishedError struct {
	LifecycleID string
	Err         error
	// Resume is the command line that goes on with the wait.
	Resume string
}

func (e *UnfinishedError) Error() string {
	return fmt.Sprintf("lifecycle %s: %v; the event goes on", e.LifecycleID, e.Err) + resumeWith + e.Resume
}

func (e *UnfinishedError) Unwrap() error { return e.Err }

// UnknownError says that nobody can tell whether a request was carried out. Nothing was sent twice.
type UnknownError struct {
	Reason, Hint string
	Err          error
}

func (e *UnknownError) Error() string {
	text := e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text + "; " + e.Hint
}

func (e *UnknownError) Unwrap() error { return e.Err }

// OutputError says that the outcome could not be handed to later jobs.
type OutputError struct {
	Name string
	Err  error
}

func (e *OutputError) Error() string {
	return fmt.Sprintf("%s cannot be written: %v; later jobs would go on without it", e.Name, e.Err)
}

func (e *OutputError) Unwrap() error { return e.Err }

// Interrupt is the cause of a context that a signal ended.
type Interrupt struct{ Signal os.Signal }

func (e *Interrupt) Error() string {
	switch e.Signal {
	case os.Interrupt:
		return "interrupted by SIGINT"
	case syscall.SIGTERM:
		return "interrupted by SIGTERM"
	}
	return "interrupted by a signal: " + e.Signal.String()
}

// InterruptedError says that a signal ended the command.
type InterruptedError struct {
	Signal os.Signal
	// Resume is the command line that goes on, empty where nothing was started.
	Resume string
	// Err is what the interrupt broke off.
	Err error
}

func (e *InterruptedError) Error() string {
	text := (&Interrupt{Signal: e.Signal}).Error()
	if e.Resume == "" {
		return text + "; nothing was started"
	}
	return text + "; the event goes on" + resumeWith + e.Resume
}

func (e *InterruptedError) Unwrap() error { return e.Err }

// exitCode is the code that a shell gives to a command which the signal ended.
func (e *InterruptedError) exitCode() int {
	if signal, ok := e.Signal.(syscall.Signal); ok {
		return 128 + int(signal)
	}
	return ExitUnknown
}
