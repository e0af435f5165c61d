package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/redact"
)

// ListIsCut says why lifecycles may be missing from a list of all (docs/wire-contract.md, "The status document").
const ListIsCut = "The orchestrator cuts this list at 1 MB: lifecycles may be missing from it."

// ListText returns many lifecycles as a table for a terminal, the one that changed last first: id,
// product, AMI version, stack tag, how its latest event stands, and how long ago it changed.
func ListText(documents []*lifecycle.Document, now time.Time, redactor *redact.Redactor) string {
	if len(documents) == 0 {
		return "There are no lifecycles.\n"
	}
	var b strings.Builder
	table(&b, func(w *tabwriter.Writer) {
		fmt.Fprint(w, "LIFECYCLE\tPRODUCT\tAMI\tSTACK TAG\tLATEST EVENT\tCHANGED\n")
		for _, line := range Lines(documents, now, redactor) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", line.ID, orDash(line.Product), orDash(line.Version),
				orDash(line.StackTag), orDash(line.Latest), orDash(line.Changed))
		}
	})
	return b.String()
}

// Line is a lifecycle in a list. Its texts are redacted, short, and have no control characters.
type Line struct {
	Document                       *lifecycle.Document
	ID, Product, Version, StackTag string
	// Latest is the event that the lifecycle came to last, and how it stands; Changed is how long ago that was.
	Latest, Changed string
}

// Lines returns the lifecycles as lines of a list, the one that changed last first.
func Lines(documents []*lifecycle.Document, now time.Time, redactor *redact.Redactor) []Line {
	clean := newCleaner(redactor)
	var lines []Line
	for _, document := range slices.SortedFunc(slices.Values(documents), func(a, b *lifecycle.Document) int {
		return cmp.Or(b.Changed().Compare(a.Changed()), strings.Compare(a.ID, b.ID))
	}) {
		event, state := latest(document)
		lines = append(lines, Line{
			Document: document, ID: clean.line(document.ID, 40),
			Product:  strings.TrimSpace(clean.line(document.ProductName, 20) + " " + clean.line(document.ProductVer, 10)),
			Version:  clean.line(document.CurrentVersion().SemanticVersion(), 12),
			StackTag: clean.line(document.StackTag, 18),
			Latest:   strings.TrimSpace(clean.line(event.Title(), 24) + " " + strings.ToLower(clean.line(state, 20))),
			Changed:  ago(document.Changed(), now),
		})
	}
	return lines
}

// latest returns the event that the lifecycle came to last and its state.
func latest(document *lifecycle.Document) (lifecycle.Event, string) {
	event, status := document.Latest()
	if status == lifecycle.InProgress {
		return event, stateRunning
	}
	return event, string(status)
}

// ago writes how long ago something was; a point in time that is ahead of a wrong clock is "now".
func ago(t, now time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case now.IsZero():
		return t.UTC().Format("2006-01-02 15:04")
	case now.Sub(t) < time.Minute:
		return "now"
	case now.Sub(t) < time.Hour:
		return fmt.Sprintf("%dm ago", int(now.Sub(t).Minutes()))
	case now.Sub(t) < 48*time.Hour:
		return fmt.Sprintf("%dh ago", int(now.Sub(t).Hours()))
	}
	return fmt.Sprintf("%dd ago", int(now.Sub(t).Hours()/24))
}

func orDash(text string) string { return cmp.Or(text, "-") }
