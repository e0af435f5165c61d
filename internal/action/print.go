package action

import (
	"bytes"
	"encoding/json"
	"io"

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
	r.printed = true
	return r.writeDocument(raw, "", "\n")
}

// printList prints the server's own documents as the list of an object. One is redacted and laid out at a time: the list
// may be large.
func (r *run) printList(found []listed) error {
	r.printed = true
	out := r.Pipeline.Stdout()
	if _, err := io.WriteString(out, "{\n  \"lifecycles\": ["); err != nil {
		return err
	}
	end := ""
	for i, one := range found {
		separator := ","
		if i == 0 {
			separator = ""
		}
		if _, err := io.WriteString(out, separator+"\n    "); err != nil {
			return err
		}
		if err := r.writeDocument(one.document.Raw, "    ", ""); err != nil {
			return err
		}
		end = "\n  "
	}
	_, err := io.WriteString(out, end+"]\n}\n")
	return err
}

// writeDocument writes a document, redacted, its lines after the first indented by prefix, and then the end.
func (r *run) writeDocument(raw []byte, prefix, end string) error {
	redacted, err := r.Redactor.JSON(raw)
	if err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, redacted, prefix, "  "); err != nil {
		return err
	}
	indented.WriteString(end)
	_, err = indented.WriteTo(r.Pipeline.Stdout())
	return err
}
