package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/org/ami-action/internal/redact"
)

// Selection is an AMI that a pipeline was given to use. It tells nothing else of the lifecycle, which may have a newer one.
type Selection struct {
	AMIID, Region, SemanticVersion, LifecycleID string
	// Product is the product with its version.
	Product string
	// Warnings are what to know before the AMI is used.
	Warnings []string
	// PassedOver are the better candidates, each with the reason why it was not taken, best first.
	PassedOver []string
	// Redactor redacts every text; nil means one that does not know any secrets, only how they look.
	Redactor *redact.Redactor
}

// Markdown is the selection as a job's summary.
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
	b.WriteString("Passed over:\n\n")
	shown := s.PassedOver[:min(len(s.PassedOver), maxRows)]
	for _, candidate := range shown {
		b.WriteString("- " + markdownLine(sentence(clean.line(candidate, maxNote))) + "\n")
	}
	if more := len(s.PassedOver) - len(shown); more > 0 {
		fmt.Fprintf(&b, "- and %d more\n", more)
	}
	return b.String()
}
