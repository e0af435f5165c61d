package action

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/report"
	"github.com/org/ami-action/internal/watch"
)

// conclude writes what a command leaves behind: the last outputs, the report, the summary, the result on
// stdout and the error where people look first. It returns the error that decides the exit code.
func (r *run) conclude(err error) error {
	if r.dryRun {
		return err
	}
	if r.Settings.Operation.Waits() {
		r.setStatus(r.finalStatus(err))
		if event, ok := errors.AsType[*EventError](err); ok {
			r.setEvent(event.Event)
		}
	}
	if err != nil {
		r.outcome.Error = r.Redactor.Text(err.Error())
	}
	if r.underWay && (is[*UnfinishedError](err) || is[*InterruptedError](err)) {
		r.outcome.Resume = r.resume()
	}
	err = r.writeViews(err)
	if err == nil && r.outcome.failed != nil {
		err = r.outcome.failed
	}
	r.outcome.ExitCode = ExitCode(err)
	if err != nil {
		Report(r.Pipeline, err)
	} else if r.Settings.Operation.Waits() && r.Settings.Wait {
		r.story.say("Done.")
	}
	r.printOutcome()
	if err != nil {
		return &reportedError{err}
	}
	return nil
}

// writeViews writes the summary, the report file and the link to it. A job that did its work but cannot
// tell of it fails: later jobs rely on what it hands on.
func (r *run) writeViews(err error) error {
	if r.outcome.document == nil && err == nil {
		return nil
	}
	view := r.view(err)
	if r.Settings.Operation.Waits() {
		if summaryErr := r.Pipeline.Summary(view.Markdown()); summaryErr != nil {
			r.story.warn("The summary cannot be written: %v", summaryErr)
		}
	}
	if reportErr := r.writeReport(view); reportErr != nil && err == nil {
		err = reportErr
	}
	if url := r.Pipeline.ArtifactURL(r.outcome.ReportFile); r.outcome.ReportFile != "" && url != "" {
		if linkErr := r.Pipeline.Link(pipeline.Link{Title: "AMI lifecycle report", URL: url}); linkErr != nil {
			r.story.warn("The link to the report cannot be written: %v", linkErr)
		}
	}
	return err
}

// view is the outcome as the report shows it.
func (r *run) view(err error) report.Report {
	job := r.Pipeline.Job()
	view := report.Report{
		Operation: r.Settings.Operation, LifecycleID: r.outcome.LifecycleID, Document: r.outcome.document,
		Outcome: r.reportOutcome(err), Failure: r.outcome.Error, Resume: r.outcome.Resume,
		Run: report.Link{Title: job.Title, URL: job.URL}, Now: time.Now(), FailOnSeverity: r.Settings.FailOnSeverity,
		Redactor: r.Redactor,
	}
	for _, event := range r.outcome.Events {
		view.Events = append(view.Events, report.Event{
			Event: event.Event, State: string(event.State), Started: event.Started, Ended: event.Ended, Detail: event.Reason,
		})
	}
	if r.outcome.Resume != "" {
		// It has a place of its own in the report.
		view.Failure = strings.TrimSuffix(view.Failure, resumeWith+r.outcome.Resume)
	}
	if event, ok := errors.AsType[*EventError](err); ok {
		view.Failure = fmt.Sprintf("%s: %s", event.Event, event.Reason)
		view.NextStep = event.Hint
	}
	return view
}

// reportOutcome is the outcome in the report's words.
func (r *run) reportOutcome(err error) report.Outcome {
	if err == nil && r.outcome.Status == statusStarted {
		return report.Accepted
	}
	if is[*InterruptedError](err) {
		return report.Interrupted
	}
	outcome, ok := map[int]report.Outcome{
		ExitOK: report.Succeeded, ExitRefused: report.Refused, ExitTimeout: report.TimedOut, ExitUnknown: report.Unknown,
	}[ExitCode(err)]
	if !ok {
		return report.Failed
	}
	return outcome
}

// finalStatus is the output status of a command that waits, or that was to.
func (r *run) finalStatus(err error) string {
	switch {
	case err == nil && r.outcome.Status == statusStarted:
		return statusStarted
	case err == nil:
		return string(watch.Completed)
	case is[*UnknownError](err):
		return statusUnknown
	case is[*InterruptedError](err):
		return statusInterrupted
	case is[*GateError](err):
		return statusGate
	case is[*StalledError](err):
		return statusStalled
	case is[*watch.TimeoutError](err):
		return statusTimedOut
	}
	if event, ok := errors.AsType[*EventError](err); ok {
		return string(event.State)
	}
	if ExitCode(err) == ExitRefused {
		return statusRefused
	}
	return statusUnavailable
}

// printOutcome prints the one JSON object of --output json, unless the server's own document was it.
func (r *run) printOutcome() {
	if !r.printsJSON() || r.printed {
		return
	}
	text, err := json.Marshal(r.outcome)
	if err != nil {
		panic(fmt.Sprintf("action: the outcome is no JSON: %v", err)) // our own types
	}
	if err := r.printDocument(text); err != nil {
		r.story.warn("The result cannot be written: %v", err)
	}
}

// reportedError is an error that its user has been told already.
type reportedError struct{ error }

func (e *reportedError) Unwrap() error { return e.error }

// IsReported reports whether [Run] has told the user of the error already.
func IsReported(err error) bool { return is[*reportedError](err) }

// Annotator shows a message where people look first.
type Annotator interface{ Annotate(pipeline.Annotation) }

// Report tells the user of an error: each fault of a configuration or of a component as a message of its
// own, a component's with its file and line.
func Report(to Annotator, err error) {
	if faulty, ok := errors.AsType[*component.Error](err); ok {
		for _, problem := range faulty.Problems {
			to.Annotate(pipeline.Annotation{
				Level: pipeline.Error, Title: "Patch component", Message: problem.Message,
				File: faulty.File, Line: problem.Line, Column: problem.Column,
			})
		}
		return
	}
	if problems, ok := errors.AsType[*config.Problems](err); ok {
		for _, problem := range problems.All {
			to.Annotate(pipeline.Annotation{Level: pipeline.Error, Message: problem.Message})
		}
		return
	}
	title := ""
	if event, ok := errors.AsType[*EventError](err); ok {
		title = fmt.Sprintf("%s %s", event.Event.Title(), strings.ToLower(string(event.State)))
	}
	to.Annotate(pipeline.Annotation{Level: pipeline.Error, Title: title, Message: err.Error()})
}
