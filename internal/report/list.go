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

// ListText returns many lifecycles as a table for a terminal, the one that changed last first: id,
// product, AMI version, stack tag, how its latest event stands, and how long ago it changed.
func ListText(documents []*lifecycle.Document, now time.Time, redactor *redact.Redactor) string {
	if len(documents) == 0 {
		return "There are no lifecycles.\n"
	}
	sorted := slices.SortedFunc(slices.Values(documents), func(a, b *lifecycle.Document) int {
		return cmp.Or(changed(b).Compare(changed(a)), strings.Compare(a.ID, b.ID))
	})
	clean := newCleaner(redactor)
	var b strings.Builder
	table(&b, func(w *tabwriter.Writer) {
		fmt.Fprint(w, "LIFECYCLE\tPRODUCT\tAMI\tSTACK TAG\tLATEST EVENT\tCHANGED\n")
		for _, document := range sorted {
			version := document.CurrentVersion().SemanticVersion()
			event, state := latest(document)
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n",
				clean.line(document.ID, 40),
				orDash(strings.TrimSpace(clean.line(document.ProductName, 20)+" "+clean.line(document.ProductVer, 10))),
				orDash(clean.line(version, 12)), orDash(clean.line(document.StackTag, 18)),
				orDash(strings.TrimSpace(clean.line(event.Title(), 24)+" "+strings.ToLower(clean.line(state, 20)))),
				orDash(ago(changed(document), now)))
		}
	})
	return b.String()
}

// latest returns the event that the lifecycle came to last and its state.
func latest(document *lifecycle.Document) (lifecycle.Event, string) {
	if running := document.Running; running != nil {
		return running.Name, documentRow(document, running.Name.Phase(), running.Name).State
	}
	for _, phase := range []lifecycle.Phase{lifecycle.Patching, lifecycle.Creation} {
		order := phase.Order()
		for _, event := range slices.Backward(order) {
			if result := document.ResultOf(event); result != nil {
				return event, string(result.Status)
			}
		}
	}
	return "", ""
}

// changed returns when the lifecycle changed last, as far as the document says.
func changed(document *lifecycle.Document) time.Time {
	last := document.Created.Time
	note := func(t time.Time) {
		if t.After(last) {
			last = t
		}
	}
	note(document.Updated.Time)
	if document.Running != nil {
		note(document.Running.Started.Time)
		note(document.Running.StatusDate.Time)
	}
	for _, phase := range []lifecycle.Phase{lifecycle.Creation, lifecycle.Patching} {
		for _, result := range document.Results(phase) {
			note(result.StatusDate.Time)
		}
	}
	return last
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
