package outcome

import (
	"syscall"

	"github.com/org/ami-action/internal/exitcode"
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
	// NotFound: no image is what was asked for.
	NotFound
	// Unavailable: AWS or the orchestrator could not be reached, or gave no usable answer.
	Unavailable
	// TimedOut: the wait ended before the events did.
	TimedOut
	// Unknown: it is unknown whether the request was carried out.
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
	statusNotFound    = "NOT_FOUND"
	statusUnavailable = "UNAVAILABLE"
	statusTimedOut    = "TIMED_OUT"
	statusUnknown     = "UNKNOWN"
	statusInterrupted = "INTERRUPTED"
)

// kinds is the one table from kinds of errors to exit codes and statuses.
var kinds = map[Kind]struct {
	exit   int
	status string
}{
	Internal:      {exitcode.Failed, statusUnavailable},
	EventFailed:   {exitcode.Failed, ""}, // the state of the event
	GateNotPassed: {exitcode.Failed, statusGate},
	Stalled:       {exitcode.Failed, statusStalled},
	NotWritten:    {exitcode.Failed, statusUnavailable},
	Invalid:       {exitcode.Invalid, statusRefused},
	Refused:       {exitcode.Refused, statusRefused},
	NotFound:      {exitcode.Refused, statusNotFound},
	Unavailable:   {exitcode.Unavailable, statusUnavailable},
	TimedOut:      {exitcode.TimedOut, statusTimedOut},
	Unknown:       {exitcode.Unknown, statusUnknown},
	Interrupted:   {exitcode.Unknown, statusInterrupted},
}

// ExitCode returns the exit code of a command that ended with err; nil is 0.
func ExitCode(err error) int {
	if err == nil {
		return exitcode.OK
	}
	e := Of(err)
	if number, ok := e.Signal.(syscall.Signal); ok && e.Kind == Interrupted {
		return exitcode.OfSignal(number)
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
