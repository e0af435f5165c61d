package report_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/report"
)

const hostile = "a|b `c` </details> <script>alert(1)</script> <img src=x onerror=alert(1)> ![i](https://evil.example/i.png) " +
	"[l](javascript:alert(1)) @org/team #77 :rocket: **bold** _it_ ~~s~~ \\ $x$ https://evil.example www.evil.example <!-- x -->" +
	"\n\n# Forged heading\n```\n````\n| forged | row |\n::error::forged\n##[error]forged\n\x1b[2J\u202e %% click x call y(); : done, 1d\n- list\n1. list"

// hostileReport returns a report with the text in every field that a server, a component or a user can fill.
func hostileReport(t *testing.T, text string) report.Report {
	t.Helper()
	result := func(name, status string, properties map[string]any) map[string]any {
		return map[string]any{"name": name, "status": status, "status_date": "03/04/2026, 10:00:00",
			"certification_status": text, "properties": properties}
	}
	data, err := json.Marshal(map[string]any{
		"lifecycle_id": text, "stack_tag": text, "owner": text, "product_ver": text, "product_name": text, "commit_ref": text,
		"creation_date": "03/04/2026, 09:00:00",
		"event_in_progress": map[string]any{"name": "SMOKE_TESTS_AMI_CREATE", "status": "ERROR " + text, "error_message": text, "stack_trace": text,
			"execution_startdate": "03/04/2026, 10:00:00", "status_date": "03/04/2026, 10:10:00"},
		"outputs_ami_creation": map[string]any{"events": []any{
			result("BUILD_AMI", "COMPLETED", map[string]any{"ami_ancestry": text,
				"ami_details": []any{map[string]any{"region": text, "image": text, "name": text, "accountId": text, "ami_semver": text}}}),
			result(string(lifecycle.VulnerabilityScansCreate), text, map[string]any{"total_vulnerabilities": "1", "vulnerability_severities": map[string]any{"HIGH": "1"},
				"vulnerability_scan_report": map[string]any{"S3Bucket": text, "S3Key": text}}),
			result("section "+text, "COMPLETED", nil),
		}},
	})
	require.NoError(t, err)
	document, err := lifecycle.Decode(data)
	require.NoError(t, err)
	return report.Report{
		Operation: lifecycle.Create, Document: document, Outcome: report.Outcome(text), FailOnSeverity: lifecycle.High,
		Events: []report.Event{
			{Event: lifecycle.SmokeTestsCreate, State: text, Detail: text},
			{
				Event: lifecycle.Event(text), State: "COMPLETED", Started: at("2026-03-04 09:00:00"), Ended: at("2026-03-04 09:30:00"),
				Steps: []report.Step{{Name: text, State: text, Started: at("2026-03-04 09:10:00")}},
			},
		},
		Failure: text, NextStep: text, Resume: text, Now: at("2026-03-04 10:20:00"),
		Run: report.Link{Title: text, URL: "https://host/" + text},
	}
}

// outsideOfCode returns Markdown without its code blocks and inline code, in which nothing is interpreted.
func outsideOfCode(t *testing.T, markdown string) string {
	t.Helper()
	var out strings.Builder
	fence := ""
	for line := range strings.Lines(markdown) {
		marks := line[:len(line)-len(strings.TrimLeft(line, "`"))]
		switch {
		case fence == "" && len(marks) >= 3:
			fence = marks
		case fence != "" && strings.TrimSpace(line) == fence:
			fence = ""
		case fence == "":
			out.WriteString(line)
		}
	}
	require.Empty(t, fence, "a block of code is left open")
	return regexp.MustCompile("`[^`\n]*`").ReplaceAllString(out.String(), "CODE")
}

