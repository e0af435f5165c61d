package report_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/report"
)

// eventLine returns the line of the event with the title from the text of a report, with single spaces between columns.
func eventLine(r report.Report, title string) string {
	for line := range strings.Lines(r.Text()) {
		// Two spaces end a column. Without them, a title that begins with this one also matches.
		if strings.HasPrefix(strings.TrimLeft(line, " ✓✗…·"), title+"  ") {
			return strings.Join(strings.Fields(line), " ")
		}
	}
	return ""
}

func decode(t *testing.T, text string) *lifecycle.Document {
	t.Helper()
	document, err := lifecycle.Decode([]byte(text))
	require.NoError(t, err)
	return document
}

func TestAnEventIsToldByWhatIsKnownOfIt(t *testing.T) {
	const completed = `{"lifecycle_id":"x","creation_date":"03/04/2026, 09:00:00","outputs_ami_creation":{"events":[
		{"name":"BUILD_AMI","status":"COMPLETED","status_date":"03/04/2026, 09:30:00"},
		{"name":"SMOKE_TESTS_AMI_CREATE","status":"COMPLETED","status_date":"03/04/2026, 10:00:00"}]}}`
	const running = `{"lifecycle_id":"x","outputs_ami_creation":{"events":[
		{"name":"SMOKE_TESTS_AMI_CREATE","status":"FAILED","status_date":"03/04/2026, 09:30:00"}]},
		"event_in_progress":{"name":"SMOKE_TESTS_AMI_CREATE","execution_startdate":"03/04/2026, 10:00:00"}}`
	now := at("2026-03-04 10:20:30")
	tests := []struct {
		name     string
		document string
		event    report.Event
		title    string
		want     string
	}{
		{"a build began with its lifecycle", completed, report.Event{}, "Build", "✓ Build completed 2026-03-04 09:30:00 UTC 30m 00s"},
		{"of others only the end is known", completed, report.Event{}, "Smoke tests", "✓ Smoke tests completed 2026-03-04 10:00:00 UTC"},
		{"what was seen counts more", completed,
			report.Event{Event: lifecycle.SmokeTestsCreate, State: "COMPLETED", Started: at("2026-03-04 09:30:02")},
			"Smoke tests", "✓ Smoke tests completed 2026-03-04 10:00:00 UTC 29m 58s"},
		{"an old result is not the end of what runs", running, report.Event{}, "Smoke tests", "… Smoke tests running 20m 30s"},
		{"an old result's end is not that of a failed retry", completed,
			report.Event{Event: lifecycle.SmokeTestsCreate, State: "FAILED", Started: at("2026-03-04 10:01:00")},
			"Smoke tests", "✗ Smoke tests failed"},
		{"a status that nobody knows is shown", `{"lifecycle_id":"x","outputs_ami_creation":{"events":[{"name":"BUILD_AMI","status":"NEW_WORD"}]}}`,
			report.Event{}, "Build", "· Build NEW_WORD"},
		{"asked for and not begun", `{"lifecycle_id":"x","inputs_ami_creation":{"events":[{"name":"SMOKE_TESTS_AMI_CREATE","enabled":true}]}}`,
			report.Event{}, "Smoke tests", "· Smoke tests waiting"},
		{"a certification says its word", `{"lifecycle_id":"x","outputs_ami_creation":{"events":[
			{"name":"QA_CERTIFICATION_RESPONSE","status":"COMPLETED","certification_status":"CERTIFIED"}]}}`,
			report.Event{}, "QA certification", "✓ QA certification completed CERTIFIED"},
		{"an event of no known name runs", `{"lifecycle_id":"x","event_in_progress":{"name":"NEW_EVENT","execution_startdate":"03/04/2026, 10:00:00"}}`,
			report.Event{}, "NEW_EVENT", "… NEW_EVENT running 20m 30s"},
		{"an event of no known name ended", `{"lifecycle_id":"x","outputs_ami_creation":{"events":[
			{"name":"NEW_EVENT","status":"COMPLETED","status_date":"03/04/2026, 10:00:00"}]}}`,
			report.Event{}, "NEW_EVENT", "✓ NEW_EVENT completed 2026-03-04 10:00:00 UTC"},
		{"the orchestrator's own time-out", `{"lifecycle_id":"x","event_in_progress":{"name":"BUILD_AMI","status":"ERROR_EVENT_TIMEOUT"}}`,
			report.Event{}, "Build", "✗ Build timed out at the orchestrator"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := report.Report{Document: decode(t, test.document), Now: now}
			if test.event.Event != "" {
				r.Events = []report.Event{test.event}
			}
			assert.Equal(t, test.want, eventLine(r, test.title))
		})
	}
}

