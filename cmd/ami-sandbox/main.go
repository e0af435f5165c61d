// Command ami-sandbox serves a sandbox orchestrator of its own, for any number of pipelines at once.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/org/ami-action/internal/sandbox/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command.Run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}
