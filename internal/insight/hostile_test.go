package insight_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/lifecycle"
)

const canary = "CANARYa1B2c3D4e5F6g7H8i9J0"

// failedBuild returns a fake whose build has failed, with the text in every member that can have one.
func failedBuild(text string) *fakeAWS {
	f := running()
	f.set("DescribeExecution", 200, described("FAILED", `, "error": `+encode(text)+`, "cause": `+encode(text)+`, "input": `+encode(text)))
	output, _ := json.Marshal(map[string]any{"image_build_version_arn": imageARN, "api_key": text, "errorMessage": text, "ami_state": "FAILED"})
	f.set("GetExecutionHistory", 200, history(text, string(output)))
	f.set("GetImage", 200, encode(map[string]any{"image": map[string]any{
		"name": text, "version": text, "state": map[string]any{"status": "FAILED", "reason": text}, "loggingConfiguration": map[string]any{"logGroupName": text},
	}}))
	f.set("ListWorkflowExecutions", 200, encode(map[string]any{"workflowExecutions": []any{map[string]any{"workflowExecutionId": "wf-1", "status": "FAILED", "message": text}}}))
	f.set("ListWorkflowStepExecutions", 200, encode(map[string]any{"steps": []any{
		map[string]any{"name": text, "action": text, "status": "FAILED", "message": text, "startTime": text, "outputs": text},
	}}))
	f.set("GetLogEvents", 200, encode(map[string]any{"nextBackwardToken": "b/0", "nextForwardToken": "f/0", "events": []any{
		map[string]any{"message": "Document " + strings.ReplaceAll(text, " ", "_")}, map[string]any{"message": "Phase build"}, map[string]any{"message": "Step One"},
		map[string]any{"message": "CmdExecution: Stderr: " + text}, map[string]any{"message": "CmdExecution: ExitCode 1"}, map[string]any{"message": text},
	}}))
	return f
}

func TestNoSecretAndNoControlCharacterIsInAReport(t *testing.T) {
	redact := func(text string) string { return strings.ReplaceAll(text, canary, "***") }
	for _, padding := range []int{0, 150, 180, 190, 199, 380, 399, 980, 999} {
		text := strings.Repeat("x", padding) + canary + "\r\n::error::forged\x1b[2J\u202e " + canary
		fake := failedBuild(text)
		w := insight.New(insight.Options{AWS: fake.config, Redact: redact})
		event := build()
		event.Started = time.Time{}
		report := w.Look(t.Context(), event)
		require.NotNil(t, report.Final)
		require.NotNil(t, report.Final.Component)
		chunk := w.BuildLog(t.Context(), event)
		require.NotEmpty(t, chunk.Lines)
		shown, err := json.Marshal([]any{report, chunk})
		require.NoError(t, err)
		assert.NotContains(t, string(shown), "CANARY", padding)
		for _, text := range append(append(report.Log, chunk.Lines...), report.Final.What, report.Final.Reason, report.State.Name, report.Image.Name, report.Steps[0].Message) {
			assert.NotContains(t, text, "\n")
			assert.NotContains(t, text, "\x1b")
			assert.NotContains(t, text, "\u202e")
		}
	}
}

