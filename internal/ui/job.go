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

// job is one operation, while it is under way and after it has ended.
type job struct {
	title    string
	settings *config.Settings
	line     string // the BATCH line that does the same
	begun    time.Time

	mu       sync.Mutex
	document *lifecycle.Document // the newest one, nil before the first
	stdout   bytes.Buffer
	stderr   bytes.Buffer
	ended    bool
	err      error
}

// carryOut runs the job's operation to its end, by the workflow of BATCH mode.
func (s *session) carryOut(ctx context.Context, j *job) {
	rooms := s.Rooms
	rooms.Settings = j.settings
	where := pipeline.Detect(localOnly(s.Environ), pipeline.Options{
		Stdout: locked{&j.mu, &j.stdout}, Stderr: locked{&j.mu, &j.stderr}, Redactor: rooms.Redactor, Ending: ctx.Done(),
	})
	rooms.Pipeline = where
	rooms.Orchestrator = observed{rooms.Orchestrator, j}
	err := action.Run(ctx, rooms)
	_ = where.Close() // buffers take everything
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ended, j.err = true, err
}

// start begins a job that goes on when another screen is shown.
func (s *session) start(j *job) {
	s.mu.Lock()
	s.jobs = append(s.jobs, j)
	s.mu.Unlock()
	s.running.Go(func() {
		s.carryOut(s.jobsCtx, j)
		if s.jobsCtx.Err() == nil {
			s.notify(j.title + ": " + j.standing())
		}
	})
}

// localOnly takes away what would make a person's terminal a job of a pipeline.
func localOnly(environ []string) []string {
	var local []string
	for _, variable := range environ {
		if name, _, _ := strings.Cut(variable, "="); name != "GITHUB_ACTIONS" && name != "GITLAB_CI" {
			local = append(local, variable)
		}
	}
	return local
}

// locked is a buffer that is read while it is written.
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

// observed hands the documents that an operation reads to its job.
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

// story returns the lines that the operation has told.
func (j *job) story() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	text := strings.TrimRight(still(j.stderr.String()), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

// result returns what the operation has written to stdout.
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

// standing says in one line how the job stands.
func (j *job) standing() string {
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

// storyShown is how many of the last lines of its story the view of a job shows.
const storyShown = 6

// view shows the job as it stands: why it failed, its events, the end of its story, its images.
func (s *session) view(j *job) string {
	document, ended, err := j.state()
	lines := j.story()
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
		r := report.Report{LifecycleID: document.ID, Document: document, Now: time.Now(), Redactor: s.Rooms.Redactor}
		b.WriteString("Lifecycle " + oneLine(document.ID) + still(r.Progress()) + "\n")
	}
	for _, line := range lines[max(0, len(lines)-storyShown):] {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// ending says how an operation ended, and what to do next.
func (s *session) ending(err error) string {
	if err == nil {
		return "Completed: everything you requested has finished."
	}
	return s.explain(err)
}

// explain says what happened, and what to do next.
func (s *session) explain(err error) string {
	failure := outcome.Of(err)
	text := sentence(failure.Error()) + "."
	if failure.Hint != "" {
		text += "\nNext: " + failure.Hint + "."
	}
	for _, line := range failure.Log {
		text += "\n  " + line
	}
	return still(s.Rooms.Redactor.Text(text))
}

// sentence begins a text with a capital letter.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
