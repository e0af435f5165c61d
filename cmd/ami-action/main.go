// Command ami-action takes a machine image through its lifecycle, in a pipeline or on a laptop.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/outcome"
)

func main() {
	ctx, stop := interruptible(context.Background())
	code := run(ctx, process{
		args: os.Args[1:], environ: os.Environ(), stdout: os.Stdout, stderr: os.Stderr, limits: action.DefaultLimits(),
	})
	stop()
	os.Exit(code)
}

// interruptible returns a context that the first SIGINT or SIGTERM ends, with an [outcome.Interrupt] as
// its cause. A second signal ends the process at once, as its user expects.
func interruptible(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case received := <-signals:
			signal.Stop(signals)
			cancel(&outcome.Interrupt{Signal: received})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}
