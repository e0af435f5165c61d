package doctor

import (
	"fmt"
	"strings"

	"github.com/org/ami-action/internal/permission"
)

// Status is the result of the check of one item.
type Status string

// The results of a check.
const (
	OK      Status = "ok"
	Missing Status = "missing"
	// Unknown means that the item was not checked, or that there was no definite response.
	Unknown Status = "unknown"
)

// Finding is the check of one item.
type Finding struct {
	Name   string `json:"name"`
	Status Status `json:"status"`
	// Required is set if every operation needs the item, or one in [Doctor.For] does, or required claims do.
	Required bool `json:"required"`
	// Detail says what was found, or what happened instead. It may contain untrusted text.
	Detail string `json:"detail,omitempty"`
	// Hint says what to do.
	Hint string `json:"hint,omitempty"`
	// Statement is the statement of an IAM policy that grants the missing permission. It is nil if none is missing.
	Statement *permission.Statement `json:"statement,omitempty"`
	// Err is the error that the check ended with, or nil.
	Err error `json:"-"`
}

// Result is the JSON result of AMI_DOCTOR. Its schema is docs/doctor.schema.json.
type Result struct {
	// OK says whether every required item is ok.
	OK     bool      `json:"ok"`
	Checks []Finding `json:"checks"`
}

// Text returns the findings as lines: the result, the name, and the detail. The hint and the statement, if there are any,
// follow on separate lines.
func Text(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		line := fmt.Sprintf("%-*s  %s", len(Missing), f.Status, f.Name)
		if !f.Required {
			line += " (optional)"
		}
		if f.Detail != "" {
			line += ": " + f.Detail
		}
		b.WriteString(line + "\n")
		indent := strings.Repeat(" ", len(Missing)+2)
		if f.Hint != "" {
			b.WriteString(indent + "hint: " + f.Hint + "\n")
		}
		if f.Statement != nil {
			b.WriteString(indent + f.Statement.String() + "\n")
		}
	}
	return b.String()
}

// Markdown returns the findings as a section of a summary: their text in a code block. The fence of the block is longer
// than any in the text, so the text cannot end the block.
func Markdown(findings []Finding) string {
	text := Text(findings)
	fence := "~~~"
	for strings.Contains(text, fence) {
		fence += "~"
	}
	return "## AMI lifecycle: what operations need\n\n" + fence + "text\n" + text + fence + "\n"
}
