package action

import (
	"encoding/json"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
)

// showDryRun prints the request that the operation sends without --dryRun, without its key, and sends nothing.
func (r *run) showDryRun(request orchestrator.Request) error {
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
	}{true, r.Settings.Operation, preview})
	if err != nil {
		return err
	}
	return r.printDocument(text)
}

// printDocument prints JSON of the server or of this command, redacted.
func (r *run) printDocument(raw []byte) error {
	r.printed = true
	r.Redactor.Learn(raw)
	text, err := r.Redactor.AppendIndented(nil, raw, "")
	if err != nil {
		return err
	}
	_, err = r.Pipeline.Stdout().Write(append(text, '\n'))
	return err
}
