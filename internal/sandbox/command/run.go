// Package command is the command ami-sandbox, which runs a sandbox orchestrator as a server. In the image, ami-sandbox
// is a second name of the ami-action binary: a separate binary would make the image half as large again.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"

	"github.com/org/ami-action/internal/buildinfo"
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

Serves a sandbox orchestrator: the API of the AMI Lifecycle Orchestrator, and the AWS calls that a client
needs to find it. The first line on stdout is "listening on http://127.0.0.1:PORT". Open that address in
a browser to see all lifecycles. Clients find the sandbox with these variables:

  export AWS_ENDPOINT_URL=http://127.0.0.1:PORT AWS_REGION=us-east-1 \
         AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any

It serves until it gets SIGINT or SIGTERM. The state stays in the directory; several sandboxes can
share one. Events take any of their names: SMOKE_TESTS, or SMOKE_TESTS_AMI_PATCH for those of a patch only.

Each flag is a variable too, for service containers that take no arguments: AMI_SANDBOX_LISTEN is --listen,
AMI_SANDBOX_ALLOW_REMOTE is --allow-remote. A flag wins over its variable.

Flags:
`

// eventFlags are the flags for the duration of each event that a state machine runs.
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

// errVersion is the error with which Parse ends after it has printed the version.
var errVersion = errors.New("the version was asked for")

// Name is the name of the command. The binary runs it when it is started under this name.
const Name = "ami-sandbox"

// Main runs the command with the arguments of the process. It serves until SIGINT or SIGTERM, and returns the exit code.
func Main() (code int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return Run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
}

// Run serves until the context ends, and returns the exit code. args are the arguments without the program's name, and
// environ holds the variables, each as "NAME=value".
func Run(ctx context.Context, args, environ []string, stdout, stderr io.Writer) int {
	options, err := Parse(args, environ, stdout, stderr)
	switch {
	case errors.Is(err, pflag.ErrHelp), errors.Is(err, errVersion):
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
	// The process that starts the sandbox waits for this line.
	if _, err := fmt.Fprintf(stdout, "listening on %s\n", server.URL()); err != nil {
		fmt.Fprintf(stderr, "ami-sandbox: cannot write the address to stdout: %v\n", err)
		_ = server.Close()
		return exitCannotServe
	}
	<-ctx.Done()
	_ = server.Close()
	return exitOK
}

// Parse returns the options that the arguments and the variables give. For --help and --version it writes to stdout and
// returns an error for which [Run] exits with 0, such as [pflag.ErrHelp]. Other errors name the flag or the variable.
func Parse(args, environ []string, stdout, stderr io.Writer) (sandbox.Options, error) {
	var options sandbox.Options
	flags := pflag.NewFlagSet(Name, pflag.ContinueOnError)
	flags.SetOutput(stdout)
	flags.SortFlags = false
	flags.Usage = func() { fmt.Fprint(stdout, usage, flags.FlagUsages()) }
	flags.StringVar(&options.Dir, "dir", ".ami-sandbox", "`directory` that keeps the state")
	flags.StringVar(&options.Listen, "listen", "127.0.0.1:0", "`address` to listen on; port 0 is any free one")
	flags.BoolVar(&options.AllowRemote, "allow-remote", false, "allow an address for --listen that other machines can reach")
	flags.DurationVar(&options.EventDuration, "event-duration", sandbox.DefaultEventDuration, "how long an event takes")
	durations := make([]*time.Duration, len(eventFlags))
	for i, one := range eventFlags {
		durations[i] = flags.Duration(one.name, 0, "how long "+describe(one.event)+" takes (default: --event-duration)")
	}
	flags.DurationVar(&options.QueueDelay, "queue-delay", 500*time.Millisecond,
		"how long a certification or a refused approval stays in the queue")
	flags.BoolVar(&options.Manual, "manual", false,
		"events end only by POST /_sandbox/lifecycles/ID/event")
	fail := flags.StringSlice("fail", nil, "`event` that ends FAILED, such as SMOKE_TESTS; image:BUILD_AMI is --fail-image (repeat)")
	fault := flags.StringSlice("error", nil, "`event` that ends in ERROR, such as VULNERABILITY_SCANS (repeat)")
	var silent silentFailures
	silent.register(flags)
	flags.StringVar(&options.StackName, "stack-name", sandbox.DefaultStackName, "`name` of the CloudFormation stack")
	flags.StringVar(&options.SecretPrefix, "secret-prefix", sandbox.DefaultSecretPrefix,
		"`prefix` of the names of the API keys' secrets")
	version := flags.Bool("version", false, "print the version, and nothing else")
	verbose := flags.BoolP("verbose", "v", false, "log each request on stderr")
	if err := flags.Parse(args); err != nil {
		return options, err
	}
	if err := fromVariables(flags, environ); err != nil {
		return options, err
	}
	if *version {
		fmt.Fprintln(stdout, "ami-sandbox "+buildinfo.Read().String())
		return options, errVersion
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
	// AMI_SANDBOX_FAIL is also a setting of ami-action, where image:EVENT stands for the failure of an image.
	for _, name := range *fail {
		if image, ok := strings.CutPrefix(name, "image:"); ok {
			silent.image = append(silent.image, image)
		} else {
			options.Fail = append(options.Fail, lifecycle.Event(name))
		}
	}
	options.Error = events(*fault)
	if err := silent.apply(&options); err != nil {
		return options, err
	}
	if *verbose {
		options.Log = slog.New(slog.NewTextHandler(stderr, nil))
	}
	return options, nil
}

// fromVariables sets each flag that was not given from its variable, unless that is empty.
func fromVariables(flags *pflag.FlagSet, environ []string) error {
	values := map[string]string{}
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		values[name] = value
	}
	var err error
	flags.VisitAll(func(flag *pflag.Flag) {
		name := "AMI_SANDBOX_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))
		if flag.Changed || values[name] == "" || err != nil {
			return
		}
		if setErr := flag.Value.Set(values[name]); setErr != nil {
			err = fmt.Errorf("invalid value %q for the variable %s: %w", values[name], name, setErr)
		}
	})
	return err
}

// events converts the names unchanged. The sandbox accepts every spelling.
func events(names []string) []lifecycle.Event {
	var events []lifecycle.Event
	for _, name := range names {
		events = append(events, lifecycle.Event(name))
	}
	return events
}

// describe returns the name of an event for the help of a flag, with its phase if the documented name does not show it.
func describe(event lifecycle.Event) string {
	if event.Phase() == lifecycle.Patching && event != lifecycle.PatchAMI {
		return event.String() + " of a patch"
	}
	return event.String()
}
