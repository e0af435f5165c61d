package action

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/report"
)

// showStatus fetches one lifecycle and shows it, redacted.
func (r *run) showStatus(ctx context.Context) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, err := r.look(ctx)
	if err != nil {
		return err
	}
	r.take(nil, document)
	r.setStatus(statusOf(document))
	if r.printsJSON() {
		return r.printDocument(document.Raw)
	}
	_, err = fmt.Fprint(r.Pipeline.Stdout(), report.StatusText(document, time.Now(), r.Redactor))
	return err
}

// showStatuses fetches all lifecycles and shows them, newest first. The server ignores the stack tag, so
// it filters here, if the user gave it: an implied one would hide most lifecycles from someone on a branch.
func (r *run) showStatuses(ctx context.Context) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	documents, complete, err := r.statuses(ctx)
	if err != nil {
		return err
	}
	if !complete {
		r.story.warn("The orchestrator cuts this list at 1 MB: lifecycles may be missing from it.")
	}
	if r.Settings.StackTagGiven {
		documents = slices.DeleteFunc(documents, func(d *lifecycle.Document) bool { return d.StackTag != r.Settings.StackTag })
	}
	slices.SortStableFunc(documents, func(a, b *lifecycle.Document) int { return b.Created.Compare(a.Created.Time) })
	if !r.printsJSON() {
		_, err := fmt.Fprint(r.Pipeline.Stdout(), report.ListText(documents, time.Now(), r.Redactor))
		return err
	}
	list := []byte(`{"lifecycles":[`)
	for i, document := range documents {
		if i > 0 {
			list = append(list, ',')
		}
		list = append(list, document.Raw...)
	}
	return r.printDocument(append(list, "]}"...))
}

// saveTimeline fetches the timeline page and saves it. The page is the server's own: what is secret in
// it is redacted.
func (r *run) saveTimeline(ctx context.Context) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	id := r.Settings.LifecycleID
	page, err := r.Orchestrator.Timeline(ctx, r.Settings.Operation.Phase(), id)
	if err != nil {
		return err
	}
	path := r.Settings.TimelineFile
	if path == "" {
		path = fmt.Sprintf("ami-timeline-%s.html", id)
	}
	if err := writeFile(path, []byte(r.Redactor.Text(string(page)))); err != nil {
		return &OutputError{Name: "timeline " + path, Err: err}
	}
	r.outcome.LifecycleID, r.outcome.TimelineFile = id, path
	r.output("lifecycle_id", id)
	r.output("timeline_file", path)
	if !r.printsJSON() {
		fmt.Fprintln(r.Pipeline.Stdout(), path)
	}
	return nil
}

// showDryRun shows what would go out, and sends nothing.
func (r *run) showDryRun(events []lifecycle.Event, properties map[string]string) error {
	s := r.Settings
	request := struct {
		DryRun        bool                        `json:"dry_run"`
		Operation     lifecycle.Operation         `json:"operation"`
		LifecycleID   string                      `json:"lifecycle_id,omitempty"`
		StackTag      string                      `json:"stack_tag"`
		Owner         string                      `json:"owner,omitempty"`
		ProductName   string                      `json:"product_name,omitempty"`
		ProductVer    string                      `json:"product_ver,omitempty"`
		CommitRef     string                      `json:"commit_ref,omitempty"`
		Notifications []orchestrator.Notification `json:"notifications,omitempty"`
		Events        []lifecycle.Event           `json:"events"`
		Verdict       string                      `json:"verdict,omitempty"`
		Properties    map[string]string           `json:"properties"`
	}{
		DryRun: true, Operation: s.Operation, LifecycleID: s.LifecycleID, StackTag: s.StackTag, Owner: s.Owner,
		ProductName: s.ProductName, ProductVer: s.ProductVer, CommitRef: s.CommitRef,
		Notifications: r.notifications(), Events: events, Properties: properties,
		Verdict: s.CertificationStatus + s.ApprovalStatusAMICreation + s.ApprovalStatusAMIPatch,
	}
	r.dryRun = true
	r.story.say("Dry run: nothing is sent.")
	text, err := json.MarshalIndent(request, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(r.Pipeline.Stdout(), string(text))
	return err
}

// printDocument prints the server's own JSON, redacted.
func (r *run) printDocument(raw []byte) error {
	redacted, err := r.Redactor.JSON(raw)
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, redacted, "", "  "); err != nil {
		return err
	}
	r.printed = true
	_, err = fmt.Fprintln(r.Pipeline.Stdout(), indented.String())
	return err
}

// statusOf is the status of a lifecycle in one word: that of the event in progress, else of the newest
// result.
func statusOf(document *lifecycle.Document) string {
	if running := document.Running; running != nil {
		if running.IsRunning() {
			return statusRunning
		}
		return string(running.Status)
	}
	results := append(slices.Clone(document.Results(lifecycle.Creation)), document.Results(lifecycle.Patching)...)
	if len(results) == 0 {
		return statusStarted
	}
	return string(results[len(results)-1].Status)
}
