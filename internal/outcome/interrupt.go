package outcome

import (
	"context"
	"errors"
	"os"
	"syscall"
)

// Interrupt is the cause of a context that a signal has canceled.
type Interrupt struct{ Signal os.Signal }

func (e *Interrupt) Error() string {
	name, known := map[os.Signal]string{
		os.Interrupt: "SIGINT", syscall.SIGTERM: "SIGTERM", syscall.SIGHUP: "SIGHUP",
	}[e.Signal]
	if !known {
		name = "a signal: " + e.Signal.String()
	}
	return "interrupted by " + name
}

// InterruptOf returns the signal that canceled the context, or nil if no signal did.
func InterruptOf(ctx context.Context) *Interrupt {
	interrupt, _ := errors.AsType[*Interrupt](context.Cause(ctx))
	return interrupt
}
