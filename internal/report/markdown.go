package report

import (
	"fmt"
	"strings"
)

// Markdown returns the report for a job summary on GitHub. Its size is well below GitHub's limit of 1 MiB.
func (r Report) Markdown() string {
	v := r.view()
	var b strings.Builder
	writeHead(&b, v)
	writeEvents(&b, v)
	if gantt := mermaidGantt(v); gantt != "" {
		b.WriteString("### Timeline\n\n```mermaid\n" + gantt + "```\n\n")
	}
	writeVersions(&b, v)
	if scan := v.newestScan(); scan != nil && !scan.GateFailed {
		writeScan(&b, *scan)
	}
	writeRuns(&b, v)
	return b.String()
}

// ShortMarkdown returns the first part of the report: the result, the failure with the next step, and the facts of the
// lifecycle, followed by one line with the events.
func (r Report) ShortMarkdown() string {
	v := r.view()
	var b strings.Builder
	writeHead(&b, v)
	writeEventsInALine(&b, v)
	return b.String()
}

// writeEventsInALine writes the events of the current half with their states, in one line.
func writeEventsInALine(b *strings.Builder, v view) {
	for _, phase := range v.Phases {
		if !phase.IsCurrent {
			continue
		}
		var events []string
		for _, row := range phase.Rows {
			events = append(events, unbroken(mark(row.State)+" "+markdown(row.Title)))
		}
		b.WriteString(strings.Join(events, " · ") + "\n")
	}
}

func writeHead(b *strings.Builder, v view) {
	heading := strings.TrimSpace(outcomeMark(v.Outcome) + " " + markdown(v.Title))
	if v.Outcome != "" {
		heading += ": " + markdown(string(v.Outcome))
	}
	fmt.Fprintf(b, "## %s\n\n", heading)
	writeResult(b, v)
	writeTrouble(b, v)
	writeFacts(b, v)
}

// writeResult writes the line that people look for first. It begins with the AMI id, so that the id is not broken.
func writeResult(b *strings.Builder, v view) {
	var parts []string
	if len(v.AMIs) > 0 {
		ami := v.AMIs[0]
		id := markdownCode(ami.ID)
		if !v.IsOlder {
			id = "**" + id + "**"
		}
		parts = append(parts, id)
		if ami.SemanticVersion != "" {
			parts = append(parts, "version "+markdown(ami.SemanticVersion))
		}
		regions := markdown(ami.Region)
		if more := len(v.AMIs) + v.MoreAMIs - 1; more > 0 {
			regions += " and " + plural(more, "more image")
		}
		parts = append(parts, regions)
	}
	for _, fact := range v.Facts {
		if fact.Name == factLifecycle {
			parts = append(parts, "lifecycle "+markdownCode(fact.Value))
		}
	}
	if v.IsOlder {
		b.WriteString("This patch has no image. The image before it is still available:\n\n")
	}
	if len(parts) > 0 {
		b.WriteString(strings.Join(parts, " · ") + "\n\n")
	}
	if v.SavedFile != "" {
		b.WriteString("Saved as " + markdownCode(v.SavedFile) + "\n\n")
	}
}

// writeTrouble writes what failed and what to do next.
func writeTrouble(b *strings.Builder, v view) {
	if v.Failure != "" {
		writeAlert(b, v.alert(), "**"+markdown(v.troubleTitle())+"**", v.Failure)
	}
	if scan := v.newestScan(); scan != nil && scan.GateFailed {
		writeScan(b, *scan)
	}
	if len(v.Links) > 0 {
		b.WriteString(joinLinks(v.Links) + "\n\n")
	}
	if v.Log != "" {
		b.WriteString("<details open>\n<summary>The end of the build's log</summary>\n\n" + fenced(v.Log, "text") + "</details>\n\n")
	}
	if v.StackTrace != "" {
		b.WriteString("<details>\n<summary>Stack trace</summary>\n\n" + fenced(v.StackTrace, "text") + "</details>\n\n")
	}
	if v.NextStep != "" {
		writeAlert(b, "TIP", "**What to do next**", v.NextStep)
	}
	if v.Resume != "" {
		b.WriteString("To continue:\n\n" + fenced(v.Resume, v.ResumeSyntax))
	}
}

// alert returns the kind of the alert with the failure (https://docs.github.com/get-started, "Basic writing and
// formatting syntax", "Alerts"). After a timeout or an interrupt it is a warning, because the event continues.
func (v view) alert() string {
	if v.Outcome == TimedOut || v.Outcome == Interrupted {
		return "WARNING"
	}
	return "CAUTION"
}

// writeAlert writes an alert with a title and a text of several lines.
func writeAlert(b *strings.Builder, kind, title, text string) {
	fmt.Fprintf(b, "> [!%s]\n> %s\n>\n", kind, title)
	for line := range strings.Lines(text) {
		b.WriteString("> " + markdownLine(strings.TrimSpace(line)) + "  \n")
	}
	b.WriteString("\n")
}