func TestMarkdownShowsHostileTextAndDoesNothingWithIt(t *testing.T) {
	markdown := hostileReport(t, hostile).Markdown()
	text := outsideOfCode(t, markdown)
	for _, active := range []string{
		"<script", "<img", "<!--", "![", "@org", "#77", "**bold", "_it_", "~~s", ":rocket:", "https://evil", "www.evil", "\\ ", "`",
		"javascript:", "\x1b", "\u202e",
	} {
		assert.NotContains(t, text, active)
	}
	assert.Equal(t, 1, strings.Count(text, "<details>"))
	assert.Equal(t, 1, strings.Count(text, "</details>"), "the one that we open")
	assert.Equal(t, 2, strings.Count(text, "[!"), "the two alerts that are ours")
	assert.NotContains(t, text, "](", "no link but one to a page, and that address was none")
	for line := range strings.Lines(text) {
		assert.NotRegexp(t, `^\s*(- |\d+\. |::)`, line)
		if strings.HasPrefix(line, "#") {
			assert.Regexp(t, `^## |^### (Creation|Timeline|Images|Vulnerability scans: 1 finding)\n`, line)
		}
	}
	for table := range strings.SplitSeq(text, "\n\n") {
		lines := strings.Split(strings.TrimSpace(table), "\n")
		for _, line := range lines {
			if strings.HasPrefix(lines[0], "|") {
				assert.Equal(t, strings.Count(lines[0], "|"), strings.Count(line, "|"), line)
			}
		}
	}
}

func TestTheGanttHoldsTasksOnly(t *testing.T) {
	markdown := hostileReport(t, hostile).Markdown()
	_, gantt, found := strings.Cut(markdown, "```mermaid\n")
	require.True(t, found)
	gantt, _, _ = strings.Cut(gantt, "```")
	assert.Contains(t, gantt, "    Event section a b c ", "a name that is a keyword begins no section")
	for line := range strings.Lines(gantt) {
		if strings.HasPrefix(line, "%%{init: ") {
			continue // mermaidColors
		}
		assert.Regexp(t, `^(gantt|    (dateFormat|axisFormat|todayMarker) .*|    section (Creation|Patch)|`+
			`    [\p{L}\p{N} ._()/-]{1,80} :(milestone, )?((done|active|crit), )?[0-9T:-]+, ([0-9T:-]+|0s))\n$`, line)
	}
}

func TestThePageShowsHostileTextAndDoesNothingWithIt(t *testing.T) {
	page, err := hostileReport(t, hostile).HTML()
	require.NoError(t, err)
	for _, active := range []string{"<script", "<img", "<!-- x", "href=\"javascript", "\x1b", "\u202e", "https://evil.example/i.png\""} {
		assert.NotContains(t, string(page), active)
	}
	assert.Contains(t, string(page), "&lt;script&gt;alert(1)&lt;/script&gt;")
	assert.NotRegexp(t, `(?i)(\ssrc=|@import|url\()`, regexp.MustCompile(`&lt;img src`).ReplaceAllString(string(page), ""), "the page needs no other file")
	assert.NotRegexp(t, `\son[a-z]+="`, string(page))
}

func TestOnlyPagesAreLinked(t *testing.T) {
	for _, address := range []string{"javascript:alert(1)", "data:text/html,x", "//host/x", "file:///etc/passwd", "", "https://"} {
		r := report.Report{Operation: lifecycle.Create, Run: report.Link{Title: "Run", URL: address}}
		page, err := r.HTML()
		require.NoError(t, err)
		assert.NotContains(t, string(page), "<a ", address)
		assert.NotContains(t, r.Markdown(), "](", address)
	}
}

