package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"runtime/debug"
	"strings"

	"golang.org/x/term"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/sandbox"
)

// version is stamped by the linker; a build without that says what its module says.
var version string

// process is what the command gets from whoever started it.
type process struct {
	args, environ  []string
	stdout, stderr io.Writer
	// awsEndpoint is a server that plays AWS; empty means what the SDK finds.
	awsEndpoint string
	limits      action.Limits
	client      orchestrator.Options
}

// run is the whole command. It returns the exit code.
func run(ctx context.Context, p process) (code int) {
	redactor := redact.New()
	redactor.Add(secretsOf(p.environ)...)
	where := pipeline.Detect(p.environ, pipeline.Options{
		Stdout: p.stdout, Stderr: p.stderr, Width: widthOf(p.stderr), Redactor: redactor, Ending: ctx.Done(),
	})
	defer func() {
		if err := where.Close(); err != nil && code == outcome.ExitOK {
			err = outcome.NotWrittenError("the result on stdout", err)
			outcome.Report(where, err)
			code = outcome.ExitCode(err)
		}
	}()

	settings, err := config.Load(p.args, p.environ, impliedBy(where), faceOf(where.Name()))
	switch {
	case errors.Is(err, config.ErrHelp):
		fmt.Fprint(p.stdout, config.Help())
		return outcome.ExitOK
	case errors.Is(err, config.ErrVersion):
		fmt.Fprintln(p.stdout, "ami-action "+versionText())
		return outcome.ExitOK
	case err == nil && settings.Mode == config.ModeUI:
		err = &config.Problems{All: []config.Problem{{
			Setting: config.Mode,
			Message: config.Mode.Flag() + " UI is not part of this version: give --operation, see --help",
		}}}
	}
	if err == nil {
		options, closeRooms, connectErr := p.connect(ctx, settings, where, redactor)
		if connectErr == nil {
			defer closeRooms()
			return outcome.ExitCode(action.Run(ctx, options))
		}
		err = connectErr
	}
	outcome.Report(where, err)
	return outcome.ExitCode(err)
}

// sandboxError says why the sandbox does not start. Nothing was sent then.
func sandboxError(dir string, err error) error {
	if failure, ok := errors.AsType[*sandbox.Failure](err); ok {
		return &outcome.Error{Kind: outcome.Invalid, Reason: failure.Reason, Hint: failure.Hint}
	}
	return fmt.Errorf("the sandbox in %s does not start: %w", dir, err)
}

// connect connects the rooms of the house for the operation. closeRooms ends what it started.
func (p process) connect(
	ctx context.Context, settings *config.Settings, where *pipeline.Pipeline, redactor *redact.Redactor,
) (options action.Options, closeRooms func(), err error) {
	closeRooms = func() {}
	if err := checkNetwork(p.environ); err != nil {
		return action.Options{}, closeRooms, err
	}
	located := deployment.Options{
		AWSEndpoint: p.awsEndpoint,
		StackName:   settings.StackName, APIEndpoint: settings.APIEndpoint, APIKeyPrefix: settings.APIKeyPrefix,
		OnSecret: where.Mask, Redact: redactor.Text,
	}
	if settings.Sandbox {
		server, err := sandbox.Start(context.WithoutCancel(ctx), sandbox.Options{Dir: settings.SandboxDir})
		if err != nil {
			return action.Options{}, closeRooms, sandboxError(settings.SandboxDir, err)
		}
		located.AWSEndpoint, closeRooms = server.URL(), func() { _ = server.Close() }
	}
	finder, err := deployment.New(located)
	if err != nil {
		closeRooms()
		return action.Options{}, closeRooms, err
	}
	if p.client.TLS == nil {
		p.client.TLS = tlsConfig(p.environ)
	}
	p.client.Redact, p.client.Learn = redactor.Text, redactor.Learn
	return action.Options{
		Settings:     settings,
		Orchestrator: orchestrator.New(finder, p.client),
		Deployment:   finder,
		Insight:      insight.New(insight.Options{AWS: finder.AWS, Redact: redactor.Text}),
		Pipeline:     where,
		Files:        where.Workspace(),
		Redactor:     redactor,
		Random:       rand.Reader,
		Jitter:       mathrand.Float64,
		Limits:       p.limits,
	}, closeRooms, nil
}

// impliedBy is what the place implies. A create without a commit leaves a lifecycle behind that nobody
// can use (docs/wire-contract.md, "Refused, and done all the same"), and the documentation's examples give
// none: outside of a checkout they go on without one.
func impliedBy(where *pipeline.Pipeline) config.Implied {
	implied := config.Implied(where.Implied())
	if where.Name() == "local" {
		implied.CommitRef = cmp.Or(implied.CommitRef, "unknown")
	}
	return implied
}

// secretsOf returns the secrets that the environment itself holds: an error of some library may show
// them.
func secretsOf(environ []string) []string {
	var secrets []string
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		switch name {
		case "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
			"ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_RUNTIME_TOKEN", "GITHUB_TOKEN", "CI_JOB_TOKEN", deployment.IDTokenVariable:
			secrets = append(secrets, value)
		}
	}
	return secrets
}

func faceOf(place string) config.Face {
	switch place {
	case "github":
		return config.GitHubAction
	case "gitlab":
		return config.GitLabComponent
	}
	return config.CommandLine
}

// widthOf returns how to ask for the columns of the terminal that w is.
func widthOf(w io.Writer) func() (int, bool) {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return func() (int, bool) {
		columns, _, err := term.GetSize(int(file.Fd()))
		return columns, err == nil
	}
}

func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