func TestNothingIsClaimedOfALifecycleThatWasNotRead(t *testing.T) {
	r := report.Report{Operation: lifecycle.Create, LifecycleID: "the-id", Outcome: report.Unknown,
		Events: []report.Event{{Event: lifecycle.BuildAMI, State: "WAITING"}}}
	assert.Equal(t, "AMI lifecycle: unknown\n\n  Lifecycle  the-id\n\nCreation\n  · Build  waiting\n", r.Text())
}

func TestAGateSaysWhetherItWasPassed(t *testing.T) {
	gate := func(severities string, fail lifecycle.Severity) string {
		r := report.Report{FailOnSeverity: fail, Document: decode(t, `{"lifecycle_id":"x","outputs_ami_creation":{"events":[
			{"name":"`+string(lifecycle.VulnerabilityScansCreate)+`","status":"COMPLETED","properties":{"total_vulnerabilities":"3","vulnerability_severities":`+severities+`}}]}}`)}
		return r.Text()
	}
	assert.Contains(t, gate(`{"HIGH":"0","MEDIUM":"3"}`, lifecycle.High), "HIGH and worse: no findings, passed")
	assert.Contains(t, gate(`{"HIGH":"1","CRITICAL":"2"}`, lifecycle.High), "HIGH and worse: 3 findings, not passed")
	assert.Contains(t, gate(`{"UNTRIAGED":"1"}`, lifecycle.Critical), "CRITICAL and worse: 1 finding, not passed")
	assert.Contains(t, gate(`{"HIGH":"many"}`, lifecycle.High), "HIGH and worse: no findings, not passed", "what cannot be read proves nothing")
	assert.NotContains(t, gate(`{"HIGH":"1"}`, ""), "and worse")
}

func TestTheImagesAreTheNewest(t *testing.T) {
	const build = `"outputs_ami_creation":{"events":[{"name":"BUILD_AMI","status":"COMPLETED","properties":{"ami_details":[{"image":"ami-1","ami_semver":"1.0.0"}]}}]}`
	patch := func(image string) string {
		return `{"events":[{"name":"PATCH_AMI","status":"COMPLETED","properties":{"ami_details":[{"image":"` + image + `"}]}}]}`
	}
	for document, want := range map[string]string{
		`{"lifecycle_id":"x",` + build + `}`: "ami-1",
		`{"lifecycle_id":"x",` + build + `,"outputs_ami_patch":{"patch_history":{"current":` + patch("ami-3") + `,"historical":[` + patch("ami-2") + `]}}}`: "ami-3",
		`{"lifecycle_id":"x",` + build + `,"outputs_ami_patch":{"patch_history":{"historical":[` + patch("ami-2") + `,` + patch("ami-4") + `]}}}`:           "ami-4",
		`{"lifecycle_id":"x",` + build + `,"outputs_ami_patch":{"patch_history":{"current":{"events":[{"name":"PATCH_AMI","status":"FAILED"}]}}}}`:          "ami-1",
	} {
		text := report.StatusText(decode(t, document), time.Time{}, nil)
		_, images, _ := strings.Cut(text, "Images\n")
		assert.Contains(t, images, want, document)
	}
}

func TestTheGateIsShownOnlyAtTheScanThatHadToPassIt(t *testing.T) {
	scan := `{"name":"%s","status":"COMPLETED","properties":{"total_vulnerabilities":"1","vulnerability_severities":{"HIGH":"1"}}}`
	r := report.Report{
		Operation: lifecycle.Patch, FailOnSeverity: lifecycle.High,
		Document: decode(t, `{"lifecycle_id":"x","outputs_ami_creation":{"events":[`+
			fmt.Sprintf(scan, string(lifecycle.VulnerabilityScansCreate))+`]},"outputs_ami_patch":{"patch_history":{"current":{"events":[`+
			fmt.Sprintf(scan, string(lifecycle.VulnerabilityScansPatch))+`]},"historical":[]}}}`),
	}
	_, ofThePatch, found := strings.Cut(r.Markdown(), "of the patch: 1 finding")
	require.True(t, found, r.Markdown())
	assert.Contains(t, ofThePatch, "HIGH and worse")
	assert.Equal(t, 1, strings.Count(r.Markdown(), "HIGH and worse"))
}

func TestWhatGoesOnHasNotFailed(t *testing.T) {
	for outcome, title := range map[report.Outcome]string{
		report.TimedOut: "> [!WARNING]\n> **What happened**", report.Interrupted: "> [!WARNING]\n> **What happened**",
		report.Failed: "> [!CAUTION]\n> **What failed**",
	} {
		assert.Contains(t, report.Report{Outcome: outcome, Failure: "a"}.Markdown(), title)
	}
}
