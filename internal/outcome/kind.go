package outcome

import (
	"syscall"

	"github.com/org/ami-action/internal/watch"
)

// Kind is the kind of an error: it decides the exit code and the status.
type Kind int

// The kinds of errors. The zero Kind is a fault of this command's own.
const (
	Internal Kind = iota
	// EventFailed: an event ended FAILED or in an error, or was blocked by one that did.
	EventFailed
	// GateNotPassed: a vulnerability scan found what the settings do not let pass.
	GateNotPassed
	// Stalled: nothing has been in progress for so long that nothing will come.
	Stalled
	// NotWritten: an output, a report or a page could not be written.
	NotWritten
	// Invalid: the configuration or the component file is wrong, and nothing was sent.
	Invalid
	// Refused: the orchestrator refused, or could only have refused.
	Refused
	// Unavailable: AWS or the orchestrator could not be reached, or gave no usable answer.
	Unavailable
	// TimedOut: the wait ended before the events did.
	TimedOut
	// Unknown: it is not known whether the request was carried out.
	Unknown
	// Interrupted: a signal ended the command.
	Interrupted
)

// The values of the output status beside the states of package watch.
const (
	StatusRunning     = "RUNNING"
	StatusStarted     = "STARTED" // accepted, and not waited for
	StatusCompleted   = string(watch.Completed)
	statusGate        = "NOT_PASSED"
	statusStalled     = "STALLED"
	statusRefused     = "REFUSED"
	statusUnavailable = "UNAVAILABLE"
	statusTimedOut    = "TIMED_OUT"
	statusUnknown     = "UNKNOWN"
	statusInterrupted = "INTERRUPTED"
)

// The exit codes of the command (docs/architecture.md, "What goes out"). An interrupted command ends with 128
// and the signal's number, as a shell has it.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitInvalid     = 2
	ExitRefused     = 3
	ExitUnavailable = 4
	ExitTimedOut    = 5
	ExitUnknown     = 6
)

// kinds is the one table from kinds of errors to exit codes and statuses.
var kinds = map[Kind]struct {
	exit   int
	status string
}{
	Internal:      {ExitFailed, statusUnavailable},
	EventFailed:   {ExitFailed, ""}, // the state of the event
	GateNotPassed: {ExitFailed, statusGate},
	Stalled:       {ExitFailed, statusStalled},
	NotWritten:    {ExitFailed, statusUnavailable},
	Invalid:       {ExitInvalid, statusRefused},
	Refused:       {ExitRefused, statusRefused},
	Unavailable:   {ExitUnavailable, statusUnavailable},
	TimedOut:      {ExitTimedOut, statusTimedOut},
	Unknown:       {ExitUnknown, statusUnknown},
	Interrupted:   {ExitUnknown, statusInterrupted},
}

// ExitCode returns the exit code of a command that ended with err; nil is 0.
func ExitCode(err error) int {
	if err == nil {
		return ExitOK
	}
	e := Of(err)
	if number, ok := e.Signal.(syscall.Signal); ok && e.Kind == Interrupted {
		return 128 + int(number)
	}
	return kinds[e.Kind].exit
}

// Status returns the value of the output status for a command that waits and ended with err.
func Status(err error) string {
	if err == nil {
		return StatusCompleted
	}
	e := Of(err)
	if e.Kind == EventFailed {
		return string(e.State)
	}
	return kinds[e.Kind].status
}
