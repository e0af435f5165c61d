package action

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/progress"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/report"
	"github.com/org/ami-action/internal/resume"
	"github.com/org/ami-action/internal/watch"
)

// result is what an operation has found out so far. Each change is written to the outputs at once, so that later jobs
// have it even if this process is killed.
type result struct {
	settings *config.Settings
	pipeline Pipeline
	redactor *redact.Redactor
	progress *progress.Reporter

	record    outcome.Record
	outputs   outcome.Outputs
	document  *lifecycle.Document // the newest document, nil before the first one is read
	listing   *report.Listing     // set by AMI_GET_STATUSES when the list has been read
	selection *report.Selection   // set by AMI_SELECT when an AMI is found
	steps     innerSteps          // the steps that were seen inside the events

	// underWay is set when the orchestrator has accepted the request, or when there is nothing left to send. sending is
	// set just before the first request is sent.
	underWay, sending bool
	// waitedFor holds the events of the current wait, for the command line that resumes it.
	waitedFor []lifecycle.Event
	// onlyLooked is set if the first look of a wait shows that there is nothing to wait for.
	onlyLooked bool
	// dryRun is set if the operation is a dry run, which sends nothing. printed is set when the result is on stdout.
	dryRun, printed bool
}

func newResult(o Options, reporter *progress.Reporter) *result {
	return &result{
		settings: o.Settings, pipeline: o.Pipeline, redactor: o.Redactor, progress: reporter, steps: innerSteps{},
		record: outcome.Record{Operation: o.Settings.Operation}, outputs: outcome.Outputs{To: o.Pipeline},
	}
}

// identified writes the lifecycle's id to the outputs, to stdout and to the progress as soon as it is known, before
// anything else can fail.
func (r *result) identified(id string, events []lifecycle.Event) {
	r.record.LifecycleID = id
	r.waitedFor = events
	r.record.Status = outcome.StatusRunning
	if len(events) > 0 {
		r.record.Event = events[0].String()
	}
	r.outputs.SetRecord(&r.record)
	if !r.printsJSON() {
		fmt.Fprintln(r.pipeline.Stdout(), id)
	}
	r.progress.Say("Lifecycle %s.", id)
}

// take updates the record and the outputs from the document. judged is nil if the operation is not
// waiting.
func (r *result) take(judged watch.Judgements, document *lifecycle.Document) {
	r.document = document
	for _, judgement := range judged {
		r.record.TakeEvent(judgement, document)
	}
	for _, judgement := range slices.Backward(judged) {
		if judgement.State != watch.Waiting && judgement.State != watch.Blocked {
			r.record.Event = judgement.Event.String() // the last one that has begun
			break
		}
	}
	r.record.TakeVersion(r.version(judged, document))
	r.outputs.SetRecord(&r.record)
}

// version returns the version of the image that the operation is about. It is empty while there is none: a new patch does
// not have the image of the previous patch, and a new scan does not have the findings of an old one.
func (r *result) version(judged watch.Judgements, document *lifecycle.Document) lifecycle.Version {
	o := r.settings.Operation
	phase := cmp.Or(o.Phase(), document.CurrentPhase())
	if !o.Waits() && phase == lifecycle.Patching {
		return document.CurrentVersion()
	}
	patch := judged.Of(lifecycle.PatchAMI)
	if patch != nil && patch.State != watch.Completed || o == lifecycle.Patch && judged == nil {
		return lifecycle.Version{Phase: phase}
	}
	version := document.VersionOf(phase)
	if version.Scan != nil {
		if scan := judged.Of(version.Scan.Name); scan != nil && scan.Result == nil {
			version.Scan = nil
		}
	}
	return version
}

// found stores the newest document and the lifecycle's id.
func (r *result) found(document *lifecycle.Document) {
	r.document, r.record.LifecycleID = document, document.ID
	r.outputs.SetRecord(&r.record)
}

func (r *result) printsJSON() bool { return r.settings.Output == config.OutputJSON }

// resumption describes the wait for a command that continues it.
func (r *result) resumption() resume.Wait {
	return resume.Wait{Settings: r.settings, LifecycleID: r.record.LifecycleID, Events: r.waitedFor}
}

// showDryRun prints the request that the operation sends without --dryRun, without its key, and sends nothing.
func (r *result) showDryRun(request orchestrator.Request) error {
	r.dryRun = true
	r.progress.Say("Dry run: nothing is sent.")
	preview, err := orchestrator.PreviewOf(request)
	if err != nil {
		return err
	}
	text, err := json.Marshal(struct {
		DryRun    bool                `json:"dry_run"`
		Operation lifecycle.Operation `json:"operation"`
		orchestrator.Preview
	}{true, r.settings.Operation, preview})
	if err != nil {
		return err
	}
	return r.printDocument(text)
}

// printDocument prints JSON of the server or of this command, redacted.
func (r *result) printDocument(raw []byte) error {
	r.printed = true
	r.redactor.Learn(raw)
	text, err := r.redactor.AppendIndented(nil, raw, "")
	if err != nil {
		return err
	}
	_, err = r.pipeline.Stdout().Write(append(text, '\n'))
	return err
}
