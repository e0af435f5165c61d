// Command ami-action takes a machine image through its lifecycle, in a pipeline or on a laptop. Under the name
// ami-sandbox, as the image has it, it is that command.
package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/sandbox/command"
)

func main() {
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == command.Name {
		os.Exit(command.Main())
	}
	prepareRuntime()
	for name, value := range trimmedAWS(os.Environ()) {
		_ = os.Setenv(name, value) // which fails for a name with an equals sign only
	}
	environ := os.Environ()
	if needsNoCertificates(environ) {
		os.Unsetenv("AWS_CA_BUNDLE")
	}
	ctx, stop := interruptible(context.Background())
	code := run(ctx, process{
		args: os.Args[1:], environ: environ, stdout: os.Stdout, stderr: os.Stderr, limits: action.DefaultLimits(),
	})
	stop()
	os.Exit(code)
}

// interruptible returns a context that the first SIGINT, SIGTERM or SIGHUP ends, with an [outcome.Interrupt] as
// its cause. A second SIGINT or SIGTERM ends the process at once, as its user expects. A second SIGHUP does not:
// when a terminal closes, the kernel and the shell send one each. A SIGHUP that nohup ignores stays ignored.
//
// SIGPIPE is ignored: somebody who closes stdout or stderr does not end what is under way. The write fails, and
// package pipeline drops it.
func interruptible(parent context.Context) (ctx context.Context, stop func()) {
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancelCause(parent)
	ending := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		ending = append(ending, syscall.SIGHUP)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, ending...)
	go func() {
		select {
		case received := <-signals:
			signal.Ignore(syscall.SIGHUP)
			signal.Reset(os.Interrupt, syscall.SIGTERM)
			cancel(&outcome.Interrupt{Signal: received})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel(nil)
	}
}
