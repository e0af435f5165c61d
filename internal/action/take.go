package action

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/watch"
)

// identified writes the lifecycle's id to the outputs, to stdout and to the progress as soon as it is known, before
// anything else can fail.
func (r *run) identified(id string, events []lifecycle.Event) {
	r.Settings.LifecycleID, r.record.LifecycleID = id, id
	r.waitedFor = events
	r.record.Status = outcome.StatusRunning
	if len(events) > 0 {
		r.record.Event = events[0].String()
	}
	r.outputs.SetRecord(&r.record)
	if !r.printsJSON() {
		fmt.Fprintln(r.Pipeline.Stdout(), id)
	}
	r.progress.Say("Lifecycle %s.", id)
}

// take updates the record and the outputs from the document. judged is nil if the operation is not
// waiting.
func (r *run) take(judged watch.Judgements, document *lifecycle.Document) {
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
func (r *run) version(judged watch.Judgements, document *lifecycle.Document) lifecycle.Version {
	o := r.Settings.Operation
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

// checkGate returns an error if the scan of the operation's image found vulnerabilities that the settings do not allow.
// The scan counts even if another job asked for it or if it completed earlier.
func (r *run) checkGate(judged watch.Judgements, document *lifecycle.Document) error {
	if r.Settings.FailOnSeverity == "" || document == nil {
		return nil
	}
	version := r.version(judged, document)
	findings := version.Findings()
	if findings == nil {
		return nil
	}
	gate := findings.Against(r.Settings.FailOnSeverity)
	if gate.Passed() {
		return nil
	}
	return &outcome.Error{
		Kind: outcome.GateNotPassed, LifecycleID: document.ID, Event: version.Scan.Name,
		Reason: fmt.Sprintf("%s of version %s found %s", version.Scan.Name, cmp.Or(version.SemanticVersion(), "(unknown)"), gate),
		Hint:   fmt.Sprintf("fix the image, or change %s", config.FailOnSeverity.On(r.Settings.Platform)),
	}
}

func (r *run) printsJSON() bool { return r.Settings.Output == config.OutputJSON }
