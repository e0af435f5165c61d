package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

// The exit codes.
const (
	exitOK          = 0
	exitCannotServe = 1
	exitUsage       = 2
)

const usage = `Usage: ami-sandbox [flags]

Serves an AMI lifecycle orchestrator in a box: its API, and the AWS calls that finding it takes.
The first line on stdout is "listening on http://127.0.0.1:PORT". Any client finds it there with

  export AWS_ENDPOINT_URL=http://127.0.0.1:PORT AWS_REGION=us-east-1 \
         AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any

It serves until it gets SIGINT or SIGTERM. State stays in the directory, which several
sandboxes may share.

Flags:
`

// eventFlags name the flag of each event that takes time.
var eventFlags = []struct {
	name  string
	event lifecycle.Event
}{
	{"build-duration", lifecycle.BuildAMI},
	{"smoke-tests-duration", lifecycle.SmokeTestsCreate},
	{"vulnerability-scans-duration", lifecycle.VulnerabilityScansCreate},
	{"qa-certification-duration", lifecycle.QACertificationRequest},
	{"approval-duration", lifecycle.MarkForProductionCreate},
	{"patch-duration", lifecycle.PatchAMI},
	{"patch-smoke-tests-duration", lifecycle.SmokeTestsPatch},
	{"patch-vulnerability-scans-duration", lifecycle.VulnerabilityScansPatch},
	{"patch-approval-duration", lifecycle.MarkForProductionPatch},
}

// run serves until the context ends, and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	options, err := parse(args, stdout, stderr)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		return exitOK
	case err != nil:
		fmt.Fprintf(stderr, "ami-sandbox: %v\nSee ami-sandbox --help.\n", err)
		return exitUsage
	}
	server, err := sandbox.Start(ctx, options)
	if err != nil {
		fmt.Fprintf(stderr, "ami-sandbox: %v\n", err)
		return exitCannotServe
	}
	// Whoever started the sandbox waits for this line.
	if _, err := fmt.Fprintf(stdout, "listening on %s\n", server.URL()); err != nil {
		fmt.Fprintf(stderr, "ami-sandbox: nobody reads where it listens: %v\n", err)
		_ = server.Close()
		return exitCannotServe
	}
	<-ctx.Done()
	_ = server.Close()
	return exitOK
}

func parse(args []string, stdout, stderr io.Writer) (sandbox.Options, error) {
	var options sandbox.Options
	flags := pflag.NewFlagSet("ami-sandbox", pflag.ContinueOnError)
	flags.SetOutput(stdout)
	flags.SortFlags = false
	flags.Usage = func() { fmt.Fprint(stdout, usage, flags.FlagUsages()) }
	flags.StringVar(&options.Dir, "dir", ".ami-sandbox", "`directory` that keeps the state")
	flags.StringVar(&options.Listen, "listen", "127.0.0.1:0", "`address` to listen on; port 0 is any free one")
	flags.BoolVar(&options.AllowRemote, "allow-remote", false, "let --listen be an address that other machines reach")
	flags.DurationVar(&options.EventDuration, "event-duration", sandbox.DefaultEventDuration, "how long an event takes")
	durations := make([]*time.Duration, len(eventFlags))
	for i, one := range eventFlags {
		durations[i] = flags.Duration(one.name, 0, "how long "+string(one.event)+" takes (default: --event-duration)")
	}
	flags.DurationVar(&options.QueueDelay, "queue-delay", 500*time.Millisecond,
		"how long a certification or a refused approval travels")
	flags.BoolVar(&options.Manual, "manual", false,
		"no event ends by itself: POST /_sandbox/lifecycles/ID/event ends it")
	fail := flags.StringSlice("fail", nil, "`event` that ends FAILED (repeat)")
	fault := flags.StringSlice("error", nil, "`event` that ends in ERROR (repeat)")
	var silent silentFailures
	silent.register(flags)
	flags.StringVar(&options.StackName, "stack-name", "AmiLifecycle", "`name` of the CloudFormation stack")
	flags.StringVar(&options.SecretPrefix, "secret-prefix", "/ami-lifecycle/api-keys/",
		"what goes before the `names` of the API keys' secrets")
	verbose := flags.BoolP("verbose", "v", false, "log each request on stderr")
	if err := flags.Parse(args); err != nil {
		return options, err
	}
	if flags.NArg() > 0 {
		return options, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	options.EventDurations = map[lifecycle.Event]time.Duration{}
	for i, one := range eventFlags {
		if *durations[i] != 0 {
			options.EventDurations[one.event] = *durations[i]
		}
	}
	options.Fail, options.Error = events(*fail), events(*fault)
	if err := silent.apply(&options); err != nil {
		return options, err
	}
	if *verbose {
		options.Log = slog.New(slog.NewTextHandler(stderr, nil))
	}
	return options, nil
}

func events(names []string) []lifecycle.Event {
	var events []lifecycle.Event
	for _, name := range names {
		events = append(events, lifecycle.Event(strings.ToUpper(strings.TrimSpace(name))))
	}
	return events
}