func TestEveryFormIsBoundedWhateverTheServerSends(t *testing.T) {
	var amis, results []any
	for i := range 900 {
		amis = append(amis, map[string]any{"region": "us-east-1", "image": fmt.Sprintf("ami-%d|@#<>", i), "name": strings.Repeat("#@", 500)})
		results = append(results, map[string]any{"name": fmt.Sprintf("EVENT_%d%s", i, strings.Repeat("@", 500)), "status": strings.Repeat("|", 500)})
	}
	data, err := json.Marshal(map[string]any{
		"lifecycle_id": strings.Repeat("@", 1<<18), "product_name": strings.Repeat("#", 1<<18),
		"event_in_progress": map[string]any{"name": "PATCH_AMI", "status": "ERROR", "error_message": strings.Repeat("@", 1<<19), "stack_trace": strings.Repeat("`", 1<<19)},
		"outputs_ami_creation": map[string]any{"events": append(results, map[string]any{"name": "BUILD_AMI", "status": "COMPLETED",
			"properties": map[string]any{"ami_details": amis, "ami_ancestry": strings.Repeat("@", 1<<18)}})},
	})
	require.NoError(t, err)
	document, err := lifecycle.Decode(data)
	require.NoError(t, err)
	events := make([]report.Event, 5000)
	for i := range events {
		events[i] = report.Event{Event: lifecycle.Event(fmt.Sprintf("NEW_%d", i)), State: "ERROR", Detail: strings.Repeat("@#", 5000)}
	}
	r := report.Report{Document: document, Events: events, Failure: strings.Repeat("@", 1<<19), NextStep: strings.Repeat("@\n", 1<<18), Resume: strings.Repeat("x", 1<<19)}
	page, err := r.HTML()
	require.NoError(t, err)
	assert.Less(t, len(r.Markdown()), 1<<20)
	assert.Less(t, len(page), 1<<20)
	assert.Less(t, len(r.Text()), 1<<20)
	assert.Contains(t, r.Markdown(), "And 840 images more.")
}

func TestNoSecretIsInAnyForm(t *testing.T) {
	text := "failed: https://h/s?api_key=unknownCANARY0123456789 {'api_key': 'unknownCANARY0123456789'} https://b.s3/x?X-Amz-Signature=" +
		"unknownCANARY0123456789 " + canary
	for name, redactor := range map[string]*redact.Redactor{"told": redact.New(), "none": nil} {
		if redactor != nil {
			redactor.Add(canary)
		}
		r := hostileReport(t, text)
		r.Redactor = redactor
		page, err := r.HTML()
		require.NoError(t, err)
		list := report.ListText([]lifecycle.Overview{r.Document.Overview(time.Time{}, time.Hour)}, time.Time{}, redactor)
		for _, form := range []string{r.Markdown(), string(page), r.Text(), list, report.StatusText(r.Document, r.Now, redactor)} {
			assert.NotContains(t, form, "unknownCANARY", name)
			if redactor != nil {
				assert.NotContains(t, form, canary)
			}
		}
	}
}

func FuzzReport(f *testing.F) {
	f.Add(hostile, "BUILD_AMI", int64(0))
	f.Add("", "", int64(-1))
	f.Add("|\n```\n|", "PATCH_AMI", int64(1<<40))
	f.Fuzz(func(t *testing.T, text, event string, seconds int64) {
		r := hostileReport(t, text+"x")
		r.Events = append(r.Events, report.Event{Event: lifecycle.Event(event), State: text, Started: r.Now, Ended: r.Now.Add(time.Duration(seconds))})
		page, err := r.HTML()
		require.NoError(t, err)
		for _, form := range []string{r.Markdown(), string(page), r.Text()} {
			require.True(t, utf8.ValidString(form))
			require.NotContains(t, form, "\x1b")
			require.NotContains(t, form, "\r")
		}
		outside := outsideOfCode(t, r.Markdown())
		require.NotContains(t, outside, "<script")
		require.Equal(t, 1, strings.Count(outside+"</details>", "</details>")-strings.Count(outside, "<details>"))
	})
}

func TestASelectionShowsHostileTextAndDoesNothingWithIt(t *testing.T) {
	many := slices.Repeat([]string{hostile}, 1000)
	markdown := report.Selection{
		AMIID: hostile, Region: hostile, SemanticVersion: hostile, LifecycleID: hostile, Product: hostile, Warnings: []string{hostile}, PassedOver: many,
	}.Markdown()
	text := outsideOfCode(t, markdown)
	for _, active := range []string{"<script", "<img", "<!--", "![", "@org", "#77", "**bold", "https://evil", "www.evil", "javascript:", "\x1b", "\u202e", "\n::", "\n##["} {
		assert.NotContains(t, text, active)
	}
	assert.NotContains(t, text, "\n#", "there is one heading, and it is ours")
	assert.Contains(t, text, " more\n", "the list is bounded")
	assert.Less(t, len(markdown), 1<<20, "GitHub drops a longer summary")
}
