package report_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/report"
)

func TestTheSummaryBeginsWithTheResult(t *testing.T) {
	for name, r := range reports(t) {
		if r.Document == nil {
			continue
		}
		lines := strings.Split(r.Markdown(), "\n")
		assert.Regexp(t, "^\\*\\*`ami-[0-9a-f]{17}`\\*\\* · version [0-9.]+ · ", lines[2], name)
	}
}

func TestAPatchWithoutAnImageSaysThatItsImageIsTheOneBefore(t *testing.T) {
	const build = `"outputs_ami_creation":{"events":[{"name":"BUILD_AMI","status":"COMPLETED","properties":{"ami_details":[{"image":"ami-1","ami_semver":"1.0.0"}]}}]}`
	r := report.Report{Operation: lifecycle.Patch, Outcome: report.Failed, Document: decode(t, `{"lifecycle_id":"x",`+build+
		`,"event_in_progress":{"name":"PATCH_AMI","status":"ERROR"}}`)}
	assert.Contains(t, r.Markdown(), "This patch has no image. The image before it is still available:\n\n`ami-1` · version 1.0.0")
	r.Operation = lifecycle.Create
	assert.NotContains(t, r.Markdown(), "The image before it")
}

func TestTheReasonIsToldOnce(t *testing.T) {
	const reason = "the image is FAILED in EC2 Image Builder"
	r := report.Report{
		Operation: lifecycle.Create, Outcome: report.Failed, FailureTitle: "Build ended in an error", Failure: reason + "; and no more",
		Document: decode(t, `{"lifecycle_id":"x"}`),
		Events: []report.Event{
			{Event: lifecycle.BuildAMI, State: "ERROR", Detail: reason},
			{Event: lifecycle.SmokeTestsCreate, State: "BLOCKED", Detail: "the earlier event BUILD_AMI ended in ERROR: " + reason},
		},
	}
	page, err := r.HTML()
	assert.NoError(t, err)
	for _, form := range []string{r.Markdown(), string(page), r.Text()} {
		assert.Equal(t, 1, strings.Count(form, "is FAILED in EC2 Image Builder"), form)
		assert.Contains(t, form, "AMI ended in ERROR")
	}
}

func TestAnAMIThatIsPatchedAWeekLaterHasAChartOfThePatchOnly(t *testing.T) {
	markdown := reports(t)["patching"].Markdown()
	_, gantt, _ := strings.Cut(markdown, "```mermaid\n")
	gantt, _, _ = strings.Cut(gantt, "```")
	assert.Contains(t, gantt, "section Patch")
	assert.NotContains(t, gantt, "section Creation")
	assert.NotContains(t, gantt, "2026-03-04", "the day of the build")
}

func TestAnApprovalDaysLaterIsNoChart(t *testing.T) {
	r := reports(t)["created"]
	r.Operation, r.Events = lifecycle.ApprovalCreate, append(r.Events, report.Event{
		Event: lifecycle.MarkForProductionCreate, State: "COMPLETED", Ended: at("2026-03-09 08:15:31"),
	})
	assert.NotContains(t, r.Markdown(), "mermaid", "one point in time says nothing")
}
