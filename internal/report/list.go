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

// ListIsCut says why lifecycles may be missing from the list of all (docs/wire-contract.md, "The status document").
const ListIsCut = "The orchestrator limits this list to 1 MB. Some lifecycles may be missing."

// ListText returns lifecycles as a table for a terminal, most recently changed first. The columns are the id, the
// product, the AMI version, the stack tag, the latest event with its status, and how long ago the lifecycle changed.
func ListText(lifecycles []lifecycle.Overview, now time.Time, redactor *redact.Redactor) string {
	if len(lifecycles) == 0 {
		return "There are no lifecycles.\n"
	}
	var b strings.Builder
	table(&b, func(w *tabwriter.Writer) {
		fmt.Fprint(w, "LIFECYCLE\tPRODUCT\tAMI\tSTACK TAG\tLATEST EVENT\tCHANGED\n")
		for _, line := range Lines(lifecycles, now, redactor) {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", line.ID, orDash(line.Product), orDash(line.Version),
				orDash(line.StackTag), orDash(line.Latest), orDash(line.Changed))
		}
	})
	return b.String()
}

// Line is a lifecycle in a list. Its texts are redacted, short, and have no control characters.
type Line struct {
	// Index is the index of the lifecycle in the argument of Lines.
	Index                          int
	ID, Product, Version, StackTag string
	// Latest is the latest event with its status. Changed is how long ago the lifecycle changed.
	Latest, Changed string
}

// Lines returns the lifecycles as lines of a list, most recently changed first.
func Lines(lifecycles []lifecycle.Overview, now time.Time, redactor *redact.Redactor) []Line {
	clean := remembering(newCleaner(redactor))
	order := make([]int, len(lifecycles))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := &lifecycles[i], &lifecycles[j]
		return cmp.Or(b.Changed.Compare(a.Changed), strings.Compare(a.ID, b.ID))
	})
	lines := make([]Line, len(order))
	for i, at := range order {
		one := &lifecycles[at]
		state := string(one.Status)
		if one.Status == lifecycle.InProgress {
			state = stateRunning
		}
		lines[i] = Line{
			Index: at, ID: clean(one.ID, 40),
			Product:  strings.TrimSpace(clean(one.Product, 20) + " " + clean(one.Version, 10)),
			Version:  clean(one.Newest, 12),
			StackTag: clean(one.StackTag, 18),
			Latest:   strings.TrimSpace(clean(one.Latest.Title(), 24) + " " + strings.ToLower(clean(state, 20))),
			Changed:  ago(one.Changed, now),
		}
	}
	return lines
}

// ago returns how long ago t was. It returns "now" for a time in the future, which comes from clocks that differ, and
// "" for the zero time.
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
