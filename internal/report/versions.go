package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

func cleanAMIs(amis []lifecycle.AMI, clean cleaner) (shown []lifecycle.AMI) {
	for _, ami := range amis {
		shown = append(shown, lifecycle.AMI{
			Region: clean.name(ami.Region), ID: clean.name(ami.ID), Name: clean.name(ami.Name),
			AccountID: clean.name(ami.AccountID), SemanticVersion: clean.name(ami.SemanticVersion),
		})
	}
	return shown
}

// versions returns the versions that have images, newest first, each with the findings of its own scan.
func versions(document *lifecycle.Document, clean cleaner) (shown []version) {
	rows := 0
	for _, v := range slices.Backward(document.Versions()) {
		amis := v.AMIs()
		if len(amis) == 0 || rows >= maxRows {
			continue
		}
		amis = amis[:min(len(amis), maxRows-rows)]
		rows += len(amis)
		shown = append(shown, version{
			Number: clean.name(v.SemanticVersion()), IsCurrent: len(shown) == 0, AMIs: cleanAMIs(amis, clean),
			MadeBy: clean.name(v.Image.Name.Title()), Findings: findingsInWords(v.Findings()),
		})
	}
	return shown
}

// findingsInWords returns the number of findings of each severity, worst first, or why they are unknown.
func findingsInWords(findings *lifecycle.Findings) string {
	switch {
	case findings == nil:
		return "not scanned"
	case findings.Unreadable:
		return "not readable"
	}
	var counts []string
	for _, severity := range lifecycle.Severities() {
		if n := findings.BySeverity[severity]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, strings.ToLower(string(severity))))
		}
	}
	return cmp.Or(strings.Join(counts, ", "), plural(findings.Total, "finding"))
}

// maxRuns is the maximum number of runs that a report links to.
const maxRuns = 12

// runs returns links to the newest runs that worked on the lifecycle, except the run of this report.
func (r Report) runs(document *lifecycle.Document, clean cleaner) (links []Link) {
	for _, run := range document.Runs() {
		address := clean.address(run.URL)
		if address == "" || run.URL == r.Run.URL {
			continue
		}
		title := run.Title
		if run.Actor != "" {
			title += " by " + run.Actor
		}
		links = append(links, Link{Title: clean.name(title), URL: address})
	}
	return links[max(0, len(links)-maxRuns):]
}
