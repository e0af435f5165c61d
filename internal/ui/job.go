package ui

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/report"
)

// job is one operation, while it runs and after it has ended.
type job struct {
	title    string
	settings *config.Settings
	line     string // the equivalent BATCH command line
	begun    time.Time

	mu       sync.Mutex
	document *lifecycle.Document // the newest status document, nil before the first
	stdout   bytes.Buffer
	stderr   bytes.Buffer
	ended    bool
	err      error
}

// carryOut runs the job's operation to its end, with the workflow of BATCH mode.
func (s *session) carryOut(ctx context.Context, j *job) {
	options := s.Action
	options.Settings = j.settings
	where := pipeline.Detect(localOnly(s.Environ), pipeline.Options{
		Stdout: locked{&j.mu, &j.stdout}, Stderr: locked{&j.mu, &j.stderr}, Redactor: options.Redactor, Ending: ctx.Done(),
	})
	options.Pipeline = where
	options.Orchestrator = observed{options.Orchestrator, j}
	err := action.Run(ctx, options)
	_ = where.Close() // writing to buffers does not fail
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended, j.err = true, err
}

// start starts a job in the background. It continues when the user opens another screen.
func (s *session) start(j *job) {
	s.mu.Lock()
	s.jobs = append(s.jobs, j)
	s.mu.Unlock()
	s.running.Go(func() {
		s.carryOut(s.jobsCtx, j)
		if s.jobsCtx.Err() == nil {
			s.notify(j.title + ": " + j.statusLine())
		}
	})
}

// localOnly removes the variables that identify a pipeline, so that the session is treated as a local terminal.
func localOnly(environ []string) []string {
	var local []string
	for _, variable := range environ {
		if name, _, _ := strings.Cut(variable, "="); name != "GITHUB_ACTIONS" && name != "GITLAB_CI" {
			local = append(local, variable)
		}
	}
	return local
}

// locked writes to a buffer under a mutex, because the buffer is read while it is written.
type locked struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

func (l locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

var _ io.Writer = locked{}

// observed is an orchestrator that also stores each status document in the job.
type observed struct {
	action.Orchestrator
	job *job
}

func (o observed) Status(ctx context.Context, id string) (*lifecycle.Document, error) {
	return o.hand(o.Orchestrator.Status(ctx, id))
}

func (o observed) Poll(ctx context.Context, id string) (*lifecycle.Document, error) {
	return o.hand(o.Orchestrator.Poll(ctx, id))
}

func (o observed) hand(document *lifecycle.Document, err error) (*lifecycle.Document, error) {
	if err == nil {
		o.job.mu.Lock()
		o.job.document = document
		o.job.mu.Unlock()
	}
	return document, err
}

// progress returns the progress lines that the operation has written to stderr.
func (j *job) progress() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	text := strings.TrimRight(still(j.stderr.String()), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// result returns the text that the operation has written to stdout.
func (j *job) result() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return still(j.stdout.String())
}

func (j *job) state() (document *lifecycle.Document, ended bool, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.document, j.ended, j.err
}

// statusLine returns the state of the job in one line.
func (j *job) statusLine() string {
	document, ended, err := j.state()
	switch failure := outcome.Of(err); {
	case !ended && document != nil && document.Running.IsRunning():
		return oneLine(document.Running.Name.Title()) + " is running"
	case !ended:
		return "waiting"
	case err == nil:
		return "completed"
	case failure.Title() != "":
		return oneLine(failure.Title())
	}
	return "ended " + strings.ToLower(strings.ReplaceAll(outcome.Status(err), "_", " "))
}

// progressShown is the number of progress lines that the view of a job shows.
const progressShown = 6

// view returns the current view of a job: how it ended or how long it has run, its events and images, and its last
// progress lines.
func (s *session) view(j *job) string {
	document, ended, err := j.state()
	lines := j.progress()
	var b strings.Builder
	if ended {
		b.WriteString(s.ending(err) + "\n\n")
	} else {
		b.WriteString("In progress for " + time.Since(j.begun).Round(time.Second).String() + ". It continues if you go back.\n")
		if len(lines) > 0 {
			b.WriteString(strings.TrimSpace(lines[len(lines)-1]) + "\n")
		}
		b.WriteString("\n")
	}
	if document != nil {
		r := report.Report{LifecycleID: document.ID, Document: document, Now: time.Now(), Redactor: s.Action.Redactor}
		b.WriteString("Lifecycle " + oneLine(document.ID) + still(r.Progress()) + "\n")
	}
	for _, line := range lines[max(0, len(lines)-progressShown):] {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// ending returns how an operation ended and what to do next.
func (s *session) ending(err error) string {
	if err == nil {
		return "Completed: everything you requested has finished."
	}
	return s.explain(err)
}

// explain returns what happened, what to do next, and the end of the log if the error has one.
func (s *session) explain(err error) string {
	failure := outcome.Of(err)
	text := sentence(failure.Error()) + "."
	if failure.Hint != "" {
		text += "\nNext: " + failure.Hint + "."
	}
	for _, line := range failure.Log {
		text += "\n  " + line
	}
	return still(s.Action.Redactor.Text(text))
}

// sentence returns the text with its first letter in upper case.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
