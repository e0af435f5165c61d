package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/buildinfo"
	"github.com/org/ami-action/internal/completion"
	"github.com/org/ami-action/internal/componentcheck"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/report"
	"github.com/org/ami-action/internal/ui"
)

// process holds what the command gets from its caller.
type process struct {
	args, environ  []string
	stdout, stderr io.Writer
	// awsEndpoint is the URL of a server that stands in for AWS. If it is empty, the SDK chooses the endpoints.
	awsEndpoint string
	limits      action.Limits
	client      orchestrator.Options
}

// run runs the command and returns its exit code.
func run(ctx context.Context, p process) (code int) {
	redactor := redact.New()
	redactor.Add(secretsOf(p.environ)...)
	where := pipeline.Detect(p.environ, pipeline.Options{
		Stdout: p.stdout, Stderr: p.stderr, Width: widthOf(p.stderr), Redactor: redactor, Ending: ctx.Done(),
	})
	defer func() {
		if err := where.Close(); err != nil && code == exitcode.OK {
			err = outcome.NotWrittenError("the result on stdout", err)
			outcome.Report(where, err)
			code = outcome.ExitCode(err)
		}
	}()
	if len(p.args) > 0 {
		switch p.args[0] {
		case componentcheck.Command:
			return p.checkComponents(where)
		case completion.Command, completion.ManualCommand:
			return p.printMade(where)
		}
	}

	settings, err := config.Load(p.args, p.environ, impliedBy(where), platformOf(where.Name()))
	var help *config.HelpRequest
	switch {
	case errors.As(err, &help):
		fmt.Fprint(p.stdout, config.Help(help.Operation, columnsOf(p.stdout)))
		return exitcode.OK
	case errors.Is(err, config.ErrUsage):
		fmt.Fprint(p.stderr, config.Usage(columnsOf(p.stderr)))
		return exitcode.Invalid
	case errors.Is(err, config.ErrVersion):
		fmt.Fprintln(p.stdout, "ami-action "+buildinfo.Read().String())
		return exitcode.OK
	case err == nil && settings.Mode == config.ModeUI:
		err = ui.NotATerminal(os.Stdin, p.stdout)
	}
	if err == nil {
		for _, warning := range settings.Warnings {
			where.Annotate(pipeline.Annotation{Level: pipeline.Warning, Message: warning.Message, Hint: warning.Hint})
		}
		options, stopSandbox, connectErr := p.connect(ctx, settings, where, redactor)
		if connectErr == nil {
			defer stopSandbox()
			if settings.Mode == config.ModeUI {
				return p.runUI(ctx, options, where)
			}
			return outcome.ExitCode(action.Run(ctx, options))
		}
		err = connectErr
	}
	outcome.Report(where, err)
	summarize(where, redactor, settings, err)
	return outcome.ExitCode(err)
}

// summarize writes a short job summary of the error that ended the command before its operation began. If there are no
// valid settings, it uses the summary setting that [config.Problems] carries.
func summarize(where *pipeline.Pipeline, redactor *redact.Redactor, settings *config.Settings, err error) {
	length, title := config.SummaryShort, ""
	if problems, ok := errors.AsType[*config.Problems](err); ok {
		length, title = problems.Summary, "The configuration is invalid"
	} else if settings != nil {
		length = settings.Summary
	}
	if length == config.SummaryOff {
		return
	}
	failure := outcome.Of(err)
	view := report.Report{
		Outcome: report.NotStarted, FailureTitle: title, Failure: failure.Error(), NextStep: failure.Hint,
		Run: report.Link(where.Job()), Redactor: redactor,
	}
	if err := where.Summary(view.ShortMarkdown()); err != nil {
		where.Annotate(pipeline.Annotation{Level: pipeline.Warning, Message: "The summary cannot be written: " + err.Error()})
	}
}

// runUI runs UI mode and returns the exit code. Its screens report every error except a failure of the terminal
// itself, which runUI reports.
func (p process) runUI(ctx context.Context, options action.Options, where *pipeline.Pipeline) int {
	configDir, err := os.UserConfigDir()
	if err != nil {
		configDir = "" // only the saved answers of the last run need it
	}
	err = ui.Run(ctx, ui.Options{
		Args: p.args, Environ: p.environ, Implied: impliedBy(where), Action: options,
		In: os.Stdin, Out: p.stdout, Err: p.stderr, ConfigDir: configDir,
	})
	if failure := outcome.Of(err); failure != nil && failure.Kind != outcome.Interrupted {
		outcome.Report(where, err)
	}
	return outcome.ExitCode(err)
}

// checkComponents runs the command check-component and returns its exit code. It annotates only on GitHub: no other
// platform shows an annotation at a line of the file.
func (p process) checkComponents(where *pipeline.Pipeline) int {
	o := componentcheck.Options{Stdin: os.Stdin, Stdout: where.Stdout(), Stderr: where.Stderr()}
	if where.Name() == "github" {
		o.Annotator = where
	}
	return componentcheck.Run(p.args[1:], o)
}

// printMade runs the commands completion and man, which print what is generated from the declaration of the settings.
// It returns the exit code.
func (p process) printMade(where *pipeline.Pipeline) int {
	err := p.writeMade()
	if err != nil {
		outcome.Report(where, err)
	}
	return outcome.ExitCode(err)
}

func (p process) writeMade() error {
	text, ok := "", false
	switch name, rest := p.args[0], p.args[1:]; {
	case name == completion.ManualCommand && len(rest) == 0:
		text, ok = config.Manual(), true
	case name == completion.Command && len(rest) == 1:
		text, ok = completion.Script(rest[0])
	}
	if !ok {
		return &outcome.Error{
			Kind: outcome.Invalid, Reason: p.args[0] + ": unknown arguments",
			Hint: "give ami-action man, or ami-action completion with one of " + strings.Join(completion.Shells(), ", "),
		}
	}
	if _, err := io.WriteString(p.stdout, text); err != nil {
		return outcome.NotWrittenError("the result on stdout", err)
	}
	return nil
}

// impliedBy returns the defaults that follow from where the command runs.
func impliedBy(where *pipeline.Pipeline) config.Implied {
	implied := where.Implied()
	return config.Implied{
		Owner: implied.Owner, StackTag: implied.StackTag, CommitRef: implied.CommitRef, ProductVer: implied.ProductVer,
		WaitTimeout: implied.WaitTimeout, RunIDs: where.Properties(),
	}
}

// secretsOf returns the values of the environment variables that hold secrets. The error of a library may contain one.
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

func platformOf(place string) config.Platform {
	switch place {
	case "github":
		return config.GitHubAction
	case "gitlab":
		return config.GitLabComponent
	}
	return config.CommandLine
}

// widthOf returns a function that asks the terminal w for its columns, or nil if w is not a terminal.
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

// columnsOf returns the width of the terminal w in columns, or zero if w is not a terminal.
func columnsOf(w io.Writer) int {
	if width := widthOf(w); width != nil {
		columns, _ := width()
		return columns
	}
	return 0
}
