package action

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
)

// showDryRun shows the very request that would go out, without its key, and sends nothing.
func (r *run) showDryRun(request orchestrator.Request) error {
	r.dryRun = true
	r.story.Say("Dry run: nothing is sent.")
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
