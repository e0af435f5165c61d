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

// Options are what a session works with.
type Options struct {
	// Args and Environ are those of the command, Implied is what its place implies: what the menus ask for is read
	// together with them.
	Args, Environ []string
	Implied       config.Implied
	// Rooms are what the operations of the session work with. Its Settings are those of the command in UI mode; the
	// Pipeline is not used.
	Rooms action.Options
	// In and Out are the terminal; Err is told how to go on with what was under way.
	In  io.Reader
	Out io.Writer
	Err io.Writer
	// ConfigDir is where the last answers are kept, "" for nowhere.
	ConfigDir string
}

// NotATerminal returns why UI mode cannot ask anybody, or nil where in and out are a terminal.
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

// Run asks and shows until the user quits. What is under way then goes on at the orchestrator, and the line that waits
// for it is written to Err. The error is of the kind Interrupted for Ctrl-C and for a signal.
func Run(ctx context.Context, o Options) error {
	jobsCtx, stop := context.WithCancelCause(ctx)
	s := &session{Options: o, jobsCtx: jobsCtx, given: config.Given(o.Args), memory: remembered(o.ConfigDir, o.Rooms.Redactor)}
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
	s.sayHowToGoOn()
	switch interrupt := outcome.InterruptOf(ctx); {
	case interrupt != nil:
		return &outcome.Error{Kind: outcome.Interrupted, Signal: interrupt.Signal, Reason: interrupt.Error()}
	case errors.Is(err, errLeave):
		return &outcome.Error{Kind: outcome.Interrupted, Signal: os.Interrupt, Reason: "interrupted by Ctrl-C"}
	}
	return err
}

// isPlain reports whether the terminal, or who reads it, wants lines instead of a screen that is redrawn.
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

	jobsCtx context.Context // ends what is under way when the session does
	running sync.WaitGroup
	mu      sync.Mutex
	jobs    []*job // newest last
}

// place says where requests go.
func (s *session) place() string {
	settings := s.Rooms.Settings
	switch {
	case settings.Sandbox:
		return "sandbox in " + oneLine(settings.SandboxDir)
	case settings.APIEndpoint != "":
		return oneLine(s.Rooms.Redactor.Value(settings.APIEndpoint))
	}
	return "stack " + oneLine(settings.StackName)
}

func (s *session) allJobs() []*job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.jobs)
}

// sayHowToGoOn writes, once the terminal is its old self again, how to wait for what is under way.
func (s *session) sayHowToGoOn() {
	for _, j := range s.allJobs() {
		if failure := outcome.Of(j.err); failure != nil && failure.Resume != "" {
			_, _ = io.WriteString(s.Err, oneLine(j.title)+" has not finished. To wait for it, run:\n  "+still(s.Rooms.Redactor.Text(failure.Resume))+"\n")
		}
	}
}

// choose asks for one entry, and takes the way back for going back.
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

// show shows a text until the user goes on.
func (s *session) show(ctx context.Context, title, text string) error {
	_, err := s.choose(ctx, question{title: title, body: fixed(text), entries: fixed([]entry{previous()})})
	return err
}

// load works while a page says so. Going back ends the work.
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
	if _, answered := s.choose(asking, q); !errors.Is(answered, errDone) {
		stop()
		<-ended
		var none T
		return none, answered
	}
	<-ended
	return result, err
}
