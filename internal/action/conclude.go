package action

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/report"
)

// conclude writes the last outputs, the report, the summary, the result on stdout and the error message. err is the
// error of the operation. conclude returns the error that decides the exit code: a job whose operation succeeded fails if
// its outputs or its report cannot be written, because later jobs rely on them.
func (r *run) conclude(err error) error {
	if err == nil && r.dryRun {
		return nil
	}
	waits := r.Settings.Operation.Waits()
	if waits || r.Settings.Operation == lifecycle.Select {
		r.takeEnding(err)
	}
	if failure := outcome.Of(err); failure != nil {
		r.record.Error = r.Redactor.Text(failure.Error())
		r.record.Hint, r.record.Resume = r.Redactor.Text(failure.Hint), failure.Resume
	}
	for _, unwritten := range []error{r.writeViews(err), r.outputs.Err()} {
		switch {
		case err == nil:
			err = unwritten
		case unwritten != nil && outcome.Of(err).Kind != outcome.Invalid:
			// The operation's own error decides the exit code, but later jobs must not rely on what is missing.
			r.progress.Warn("%v. Later jobs need it.", unwritten)
		}
	}
	r.record.ExitCode = outcome.ExitCode(err)
	if err != nil {
		outcome.Report(r.Pipeline, err)
	} else if waits && r.Settings.Wait {
		r.progress.Say("Done.")
	}
	r.printRecord()
	return err
}

// takeEnding records the final status of an operation that waits or selects, even if it ended before that.
func (r *run) takeEnding(err error) {
	if err != nil || r.record.Status != outcome.StatusStarted {
		r.record.Status = outcome.Status(err)
	}
	if failure := outcome.Of(err); failure != nil && failure.Kind == outcome.EventFailed {
		r.record.Event = failure.Event.String()
	}
	r.outputs.SetRecord(&r.record)
}

// page is the report of an operation in each of its forms.
type page interface {
	Markdown() string
	ShortMarkdown() string
	Text() string
	HTML() ([]byte, error)
}

// writeViews writes the summary, the report file and the link to it.
func (r *run) writeViews(err error) error {
	var shown page
	switch {
	case r.listing != nil:
		shown = r.listing
	case r.Settings.Operation == lifecycle.Doctor:
		return nil // [run.examine] has written a summary
	case r.selected != nil:
		r.putSummary(r.selected.Markdown)
		return nil
	case r.document != nil || r.record.TimelineFile != "" || err != nil:
		shown = r.view(err)
	default:
		return nil
	}
	r.writeSummary(shown)
	reportErr := r.writeReport(shown)
	if url := r.Pipeline.ArtifactURL(r.record.ReportFile); r.record.ReportFile != "" && url != "" {
		if linkErr := r.Pipeline.Link(pipeline.Link{Title: "AMI lifecycle report", URL: url}); linkErr != nil {
			r.progress.Warn("The link to the report cannot be written: %v", linkErr)
		}
	}
	return reportErr
}

// writeSummary writes the full summary, or the short one if the settings ask for it. A step that only looked at a
// lifecycle also writes the short one, because the step that did the work has written the full one.
func (r *run) writeSummary(shown page) {
	looked := r.onlyLooked || r.listing == nil && !r.Settings.Operation.Waits()
	if r.Settings.Summary == config.SummaryShort || looked {
		r.putSummary(shown.ShortMarkdown)
	} else {
		r.putSummary(shown.Markdown)
	}
}

// putSummary writes a summary, unless the settings turn it off. If it cannot be written, the operation does not fail.
func (r *run) putSummary(markdown func() string) {
	if r.Settings.Summary == config.SummaryOff {
		return
	}
	if err := r.Pipeline.Summary(markdown()); err != nil {
		r.progress.Warn("The summary cannot be written: %v", err)
	}
}

// writeReport writes the report file if the settings name one. The extension of the name decides the form.
func (r *run) writeReport(shown page) error {
	path := r.Settings.ReportFile
	if path == "" || r.record.LifecycleID == "" && r.listing == nil {
		return nil
	}
	var content []byte
	var err error
	switch strings.ToLower(filepath.Ext(path)) {
	case ".md", ".markdown":
		content = []byte(shown.Markdown())
	case ".txt":
		content = []byte(shown.Text())
	default:
		content, err = shown.HTML()
	}
	if err == nil {
		err = r.Files.Write(r.reportFile(), content)
	}
	if err != nil {
		return outcome.NotWrittenError("the report", err)
	}
	path = r.Files.Relative(path)
	r.record.ReportFile = path
	r.outputs.Set("report_file", path)
	return nil
}

// view returns the report of the outcome.
func (r *run) view(err error) report.Report {
	job := r.Pipeline.Job()
	view := report.Report{
		Operation: r.Settings.Operation, LifecycleID: r.record.LifecycleID, Document: r.document,
		Outcome: r.reportOutcome(err), SavedFile: r.record.TimelineFile,
		Run: report.Link{Title: job.Title, URL: job.URL}, Now: time.Now(), FailOnSeverity: r.Settings.FailOnSeverity,
		Redactor: r.Redactor,
	}
	for _, event := range r.record.Events {
		view.Events = append(view.Events, report.Event{
			Event: event.Wire, State: string(event.State), Started: event.Started, Ended: event.Ended, Detail: event.Reason,
			Steps: r.steps.of(event.Wire, event.State),
		})
	}
	if failure := outcome.Of(err); failure != nil {
		view.NextStep, view.Log = failure.Hint, failure.Log
		view.FailureTitle, view.Failure = told(failure)
		if failure.Resume != "" {
			view.Resume, view.ResumeSyntax = r.resumption().OnPlatform()
		}
		for _, link := range failure.Links {
			view.Links = append(view.Links, report.Link(link))
		}
	}
	return view
}

// told returns what failed and why, without the lifecycle id and the state, which the report shows separately.
func told(failure *outcome.Error) (title, reason string) {
	rest := *failure
	rest.LifecycleID, rest.State = "", ""
	return failure.Title(), rest.Error()
}

// reportOutcome converts the outcome to that of package report.
func (r *run) reportOutcome(err error) report.Outcome {
	switch {
	case err == nil && r.Settings.Operation == lifecycle.GetStatus:
		return lookedAt(r.record.Status)
	case err == nil && r.record.Status == outcome.StatusStarted:
		return report.Accepted
	case err == nil:
		return report.Succeeded
	}
	switch outcome.Of(err).Kind {
	case outcome.Interrupted:
		return report.Interrupted
	case outcome.Refused:
		return report.Refused
	case outcome.TimedOut:
		return report.TimedOut
	case outcome.Unknown:
		return report.Unknown
	case outcome.NotFound:
		return report.NotFound
	}
	return report.Failed
}

// lookedAt returns the outcome for a lifecycle that was only looked at. It is never [report.Succeeded]: a look does not
// make anything succeed.
func lookedAt(status string) report.Outcome {
	switch status {
	case outcome.StatusRunning:
		return report.Running
	case outcome.StatusCompleted, outcome.StatusStarted:
		return ""
	}
	return report.Failed
}

// printRecord prints the JSON object of --output json, unless a document has already been printed.
func (r *run) printRecord() {
	if !r.printsJSON() || r.printed {
		return
	}
	text, err := json.Marshal(r.record)
	if err != nil {
		panic(fmt.Sprintf("action: the record is not JSON: %v", err)) // our own types
	}
	if err := r.printDocument(text); err != nil {
		r.progress.Warn("The result cannot be written: %v", err)
	}
}
