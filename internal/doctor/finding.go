package doctor

import (
	"fmt"
	"strings"

	"github.com/org/ami-action/internal/permission"
)

// Standing says how it stands with a thing.
type Standing string

// The standings of a thing.
const (
	OK      Standing = "ok"
	Missing Standing = "missing"
	// Unknown: it was not asked for, or the answer does not tell.
	Unknown Standing = "unknown"
)

// Finding is what was found of one thing.
type Finding struct {
	Name     string   `json:"name"`
	Standing Standing `json:"standing"`
	// Required is set where an operation that is to be possible needs it.
	Required bool `json:"required"`
	// Detail is what was found, or what happened instead. It may hold text from outside.
	Detail string `json:"detail,omitempty"`
	// Hint is what to do.
	Hint string `json:"hint,omitempty"`
	// Statement is the statement of an IAM policy that allows it; nil where that is not what is missing.
	Statement *permission.Statement `json:"statement,omitempty"`
	// Err is why it is not ok, nil where that is no error.
	Err error `json:"-"`
}

// Result is the JSON of an examination. Its schema is docs/doctor.schema.json.
type Result struct {
	// OK reports whether everything that is required is ok.
	OK     bool      `json:"ok"`
	Checks []Finding `json:"checks"`
}

// Text returns the findings as lines: the standing, the name, and what was found. What is not ok has what to do below
// it.
func Text(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		line := fmt.Sprintf("%-*s  %s", len(Missing), f.Standing, f.Name)
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

// Markdown returns the findings as a section of a summary: their text in a block, which nothing in it can end.
func Markdown(findings []Finding) string {
	text := Text(findings)
	fence := "~~~"
	for strings.Contains(text, fence) {
		fence += "~"
	}
	return "## AMI lifecycle: what operations need\n\n" + fence + "text\n" + text + fence + "\n"
}
