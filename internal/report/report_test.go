package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/report"
)

var update = flag.Bool("update", false, "write the golden files anew")

const canary = "cAnArY0123456789abcdefGHIJKLmn"

func document(t *testing.T, name string) *lifecycle.Document {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	d, err := lifecycle.Decode(data)
	require.NoError(t, err)
	return d
}

func at(text string) time.Time {
	t, err := time.Parse(time.DateTime, text)
	if err != nil {
		panic(err)
	}
	return t
}

// reports returns the reports of the golden files.
func reports(t *testing.T) map[string]report.Report {
	t.Helper()
	run := report.Link{Title: "images #7", URL: "https://github.example.com/org/images/actions/runs/42"}
	all := map[string]report.Report{
		"created": {
			Operation: lifecycle.Create, Document: document(t, "lifecycle"), Outcome: report.Succeeded, Run: run,
			FailOnSeverity: lifecycle.Critical, Now: at("2026-03-04 11:31:15"),
			Events: []report.Event{
				{
					Event: lifecycle.BuildAMI, State: "COMPLETED", Started: at("2026-03-04 09:00:01"), Ended: at("2026-03-04 09:41:20"),
					Steps: []report.Step{
						{Name: "Poll AMI status", State: "COMPLETED", Started: at("2026-03-04 09:00:00")},
						{Name: "ApplyBuildComponents", State: "COMPLETED", Started: at("2026-03-04 09:04:30"), Ended: at("2026-03-04 09:31:00")},
						{Name: "ApplyTestComponents", State: "COMPLETED", Started: at("2026-03-04 09:35:00"), Ended: at("2026-03-04 09:59:00")},
						{Name: "never begun", State: "PENDING"},
					},
				},
				{Event: lifecycle.SmokeTestsCreate, State: "COMPLETED", Started: at("2026-03-04 09:41:22"), Ended: at("2026-03-04 09:53:02")},
				{Event: lifecycle.VulnerabilityScansCreate, State: "COMPLETED", Started: at("2026-03-04 09:53:04"), Ended: at("2026-03-04 10:58:44")},
				{Event: lifecycle.QACertificationRequest, State: "COMPLETED", Started: at("2026-03-04 10:58:46"), Ended: at("2026-03-04 11:31:10")},
			},
		},
		"failed": {
			Operation: lifecycle.Create, Document: document(t, "failed"), Outcome: report.Failed, Run: run,
			Now: at("2026-03-04 09:58:50"),
			Events: []report.Event{
				{Event: lifecycle.BuildAMI, State: "COMPLETED", Started: at("2026-03-04 09:00:01"), Ended: at("2026-03-04 09:41:20")},
				{Event: lifecycle.SmokeTestsCreate, State: "ERROR"},
				{Event: lifecycle.VulnerabilityScansCreate, State: "BLOCKED", Detail: "The earlier event SMOKE_TESTS ended in an error."},
				{Event: lifecycle.QACertificationRequest, State: "BLOCKED", Detail: "The earlier event SMOKE_TESTS ended in an error."},
			},
			Failure:  "SMOKE_TESTS_AMI_CREATE ended in ERROR: Instance i-0123 did not pass: httpd is not listening on port 443 (key " + canary + ")",
			NextStep: "Fix what the smoke tests found and ask for them again: an update repeats an event that ended in an error.",
			Resume:   "ami-action --mode BATCH --operation AMI_CREATE_UPDATE \\\n  --lifecycleId bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7 \\\n  --stackTag main --events SMOKE_TESTS",
		},
		"patching": {
			Operation: lifecycle.Patch, Document: document(t, "patching"), Outcome: report.Running,
			FailOnSeverity: lifecycle.High, Now: at("2026-03-12 15:20:00"),
			Events: []report.Event{
				{Event: lifecycle.PatchAMI, State: "COMPLETED", Started: at("2026-03-12 14:31:00"), Ended: at("2026-03-12 15:02:33")},
				{Event: lifecycle.SmokeTestsPatch, State: "RUNNING", Started: at("2026-03-12 15:02:35")},
				{Event: lifecycle.VulnerabilityScansPatch, State: "WAITING"},
			},
		},
		"unknown": {
			Operation: lifecycle.Create, Outcome: report.Unknown, LifecycleID: "",
			Failure:  "The orchestrator did not respond to the request: read tcp 127.0.0.1: connection reset by peer",
			NextStep: "Look at AMI_GET_STATUSES before this is started again.", Now: at("2026-03-04 09:00:30"),
		},
	}
	for name, r := range all {
		r.Redactor = redact.New()
		r.Redactor.Add(canary)
		all[name] = r
	}
	return all
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "go test ./internal/report -update, if this is meant")
}

func TestReportsLookAsTheyDid(t *testing.T) {
	for name, r := range reports(t) {
		t.Run(name, func(t *testing.T) {
			page, err := r.HTML()
			require.NoError(t, err)
			for extension, got := range map[string]string{".md": r.Markdown(), ".html": string(page), ".txt": r.Text()} {
				golden(t, name+extension, got)
				assert.NotContains(t, got, canary)
			}
		})
	}
	var list []lifecycle.Overview
	for _, one := range []*lifecycle.Document{document(t, "lifecycle"), document(t, "failed"), document(t, "patching"), {ID: "no-more-than-this"}} {
		list = append(list, one.Overview(at("2026-03-12 15:20:00"), time.Hour))
	}
	golden(t, "list.txt", report.ListText(list, at("2026-03-12 15:20:00"), nil))
	assert.Equal(t, "There are no lifecycles.\n", report.ListText(nil, time.Time{}, nil))
}
