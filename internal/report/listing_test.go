package report_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/report"
)

// overviews returns n lifecycles whose stages rotate through all stages.
func overviews(n int) []lifecycle.Overview {
	now, stages := at("2026-03-12 15:20:00"), lifecycle.Stages()
	slices.Reverse(stages)
	latest := map[lifecycle.Stage]struct {
		event  lifecycle.Event
		status lifecycle.Status
		next   []lifecycle.Operation
	}{
		lifecycle.StageApproved:   {lifecycle.MarkForProductionPatch, lifecycle.Completed, []lifecycle.Operation{lifecycle.Patch}},
		lifecycle.StageCertified:  {lifecycle.QACertificationResponse, lifecycle.Completed, []lifecycle.Operation{lifecycle.ApprovalCreate}},
		lifecycle.StagePending:    {lifecycle.VulnerabilityScansPatch, lifecycle.Completed, []lifecycle.Operation{lifecycle.Patch, lifecycle.ApprovalPatch}},
		lifecycle.StageInProgress: {lifecycle.BuildAMI, lifecycle.InProgress, []lifecycle.Operation{lifecycle.Wait}},
		lifecycle.StageStalled:    {lifecycle.BuildAMI, lifecycle.InProgress, []lifecycle.Operation{lifecycle.Wait}},
		lifecycle.StageFailed:     {lifecycle.SmokeTestsCreate, lifecycle.ErrorEventTimeout, nil},
	}
	var all []lifecycle.Overview
	for i := range n {
		stage := stages[i%len(stages)]
		o := lifecycle.Overview{
			ID: fmt.Sprintf("%08x-fa7e-473e-a2ba-734ccfe1d0d7", i), Product: []string{"Web server", "Database", "Bastion host"}[i%3],
			Version: fmt.Sprintf("%d.4.0", i%5), StackTag: []string{"main", "release-2026"}[i%2], State: stage,
			Event: latest[stage].event.String(), Latest: latest[stage].event, Status: latest[stage].status, Next: latest[stage].next,
			AgeDays: i % 90, Changed: now.Add(-time.Duration(i) * time.Hour),
		}
		if latest[stage].event != lifecycle.BuildAMI {
			o.SemanticVersion = fmt.Sprintf("%d.%d.0", i%7, i%12)
			o.AMIs = map[string]string{"eu-central-1": fmt.Sprintf("ami-%017x", i), "us-east-1": fmt.Sprintf("ami-%017x", i+1)}
		}
		all = append(all, o)
	}
	return all
}

func TestAListLooksAsItDid(t *testing.T) {
	l := &report.Listing{Lifecycles: overviews(8), Filters: "stack tag main", IsCut: true, Now: at("2026-03-12 15:20:00"), Run: report.Link{
		Title: "images #7", URL: "https://github.example.com/org/images/actions/runs/42",
	}}
	page, err := l.HTML()
	require.NoError(t, err)
	golden(t, "listing.html", string(page))
	golden(t, "listing.md", l.Markdown())
	assert.True(t, strings.HasPrefix(l.Markdown(), l.ShortMarkdown()))

	page, err = (&report.Listing{}).HTML()
	require.NoError(t, err)
	assert.Contains(t, string(page), "No lifecycles.")
	assert.NotContains(t, string(page), "<script")
}

// dataOf returns the rows that the script of a page reads.
func dataOf(t *testing.T, page []byte) (rows [][]any) {
	t.Helper()
	_, after, found := strings.Cut(string(page), `<script id="data" type="application/json">`)
	require.True(t, found)
	data, _, _ := strings.Cut(after, "</script>")
	require.NoError(t, json.Unmarshal([]byte(data), &rows))
	return rows
}

func TestWhatNeedsALookComesFirst(t *testing.T) {
	page, err := (&report.Listing{Lifecycles: overviews(30)}).HTML()
	require.NoError(t, err)
	var states []string
	for _, row := range dataOf(t, page) {
		state := row[0].(string)
		if len(states) == 0 || states[len(states)-1] != state {
			states = append(states, state)
		}
	}
	assert.Equal(t, []string{"failed", "stalled", "in-progress"}, states[:3])
	assert.NotContains(t, states[3:], "failed")
}

func TestAListShowsNoSecretAndNoMarkupOfTheServer(t *testing.T) {
	redactor := redact.New()
	redactor.Add(canary)
	const hostile = `<img src=x onerror=alert(1)>"'&|[x](javascript:alert(1))</script>`
	o := overviews(1)[0]
	o.ID, o.Product, o.Version, o.StackTag, o.SemanticVersion = hostile, hostile+canary, hostile, hostile, hostile
	o.Latest, o.Status, o.AMIs = hostile, hostile, map[string]string{hostile: hostile, "\u202eeu\x1b[31m": canary}
	o.Next = []lifecycle.Operation{lifecycle.Patch}
	l := &report.Listing{Lifecycles: []lifecycle.Overview{o}, Filters: "product " + hostile, Redactor: redactor, Run: report.Link{Title: hostile, URL: "javascript:alert(1)"}}
	page, err := l.HTML()
	require.NoError(t, err)
	body := string(page)[strings.Index(string(page), "<body"):strings.Index(string(page), "<script")]
	row := dataOf(t, page)[0]
	assert.Contains(t, row[1], "<img", "in JSON it is a text")
	assert.Equal(t, 1, strings.Count(string(page), "<script id="))
	assert.Equal(t, 2, strings.Count(string(page), "</script"))
	for _, part := range []string{"<img", "</script", "javascript:alert(1)\"", "\x1b", "\u202e"} {
		assert.NotContains(t, body, part)
	}
	assert.Contains(t, body, "&lt;img")
	for _, shown := range []string{string(page), l.Markdown(), l.ShortMarkdown()} {
		assert.NotContains(t, shown, canary)
	}
	assert.NotContains(t, l.Markdown(), "<img")
	assert.NotContains(t, l.Markdown(), "](javascript")
}

func TestThePageOfTenThousandIsSmallEnough(t *testing.T) {
	l := &report.Listing{Lifecycles: overviews(10_000)}
	page, err := l.HTML()
	require.NoError(t, err)
	assert.Len(t, dataOf(t, page), 10_000)
	assert.Equal(t, 1+250, strings.Count(string(page), `<tr role="row">`), "with the head")
	assert.Contains(t, string(page), "Scripts are off: the first 250 of 10000 lifecycles are shown.")
	assert.Less(t, len(page), 4<<20)
	assert.Less(t, len(l.Markdown()), 512<<10)
	assert.Contains(t, l.Markdown(), "And 9800 lifecycles more.")
}

func BenchmarkPageOfTenThousand(b *testing.B) {
	l := &report.Listing{Lifecycles: overviews(10_000)}
	b.ReportAllocs()
	for b.Loop() {
		page, err := l.HTML()
		if err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(len(page)))
	}
}
