package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/org/ami-action/internal/redact"
)

// Selection is an AMI that was selected for a pipeline. It shows nothing else of the lifecycle, which may have a newer AMI.
type Selection struct {
	AMIID, Region, SemanticVersion, LifecycleID string
	// Product is the product with its version.
	Product string
	// Warnings are messages to read before the AMI is used.
	Warnings []string
	// PassedOver lists the better candidates, each with the reason why it was not selected, best first.
	PassedOver []string
	// Redactor redacts every text. If it is nil, a new Redactor without known secrets is used.
	Redactor *redact.Redactor
}

// Markdown returns the selection as a job summary.
func (s Selection) Markdown() string {
	clean := newCleaner(s.Redactor)
	var b strings.Builder
	fmt.Fprintf(&b, "## ✅ %s: selected\n\n", markdown(cmp.Or(clean.name(s.Product), "AMI")))
	fmt.Fprintf(&b, "**%s** · version %s · %s · lifecycle %s\n\n", markdownCode(clean.name(s.AMIID)),
		markdown(clean.name(s.SemanticVersion)), markdown(clean.name(s.Region)), markdownCode(clean.name(s.LifecycleID)))
	for _, warning := range s.Warnings {
		writeAlert(&b, "WARNING", "**Before you use it**", clean.line(warning, maxNote))
	}
	if len(s.PassedOver) == 0 {
		return b.String()
	}
	b.WriteString("Not selected:\n\n")
	shown := s.PassedOver[:min(len(s.PassedOver), maxRows)]
	for _, candidate := range shown {
		b.WriteString("- " + markdownLine(sentence(clean.line(candidate, maxNote))) + "\n")
	}
	if more := len(s.PassedOver) - len(shown); more > 0 {
		fmt.Fprintf(&b, "- and %d more\n", more)
	}
	return b.String()
}
