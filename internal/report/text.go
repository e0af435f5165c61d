package report

import (
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/redact"
)

// StatusText returns one lifecycle as text for a terminal, about 100 columns wide.
func StatusText(document *lifecycle.Document, now time.Time, redactor *redact.Redactor) string {
	return Report{Document: document, Now: now, Redactor: redactor}.Text()
}

// Text returns the report as text for a terminal, without colours.
func (r Report) Text() string {
	v := r.view()
	var b strings.Builder
	b.WriteString(v.Title)
	if v.Outcome != "" {
		b.WriteString(": " + string(v.Outcome))
	}
	b.WriteString("\n")
	if len(v.Facts) > 0 {
		b.WriteString("\n")
		table(&b, func(w *tabwriter.Writer) {
			for _, fact := range v.Facts {
				fmt.Fprintf(w, "  %s\t%s\n", fact.Name, fact.Value)
			}
		})
	}
	v.writeProgress(&b, "", moment)
	writeBlock(&b, v.troubleTitle(), v.Failure)
	writeBlock(&b, "The end of the build's log", v.Log)
	for _, link := range v.Links {
		writeBlock(&b, link.Title, link.URL)
	}
	writeBlock(&b, "What to do next", v.NextStep)
	writeBlock(&b, "How to continue", v.Resume)
	return b.String()
}

// Progress returns the part of [Report.Text] that changes: the events with their states, the images and the findings of
// the scans.
func (r Report) Progress() string {
	var b strings.Builder
	r.view().writeProgress(&b, ", times in UTC", func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format("2006-01-02 15:04")
	})
	return b.String()
}

// writeProgress writes the events, images and scans. at formats times; aboutTimes follows the name of each phase.
func (v view) writeProgress(b *strings.Builder, aboutTimes string, at func(time.Time) string) {
	for _, phase := range v.Phases {
		fmt.Fprintf(b, "\n%s%s\n", phase.Name, aboutTimes)
		writeRows(b, phase.Rows, at)
	}
	if len(v.AMIs) > 0 {
		b.WriteString("\nImages\n")
		table(b, func(w *tabwriter.Writer) {
			for _, ami := range v.AMIs {
				fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", ami.Region, ami.ID, ami.SemanticVersion, cut(ami.Name, 60))
			}
		})
		if v.MoreAMIs > 0 {
			fmt.Fprintf(b, "  and %s more\n", plural(v.MoreAMIs, "image"))
		}
	}
	for _, scan := range v.Scans {
		fmt.Fprintf(b, "\n%s: %s\n", scan.Title, plural(scan.Total, "finding"))
		var counts []string
		for _, count := range scan.Counts {
			if count.N > 0 {
				counts = append(counts, fmt.Sprintf("%d %s", count.N, strings.ToLower(string(count.Severity))))
			}
		}
		for _, line := range []string{strings.Join(counts, ", "), scan.Gate, scan.Report} {
			if line != "" {
				b.WriteString("  " + line + "\n")
			}
		}
		if scan.Unreadable {
			b.WriteString("  Some of these counts could not be read, so the result of the scan is unknown.\n")
		}
	}
}

// maxAside is the maximum length in bytes of a detail that is shown beside its event. A longer one is shown below it.
const maxAside = 20

func writeRows(b *strings.Builder, rows []row, at func(time.Time) string) {
	var lines strings.Builder
	table(&lines, func(w *tabwriter.Writer) {
		for _, row := range rows {
			aside := row.Detail
			if len(aside) > maxAside {
				aside = ""
			}
			fmt.Fprintf(w, "  %s %s\t%s\t%s\t%s\t%s\n", textMark(row.State), cut(row.Title, 32),
				word(row.State), at(row.Ended), span(row.Took), aside)
		}
	})
	// Details below an event are inserted afterwards, because they would end the columns of the table.
	i := 0
	for line := range strings.Lines(lines.String()) {
		b.WriteString(line)
		if detail := rows[i].Detail; len(detail) > maxAside {
			b.WriteString("      " + strings.Join(wrapped(detail, 90), "\n      ") + "\n")
		}
		i++
	}
}

func writeBlock(b *strings.Builder, title, text string) {
	if text != "" {
		fmt.Fprintf(b, "\n%s\n  %s\n", title, strings.ReplaceAll(text, "\n", "\n  "))
	}
}

// table writes a table whose columns are as wide as their widest cell, without spaces at the ends of lines.
func table(b *strings.Builder, fill func(*tabwriter.Writer)) {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fill(w)
	_ = w.Flush() // writing to a strings.Builder does not fail
	for line := range strings.Lines(out.String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
}

// wrapped breaks a text at spaces into lines of at most width bytes. It does not break words.
func wrapped(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	return append(lines, line)
}

func textMark(state string) string {
	switch tone(state) {
	case "good":
		return "✓"
	case "bad":
		return "✗"
	case "busy":
		return "…"
	}
	return "·"
}
