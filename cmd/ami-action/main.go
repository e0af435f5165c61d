// Command ami-action takes a machine image through its lifecycle, in a pipeline or on a laptop. When it is started
// under the name ami-sandbox, as in the container image, it runs that command instead.
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
		_ = os.Setenv(name, value) // it can fail only for a name with an equals sign
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

// interruptible returns a context that the first SIGINT, SIGTERM or SIGHUP cancels, with an [outcome.Interrupt] as
// its cause. A second SIGINT or SIGTERM ends the process at once, as users expect. A second SIGHUP does not:
// when a terminal closes, the kernel and the shell each send one. If SIGHUP is already ignored, as below nohup, it
// stays ignored.
//
// SIGPIPE is ignored, so the operation continues when the reader of stdout or stderr closes its end. The write fails,
// and package pipeline drops it.
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
