package action

import (
	"context"
	"errors"
	"io/fs"

	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/watch"
)

// The exit codes of the command (design.md, "What goes out").
const (
	ExitOK          = 0 // all that was asked for has finished, and well
	ExitFailed      = 1 // an event failed, or was blocked, or a gate was not passed
	ExitUsage       = 2 // the configuration or the component file is wrong; nothing was sent
	ExitRefused     = 3 // the orchestrator refused, or could only have refused
	ExitUnavailable = 4 // AWS or the orchestrator could not be reached, or gave no usable answer
	ExitTimeout     = 5 // the wait timed out; the event goes on
	ExitUnknown     = 6 // it is not known whether the request was carried out
)

// exits is the one table from kinds of errors to exit codes. The first row that matches an error counts:
// what is not known outranks what else went wrong with it.
var exits = []struct {
	matches func(error) bool
	code    int
}{
	{is[*UnknownError], ExitUnknown},
	{is[*orchestrator.UncertainError], ExitUnknown},

	// Both may carry the refusal of the last poll, which is not what ended the wait.
	{is[*watch.TimeoutError], ExitTimeout},
	{is[*watch.UnobservableError], ExitUnavailable},

	{is[*OutputError], ExitFailed},

	{is[*config.Problems], ExitUsage},
	{is[*component.Error], ExitUsage},
	{is[*orchestrator.InvalidError], ExitUsage},
	{is[*fs.PathError], ExitUsage}, // the component file went away after it was checked

	{is[*NotAllowedError], ExitRefused},
	{is[*orchestrator.RefusedError], ExitRefused},

	{is[*EventError], ExitFailed},
	{is[*GateError], ExitFailed},
	{is[*StalledError], ExitFailed},

	{is[*orchestrator.UnavailableError], ExitUnavailable},
	{is[*deployment.Error], ExitUnavailable},
	{func(err error) bool { return errors.Is(err, context.DeadlineExceeded) }, ExitUnavailable},
}

// ExitCode maps what [Run] returned to the exit code of the process.
func ExitCode(err error) int {
	if err == nil {
		return ExitOK
	}
	if interrupted, ok := errors.AsType[*InterruptedError](err); ok {
		return interrupted.exitCode()
	}
	for _, row := range exits {
		if row.matches(err) {
			return row.code
		}
	}
	return ExitFailed
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func interruptOf(ctx context.Context) *Interrupt {
	interrupt, _ := errors.AsType[*Interrupt](context.Cause(ctx))
	return interrupt
}