func joinLinks(links []Link) string {
	var joined []string
	for _, link := range links {
		joined = append(joined, fmt.Sprintf("[%s](%s)", markdown(link.Title), markdownAddress(link.URL)))
	}
	return strings.Join(joined, " · ")
}

// writeFacts writes the facts that the heading and the result do not contain.
func writeFacts(b *strings.Builder, v view) {
	var parts []string
	if v.Subtitle != "" {
		parts = append(parts, v.Subtitle)
	}
	if v.Run.URL != "" {
		parts = append(parts, joinLinks([]Link{v.Run}))
	}
	for _, fact := range v.Facts {
		switch fact.Name {
		case factLifecycle, factProduct, factVersion:
		case factCommit:
			// The id can be shortened only with a link to the commit's page, which shows the full id.
			if fact.URL == "" {
				parts = append(parts, "commit "+markdownCode(fact.Value))
				continue
			}
			parts = append(parts, fmt.Sprintf("commit [%s](%s)", markdownCode(shortCommit(fact.Value)), markdownAddress(fact.URL)))
		default:
			parts = append(parts, strings.ToLower(fact.Name)+" "+markdown(fact.Value))
		}
	}
	if len(parts) > 0 {
		b.WriteString(strings.Join(parts, " · ") + "\n\n")
	}
}

// shortCommit returns the first 10 characters of a commit's id.
func shortCommit(id string) string { return id[:min(len(id), 10)] }

// writeEvents writes a table of the events for each half of the lifecycle. The half that the report is not about is
// collapsed.
func writeEvents(b *strings.Builder, v view) {
	for _, phase := range v.Phases {
		if phase.IsCurrent {
			fmt.Fprintf(b, "### %s\n\n", phase.Name)
		} else {
			fmt.Fprintf(b, "<details>\n<summary>%s</summary>\n\n", phase.Name)
		}
		b.WriteString("| Event | Status | Ended | Took | Note |\n| :--- | :--- | :--- | ---: | :--- |\n")
		for _, row := range phase.Rows {
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s |\n", unbroken(markdown(row.Title)),
				unbroken(mark(row.State)+" "+markdown(word(row.State))), unbroken(moment(row.Ended)), unbroken(span(row.Took)),
				markdown(row.Detail))
		}
		b.WriteString("\n")
		if !phase.IsCurrent {
			b.WriteString("</details>\n\n")
		}
	}
}

var unbreakable = strings.NewReplacer(" ", "&nbsp;", "-", "&#8209;")

// unbroken returns a cell that is not broken into lines, even beside a cell with a long text.
func unbroken(cell string) string { return unbreakable.Replace(cell) }

func writeVersions(b *strings.Builder, v view) {
	if len(v.Versions) == 0 {
		return
	}
	b.WriteString("### Images\n\n| AMI | Version | Region | Account | Findings | Made by |\n| :--- | :--- | :--- | :--- | :--- | :--- |\n")
	for _, version := range v.Versions {
		number := markdown(version.Number)
		if version.IsCurrent && len(v.Versions) > 1 {
			number = "**" + number + "**"
		}
		for _, ami := range version.AMIs {
			fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", markdownCode(ami.ID), number, unbroken(markdown(ami.Region)),
				markdown(ami.AccountID), markdown(version.Findings), unbroken(markdown(version.MadeBy)))
		}
	}
	b.WriteString("\n")
	if v.MoreAMIs > 0 {
		fmt.Fprintf(b, "And %s more.\n\n", plural(v.MoreAMIs, "image"))
	}
	if v.Ancestry != "" {
		fmt.Fprintf(b, "Descends from %s.\n\n", markdown(v.Ancestry))
	}
}

// newestScan returns the newest scan, or nil. The summary shows only this one in full; the findings of the others are in
// the table of images.
func (v view) newestScan() *scan {
	if len(v.Scans) == 0 {
		return nil
	}
	return &v.Scans[len(v.Scans)-1]
}

func writeScan(b *strings.Builder, scan scan) {
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
		b.WriteString("❔ Some of these counts could not be read, so the result of the scan is unknown.\n\n")
	}
	if scan.Gate != "" {
		fmt.Fprintf(b, "%s Gate: %s.\n\n", gateMark(scan), scan.Gate)
	}
	if scan.Report != "" {
		fmt.Fprintf(b, "Details: %s\n\n", markdownCode(scan.Report))
	}
}

func writeRuns(b *strings.Builder, v view) {
	if len(v.Runs) > 0 {
		b.WriteString("Runs that worked on this lifecycle: " + joinLinks(v.Runs) + "\n")
	}
}

func gateMark(s scan) string {
	if s.GateFailed {
		return "❌"
	}
	return "✅"
}
