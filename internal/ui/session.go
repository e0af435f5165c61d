package ui

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/outcome"
)

// Options configures a session.
type Options struct {
	// Args and Environ are the arguments and the environment of the command. Implied holds the defaults that its
	// pipeline or machine implies. The answers of the user are read together with all three.
	Args, Environ []string
	Implied       config.Implied
	// Action holds the options with which each operation of the session runs. Its Settings are those of the command in UI
	// mode; its Pipeline is not used.
	Action action.Options
	// In and Out are the terminal. At the end, Err receives the commands that wait for unfinished operations.
	In  io.Reader
	Out io.Writer
	Err io.Writer
	// ConfigDir is the directory in which the last answers are saved. If it is "", they are not saved.
	ConfigDir string
}

// NotATerminal returns an error of the kind Invalid unless both in and out are a terminal.
func NotATerminal(in, out any) error {
	for _, stream := range []any{in, out} {
		if file, ok := stream.(*os.File); !ok || !term.IsTerminal(int(file.Fd())) {
			return &outcome.Error{
				Kind: outcome.Invalid, Reason: config.Mode.Flag() + " UI needs a terminal",
				Hint: "use " + config.Mode.Flag() + " BATCH in a pipeline or a script; see ami-action --help",
			}
		}
	}
	return nil
}

// Run shows the menus until the user quits. Events in progress continue at the orchestrator, and Run writes the
// commands that wait for them to Err. After Ctrl-C or a signal, the error is of the kind Interrupted.
func Run(ctx context.Context, o Options) error {
	jobsCtx, stop := context.WithCancelCause(ctx)
	s := &session{Options: o, jobsCtx: jobsCtx, given: config.Given(o.Args), memory: remembered(o.ConfigDir, o.Action.Redactor)}
	var err error
	if isPlain(o.Environ) {
		s.asker = newLines(o.In, o.Out)
		err = s.mainMenu(ctx)
	} else {
		screen := newScreen(ctx, o.In, o.Out, o.Environ, s.place())
		s.asker = screen
		err = screen.run(func() error { return s.mainMenu(ctx) })
	}
	stop(&outcome.Interrupt{Signal: os.Interrupt})
	s.running.Wait()
	s.printResumeCommands()
	switch interrupt := outcome.InterruptOf(ctx); {
	case interrupt != nil:
		return &outcome.Error{Kind: outcome.Interrupted, Signal: interrupt.Signal, Reason: interrupt.Error()}
	case errors.Is(err, errQuitKey):
		return &outcome.Error{Kind: outcome.Interrupted, Signal: os.Interrupt, Reason: "interrupted by Ctrl-C"}
	}
	return err
}

// isPlain reports whether to write plain lines instead of redrawing a screen: ACCESSIBLE is set and not 0, for a screen
// reader, or TERM is "dumb" or not set.
func isPlain(environ []string) bool {
	accessible, terminal := "", ""
	for _, variable := range environ {
		switch name, value, _ := strings.Cut(variable, "="); name {
		case "ACCESSIBLE":
			accessible = value
		case "TERM":
			terminal = value
		}
	}
	return accessible != "" && accessible != "0" || terminal == "dumb" || terminal == ""
}

// session is one use of UI mode.
type session struct {
	Options
	asker

	given  config.Values
	memory *memory

	jobsCtx context.Context // ends with the session, and stops its jobs
	running sync.WaitGroup
	mu      sync.Mutex
	jobs    []*job // newest last
}

// place names the deployment or sandbox that receives the requests.
func (s *session) place() string {
	settings := s.Action.Settings
	switch {
	case settings.Sandbox:
		return "sandbox in " + oneLine(settings.SandboxDir)
	case settings.APIEndpoint != "":
		return oneLine(s.Action.Redactor.Value(settings.APIEndpoint))
	}
	return "stack " + oneLine(settings.StackName)
}

func (s *session) allJobs() []*job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.jobs)
}

// printResumeCommands writes the commands that wait for unfinished operations. It runs after the terminal has been restored.
func (s *session) printResumeCommands() {
	for _, j := range s.allJobs() {
		if failure := outcome.Of(j.err); failure != nil && failure.Resume != "" {
			_, _ = io.WriteString(s.Err, oneLine(j.title)+" has not finished. To wait for it, run:\n  "+still(s.Action.Redactor.Text(failure.Resume))+"\n")
		}
	}
}

// choose asks the user for one entry and returns its value. The entry that goes back returns errBack, as Esc does.
func (s *session) choose(ctx context.Context, q question) (any, error) {
	given, err := s.ask(ctx, q)
	switch {
	case err != nil:
		return nil, err
	case given.isPrevious():
		return nil, errBack
	}
	return given.chosen[0].value, nil
}

// show shows a text until the user goes back. It returns errBack then.
func (s *session) show(ctx context.Context, title, text string) error {
	_, err := s.choose(ctx, question{title: title, body: fixed(text), entries: fixed([]entry{previous()})})
	return err
}

// load runs work and shows body meanwhile. Going back cancels the work.
func load[T any](ctx context.Context, s *session, title, body string, work func(context.Context) (T, error)) (result T, err error) {
	working, stop := context.WithCancel(ctx)
	defer stop()
	asking, done := context.WithCancelCause(ctx)
	errDone := errors.New("done")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		result, err = work(working)
		done(errDone)
	}()
	q := question{title: title, body: fixed(body), entries: fixed([]entry{previous()})}
	if _, chooseErr := s.choose(asking, q); !errors.Is(chooseErr, errDone) {
		stop()
		<-ended
		var none T
		return none, chooseErr
	}
	<-ended
	return result, err
}
