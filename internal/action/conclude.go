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

// publisher writes what an operation has found out when it ends: the summary, the report, the result on stdout and the
// error message.
type publisher struct {
	*result
	files Files
}

// conclude writes the last outputs, the report, the summary, the result on stdout and the error message. err is the
// error of the operation. conclude returns the error that decides the exit code: a job whose operation succeeded fails if
// its outputs or its report cannot be written, because later jobs rely on them.
func (p *publisher) conclude(err error) error {
	if err == nil && p.dryRun {
		return nil
	}
	waits := p.settings.Operation.Waits()
	if waits || p.settings.Operation == lifecycle.Select {
		p.takeEnding(err)
	}
	if failure := outcome.Of(err); failure != nil {
		p.record.Error = p.redactor.Text(failure.Error())
		p.record.Hint, p.record.Resume = p.redactor.Text(failure.Hint), failure.Resume
	}
	for _, unwritten := range []error{p.writeViews(err), p.outputs.Err()} {
		switch {
		case err == nil:
			err = unwritten
		case unwritten != nil && outcome.Of(err).Kind != outcome.Invalid:
			// The operation's own error decides the exit code, but later jobs must not rely on what is missing.
			p.progress.Warn("%v. Later jobs need it.", unwritten)
		}
	}
	p.record.ExitCode = outcome.ExitCode(err)
	if err != nil {
		outcome.Report(p.pipeline, err)
	} else if waits && p.settings.Wait {
		p.progress.Say("Done.")
	}
	p.printRecord()
	return err
}

// takeEnding records the final status of an operation that waits or selects, even if it ended before that.
func (p *publisher) takeEnding(err error) {
	if err != nil || p.record.Status != outcome.StatusStarted {
		p.record.Status = outcome.Status(err)
	}
	if failure := outcome.Of(err); failure != nil && failure.Kind == outcome.EventFailed {
		p.record.Event = failure.Event.String()
	}
	p.outputs.SetRecord(&p.record)
}

// page is the report of an operation in each of its forms.
type page interface {
	Markdown() string
	ShortMarkdown() string
	Text() string
	HTML() ([]byte, error)
}

// writeViews writes the summary, the report file and the link to it.
func (p *publisher) writeViews(err error) error {
	var shown page
	switch {
	case p.listing != nil:
		shown = p.listing
	case p.settings.Operation == lifecycle.Doctor:
		return nil // [run.examine] has written a summary
	case p.selection != nil:
		p.putSummary(p.selection.Markdown)
		return nil
	case p.document != nil || p.record.TimelineFile != "" || err != nil:
		shown = p.view(err)
	default:
		return nil
	}
	p.writeSummary(shown)
	reportErr := p.writeReport(shown)
	if url := p.pipeline.ArtifactURL(p.record.ReportFile); p.record.ReportFile != "" && url != "" {
		if linkErr := p.pipeline.Link(pipeline.Link{Title: "AMI lifecycle report", URL: url}); linkErr != nil {
			p.progress.Warn("The link to the report cannot be written: %v", linkErr)
		}
	}
	return reportErr
}

// writeSummary writes the full summary, or the short one if the settings ask for it. A step that only looked at a
// lifecycle also writes the short one, because the step that did the work has written the full one.
func (p *publisher) writeSummary(shown page) {
	looked := p.onlyLooked || p.listing == nil && !p.settings.Operation.Waits()
	if p.settings.Summary == config.SummaryShort || looked {
		p.putSummary(shown.ShortMarkdown)
	} else {
		p.putSummary(shown.Markdown)
	}
}

// putSummary writes a summary, unless the settings turn it off. If it cannot be written, the operation does not fail.
func (p *publisher) putSummary(markdown func() string) {
	if p.settings.Summary == config.SummaryOff {
		return
	}
	if err := p.pipeline.Summary(markdown()); err != nil {
		p.progress.Warn("The summary cannot be written: %v", err)
	}
}

// writeReport writes the report file if the settings name one. The extension of the name decides the form.
func (p *publisher) writeReport(shown page) error {
	path := p.settings.ReportFile
	if path == "" || p.record.LifecycleID == "" && p.listing == nil {
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
		err = p.files.Write(reportFile(p.settings), content)
	}
	if err != nil {
		return outcome.NotWrittenError("the report", err)
	}
	path = p.files.Relative(path)
	p.record.ReportFile = path
	p.outputs.Set("report_file", path)
	return nil
}

// view returns the report of the outcome.
func (p *publisher) view(err error) report.Report {
	job := p.pipeline.Job()
	view := report.Report{
		Operation: p.settings.Operation, LifecycleID: p.record.LifecycleID, Document: p.document,
		Outcome: p.reportOutcome(err), SavedFile: p.record.TimelineFile,
		Run: report.Link{Title: job.Title, URL: job.URL}, Now: time.Now(), FailOnSeverity: p.settings.FailOnSeverity,
		Redactor: p.redactor,
	}
	for _, event := range p.record.Events {
		view.Events = append(view.Events, report.Event{
			Event: event.Wire, State: string(event.State), Started: event.Started, Ended: event.Ended, Detail: event.Reason,
			Steps: p.steps.of(event.Wire, event.State),
		})
	}
	if failure := outcome.Of(err); failure != nil {
		view.NextStep, view.Log = failure.Hint, failure.Log
		view.FailureTitle, view.Failure = told(failure)
		if failure.Resume != "" {
			view.Resume, view.ResumeSyntax = p.resumption().OnPlatform()
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
func (p *publisher) reportOutcome(err error) report.Outcome {
	switch {
	case err == nil && p.settings.Operation == lifecycle.GetStatus:
		return lookedAt(p.record.Status)
	case err == nil && p.record.Status == outcome.StatusStarted:
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
func (p *publisher) printRecord() {
	if !p.printsJSON() || p.printed {
		return
	}
	text, err := json.Marshal(p.record)
	if err != nil {
		panic(fmt.Sprintf("action: the record is not JSON: %v", err)) // our own types
	}
	if err := p.printDocument(text); err != nil {
		p.progress.Warn("The result cannot be written: %v", err)
	}
}