// The examination ends, and its report stays small, whatever AWS returns.
func TestHugeResponsesMakeSmallReports(t *testing.T) {
	if testing.Short() {
		t.Skip("makes large responses")
	}
	huge := strings.Repeat("word ", 1<<15)
	many := func(n int, one string) string { return "[" + strings.TrimSuffix(strings.Repeat(one+",", n), ",") + "]" }
	fake := failedBuild(huge)
	fake.set("GetExecutionHistory", 200, `{"nextToken": "again", "events": `+many(1000, `{"id": 1, "type": "TaskStateExited", "stateExitedEventDetails": {"name": "x", "output": "{\"image_build_version_arn\": \"`+imageARN+`\"}"}}`)+`}`)
	fake.set("ListWorkflowStepExecutions", 200, `{"steps": `+many(2_000, `{"name": "x", "status": "FAILED"}`)+`}`)
	fake.set("GetLogEvents", 200, `{"nextBackwardToken": "b/1", "nextForwardToken": "f/1", "events": `+many(3_000, `{"message": "line\nline"}`)+`}`)
	event := build()
	event.Started = time.Time{}
	w := insight.New(insight.Options{AWS: fake.config})
	report := w.Look(t.Context(), event)
	require.NotNil(t, report.Final)
	shown, err := json.Marshal(report)
	require.NoError(t, err)
	assert.Less(t, len(shown), 200<<10)
	assert.Len(t, report.Steps, 50)
	assert.Len(t, report.Log, insight.LogLines)
	assert.Len(t, w.BuildLog(t.Context(), event).Lines, 200)
	assert.Less(t, fake.count(""), 25)

	fake.set("DescribeExecution", 200, described("RUNNING", `, "input": "`+strings.Repeat("x", 20<<20)+`"`))
	report = insight.New(insight.Options{AWS: fake.config}).Look(t.Context(), event)
	assert.Empty(t, report.Execution.Status, "a response of 20 MB is not used")
	require.NotNil(t, report.Final)
	runtime.KeepAlive(huge)
}

func TestWrongTypesAreNotSeen(t *testing.T) {
	for _, body := range []string{
		`null`, `[]`, `7`, `{}`, `""`, `{"status": 7}`, `{"status": {"a": []}, "events": "x", "image": [], "steps": {}, "workflowExecutions": 1}`,
		`{"image": null, "events": null, "steps": null, "workflowExecutions": null}`, `{"image": {"state": null}, "events": [null, 7, {"stateExitedEventDetails": null}]}`,
		`{"events": [{"type": 1, "id": "x", "timestamp": "x", "stateEnteredEventDetails": {"name": null}}]}`,
		`{"steps": [null], "workflowExecutions": [null, {"workflowExecutionId": null}]}`,
		strings.Repeat(`{"a":`, 20_000), strings.Repeat(`[`, 20_000), "\x00\xff", ``,
	} {
		for _, name := range []lifecycle.Event{lifecycle.BuildAMI, lifecycle.VulnerabilityScansPatch, "UNKNOWN"} {
			fake := running()
			setAll(fake, 200, body)
			event := build()
			event.Name, event.Started = name, time.Time{}
			report := insight.New(insight.Options{AWS: fake.config}).Look(t.Context(), event)
			assert.Nil(t, report.Final, "%.40s", body)
			assert.Empty(t, report.Blocking, "%.40s", body)

			// Only Image Builder's responses are malformed here, not those about the execution.
			fake = running()
			for _, operation := range []string{"GetImage", "ListWorkflowExecutions", "ListWorkflowStepExecutions"} {
				fake.set(operation, 200, body)
			}
			report = insight.New(insight.Options{AWS: fake.config}).Look(t.Context(), event)
			assert.Equal(t, "RUNNING", report.Execution.Status)
			assert.Nil(t, report.Final, "%.40s", body)
		}
	}
}

func TestAnExecutionOfAStrangeNameIsNeverAskedAbout(t *testing.T) {
	for _, arn := range []string{
		"", "x", "arn:aws:states:evil.example.com/:123456789012:execution:a:b", "arn:aws:states:us-east-1@evil:123456789012:execution:a:b",
		execution + " ", execution + "\n", strings.Repeat("a", 1<<20), fmt.Sprintf("%s:%s", execution, "x"),
	} {
		fake := running()
		event := build()
		event.ExecutionARN, event.Started = arn, time.Time{}
		w := insight.New(insight.Options{AWS: fake.config})
		assert.Nil(t, w.Look(t.Context(), event).Image)
		assert.Zero(t, fake.count(""), "%.50q", arn)
	}
}
