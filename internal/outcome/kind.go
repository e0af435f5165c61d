package outcome

import (
	"syscall"

	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/watch"
)

// Kind is the kind of an error. It determines the exit code and the status.
type Kind int

// The kinds of errors. The zero Kind, Internal, is any error of no other kind.
const (
	Internal Kind = iota
	// EventFailed: an event ended FAILED or in an error, or was blocked by one that did.
	EventFailed
	// GateNotPassed: the findings of a vulnerability scan are too severe for the settings.
	GateNotPassed
	// Stalled: nothing has been in progress for so long that the event will not start.
	Stalled
	// NotWritten: an output, a report or a page could not be written.
	NotWritten
	// Invalid: the configuration or the component file is invalid, and nothing was sent.
	Invalid
	// Refused: the orchestrator refused the request, or the request was not sent because it would have been refused.
	Refused
	// NotFound: no image matches what was asked for.
	NotFound
	// Unavailable: AWS or the orchestrator could not be reached, or gave no usable response.
	Unavailable
	// TimedOut: the wait timed out before the events ended.
	TimedOut
	// Unknown: it is unknown whether the request was carried out.
	Unknown
	// Interrupted: a signal ended the command.
	Interrupted
)

// The values of the output status in addition to the states of package watch.
const (
	StatusRunning     = "RUNNING"
	StatusStarted     = "STARTED" // the request was accepted, and the command did not wait
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

// kinds maps each kind of error to its exit code and its status.
var kinds = map[Kind]struct {
	exit   int
	status string
}{
	Internal:      {exitcode.Failed, statusUnavailable},
	EventFailed:   {exitcode.Failed, ""}, // the status is the state of the event
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

// ExitCode returns the exit code of a command that ended with err. It is 0 if err is nil.
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

// Status returns the value of the output status for a command that waited and ended with err.
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
