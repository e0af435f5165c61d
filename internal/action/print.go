package action

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
)

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
	r.story.Say("Dry run: nothing is sent.")
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
