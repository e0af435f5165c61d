package report

import (
	"fmt"
	"strings"
)

// Markdown returns the report as GitHub's job summary shows it, well under its limit of 1 MiB.
func (r Report) Markdown() string {
	v := r.view()
	var b strings.Builder
	writeHead(&b, v)
	writeEvents(&b, v)
	if gantt := mermaidGantt(v); gantt != "" {
		b.WriteString("### Timeline\n\n```mermaid\n" + gantt + "```\n\n")
	}
	writeAMIs(&b, v)
	writeScans(&b, v)
	return b.String()
}

// ShortMarkdown returns what the report begins with: the outcome, what failed and what to do, the lifecycle at a
// glance, and its images.
func (r Report) ShortMarkdown() string {
	v := r.view()
	var b strings.Builder
	writeHead(&b, v)
	writeAMIs(&b, v)
	return b.String()
}

func writeHead(b *strings.Builder, v view) {
	heading := strings.TrimSpace(outcomeMark(v.Outcome) + " " + markdown(v.Title))
	if v.Outcome != "" {
		heading += ": " + markdown(string(v.Outcome))
	}
	fmt.Fprintf(b, "## %s\n\n", heading)
	if v.Subtitle != "" {
		fmt.Fprintf(b, "%s.", v.Subtitle)
		if v.Run.URL != "" {
			fmt.Fprintf(b, " [%s](%s)", markdown(v.Run.Title), markdownAddress(v.Run.URL))
		}
		b.WriteString("\n\n")
	}
	writeTrouble(b, v)
	writeFacts(b, v)
}

// writeTrouble says first what people look for first: what failed, what to do, how to go on.
func writeTrouble(b *strings.Builder, v view) {
	if v.Failure != "" {
		// A quotation wraps: the one sentence that everybody looks for must not run out of a block of code.
		b.WriteString("### " + v.troubleTitle() + "\n\n")
		writeLines(b, "> ", v.Failure)
	}
	if len(v.Links) > 0 {
		var links []string
		for _, link := range v.Links {
			links = append(links, fmt.Sprintf("[%s](%s)", markdown(link.Title), markdownAddress(link.URL)))
		}
		b.WriteString(strings.Join(links, " · ") + "\n\n")
	}
	if v.Log != "" {
		b.WriteString("<details open>\n<summary>The end of the build's log</summary>\n\n" + fenced(v.Log, "text") + "</details>\n\n")
	}
	if v.StackTrace != "" {
		b.WriteString("<details>\n<summary>Stack trace</summary>\n\n" + fenced(v.StackTrace, "text") + "</details>\n\n")
	}
	if v.NextStep != "" {
		b.WriteString("### What to do next\n\n")
		writeLines(b, "", v.NextStep)
	}
	if v.Resume != "" {
		b.WriteString("### How to go on from here\n\n" + fenced(v.Resume, "sh"))
	}
}

// writeLines writes a text of several lines, each as a line of its own after the prefix.
func writeLines(b *strings.Builder, prefix, text string) {
	for line := range strings.Lines(text) {
		b.WriteString(prefix + markdownLine(strings.TrimSpace(line)) + "  \n")
	}
	b.WriteString("\n")
}

// writeFacts makes the first fact the head of the table: an empty one would be an empty row.
func writeFacts(b *strings.Builder, v view) {
	for i, fact := range v.Facts {
		name, value := "**"+fact.Name+"**", markdown(fact.Value)
		if fact.IsCode {
			value = markdownCode(fact.Value)
		}
		if i == 0 {
			name = fact.Name
		}
		fmt.Fprintf(b, "| %s | %s |\n", name, value)
		if i == 0 {
			b.WriteString("| :--- | :--- |\n")
		}
	}
	if len(v.Facts) > 0 {
		b.WriteString("\n")
	}
}

func writeEvents(b *strings.Builder, v view) {
	for _, phase := range v.Phases {
		fmt.Fprintf(b, "### %s\n\n| Event | Status | Ended | Took | Note |\n| :--- | :--- | :--- | ---: | :--- |\n", phase.Name)
		for _, row := range phase.Rows {
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", unbroken(markdown(row.Title)),
				unbroken(mark(row.State)+" "+markdown(word(row.State))), unbroken(moment(row.Ended)), unbroken(span(row.Took)),
				markdown(row.Detail))
		}
		b.WriteString("\n")
	}
}

var unbreakable = strings.NewReplacer(" ", "&nbsp;", "-", "&#8209;")

// unbroken keeps a cell on one line beside one with a long text.
func unbroken(cell string) string { return unbreakable.Replace(cell) }

func writeAMIs(b *strings.Builder, v view) {
	if len(v.AMIs) == 0 {
		return
	}
	b.WriteString("### Images\n\n| Region | AMI | Version | Name | Account |\n| --- | --- | --- | --- | --- |\n")
	for _, ami := range v.AMIs {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", markdown(ami.Region), markdownCode(ami.ID),
			markdown(ami.SemanticVersion), markdown(ami.Name), markdown(ami.AccountID))
	}
	b.WriteString("\n")
	if v.MoreAMIs > 0 {
		fmt.Fprintf(b, "And %s more.\n\n", plural(v.MoreAMIs, "image"))
	}
	if v.Ancestry != "" {
		fmt.Fprintf(b, "Descends from %s.\n\n", markdown(v.Ancestry))
	}
}

func writeScans(b *strings.Builder, v view) {
	for _, scan := range v.Scans {
		fmt.Fprintf(b, "### %s: %s\n\n", markdown(scan.Title), plural(scan.Total, "finding"))
		names, rule, numbers := "|", "|", "|"
		for _, count := range scan.Counts {
			number := fmt.Sprint(count.N)
			if count.N > 0 {
				number = "**" + number + "**"
			}
			names += " " + strings.ToLower(string(count.Severity)) + " |"
			rule += " ---: |"
			numbers += " " + number + " |"
		}
		fmt.Fprintf(b, "%s\n%s\n%s\n\n", names, rule, numbers)
		if scan.Unreadable {
			b.WriteString("❔ Some of these counts could not be read: the scan proves nothing.\n\n")
		}
		if scan.Gate != "" {
			fmt.Fprintf(b, "%s Gate: %s.\n\n", gateMark(scan), scan.Gate)
		}
		if scan.Report != "" {
			fmt.Fprintf(b, "Details: %s\n\n", markdownCode(scan.Report))
		}
	}
}

func gateMark(s scan) string {
	if s.GateFailed {
		return "❌"
	}
	return "✅"
}
