package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

// The tests in this file check the sentences of docs/wire-contract.md, "How an event goes" and "Order and versions".

func TestAnErrorStaysUntilSomethingElseIsStarted(t *testing.T) {
	box := manual(t)
	id := box.create(with{"events": eventList(lifecycle.Creation, lifecycle.BuildAMI, lifecycle.SmokeTestsCreate)})
	box.end(id, lifecycle.Completed)
	box.mustControl("lifecycles/"+id+"/event", map[string]any{
		"status": "ERROR", "error_message": "no instance", "stack_trace": "line 1",
	})
	document := box.document(id)
	require.NotNil(t, document.Running)
	assert.Equal(t, lifecycle.Error, document.Running.Status)
	assert.Equal(t, "no instance", document.Running.ErrorMessage)
	assert.Equal(t, "line 1", document.Running.StackTrace)
	assert.False(t, document.Running.StatusDate.IsZero())
	require200(t, box.update(id, []lifecycle.Event{lifecycle.SmokeTestsCreate}, nil))
	assert.Equal(t, lifecycle.SmokeTestsCreate, running(box.document(id)))
}

func TestALateResultClearsAnError(t *testing.T) {
	box := manual(t)
	id := box.create(with{"events": eventList(lifecycle.Creation, lifecycle.BuildAMI, lifecycle.SmokeTestsCreate)})
	box.end(id, lifecycle.Completed)
	require200(t, box.update(id, []lifecycle.Event{lifecycle.SmokeTestsCreate}, nil))
	box.end(id, lifecycle.Error)
	require.Equal(t, lifecycle.Error, box.document(id).Running.Status)
	box.endNamed(id, lifecycle.SmokeTestsCreate, lifecycle.Completed)
	document := box.document(id)
	assert.Nil(t, document.Running)
	assert.True(t, document.HasCompleted(lifecycle.SmokeTestsCreate))
}

func TestAResultThatComesAfterItsOwnErrorIsComplete(t *testing.T) {
	box := manual(t)
	id := box.create(everything())
	for range 3 {
		box.end(id, lifecycle.Completed)
	}
	box.end(id, lifecycle.Error)
	box.end(id, lifecycle.Completed)
	document := box.document(id)
	assert.Nil(t, document.Running)
	assert.Contains(t, string(document.Raw), "exports/"+id+"/"+document.ResultOf(lifecycle.BuildAMI).AMIs[0].ID+"/",
		"what the state machine was started with is still known")
}

func TestAnErrorOfAnExecutionMarksWhateverIsInProgress(t *testing.T) {
	box := manual(t)
	id := box.create(with{"events": eventList(lifecycle.Creation, lifecycle.BuildAMI, lifecycle.SmokeTestsCreate)})
	box.end(id, lifecycle.Completed)
	require200(t, box.update(id, []lifecycle.Event{lifecycle.SmokeTestsCreate, lifecycle.VulnerabilityScansCreate}, nil))
	box.end(id, lifecycle.Completed)
	require.Equal(t, lifecycle.VulnerabilityScansCreate, running(box.document(id)))
	box.endNamed(id, lifecycle.SmokeTestsCreate, lifecycle.Error)
	document := box.document(id)
	assert.Equal(t, lifecycle.VulnerabilityScansCreate, document.Running.Name)
	assert.Equal(t, lifecycle.Error, document.Running.Status)
}

func TestNoUpdateRestartsABuild(t *testing.T) {
	for _, status := range []lifecycle.Status{lifecycle.Failed, lifecycle.Error} {
		t.Run(string(status), func(t *testing.T) {
			box := manual(t)
			id := box.create(with{"events": eventList(lifecycle.Creation, lifecycle.BuildAMI, lifecycle.SmokeTestsCreate)})
			box.end(id, status)
			assert.Empty(t, running(box.document(id)), "nothing is started and nothing says so")
			response := box.update(id, []lifecycle.Event{lifecycle.SmokeTestsCreate}, nil)
			assert.Equal(t, http.StatusInternalServerError, response.Status)
			assert.Empty(t, running(box.document(id)))
		})
	}
}

func TestAnEventTimesOutAfter240Minutes(t *testing.T) {
	box := manual(t)
	id, other := box.create(nil), box.create(nil)
	box.mustControl("lifecycles/"+id+"/age", map[string]any{"minutes": 240})
	assert.Equal(t, lifecycle.BuildAMI, running(box.document(id)), "240 minutes are not over 240 minutes")
	require200(t, box.statuses())
	box.mustControl("lifecycles/"+id+"/age", map[string]any{"minutes": 1})
	requireRefused(t, box.statuses(), "got an unexpected keyword argument 'defintion'")
	document := box.document(id)
	assert.Equal(t, lifecycle.ErrorEventTimeout, document.Running.Status)
	assert.Contains(t, document.Running.ErrorMessage, document.Running.ExecutionARN)
	requireRefused(t, box.statuses(), "got an unexpected keyword argument 'defintion'")
	require200(t, box.status(other))
	box.end(id, lifecycle.Completed)
	assert.Nil(t, box.document(id).Running, "a late result clears it")
	require200(t, box.statuses())
	response := box.control("lifecycles/"+id+"/age", map[string]any{"minutes": 1})
	assert.Equal(t, http.StatusConflict, response.Status)
}

func TestABuildTakesTheSeedOfItsStackTagWhenItEnds(t *testing.T) {
	box := manual(t)
	version := func(id string) string {
		return box.document(id).ResultOf(lifecycle.BuildAMI).AMIs[0].SemanticVersion
	}
	first, second, other := box.create(nil), box.create(nil), box.create(with{"stack_tag": "other"})
	box.end(second, lifecycle.Completed)
	box.end(first, lifecycle.Completed)
	box.end(other, lifecycle.Completed)
	assert.Equal(t, "1.0.0", version(second), "the first to end, not the first to start")
	assert.Equal(t, "2.0.0", version(first))
	assert.Equal(t, "1.0.0", version(other))
}

func TestPatchesCountOnAndDescendFromEachOther(t *testing.T) {
	box := manual(t)
	box.mustControl("queue", map[string]any{"auto": false})
	id := box.approved()
	patch := func(bump string) *lifecycle.Result {
		t.Helper()
		require200(t, box.patch(id, nil, with{"properties": map[string]any{
			"patch_component_url":      "s3://ami-lifecycle-patch-components/" + id + "/component.yaml",
			"patch_change_description": "x", "semver_bump_type": bump,
		}}))
		box.end(id, lifecycle.Completed)
		return box.document(id).ResultOf(lifecycle.PatchAMI)
	}
	build := box.document(id).ResultOf(lifecycle.BuildAMI).AMIs[0]
	first := patch("MINOR")
	assert.Equal(t, "1.1.0", first.AMIs[0].SemanticVersion)
	assert.Equal(t, build.ID+" (v1.0.0)", first.Ancestry)
	second := patch("PATCH")
	assert.Equal(t, "1.1.1", second.AMIs[0].SemanticVersion)
	assert.Equal(t, build.ID+" (v1.0.0) -> "+first.AMIs[0].ID+" (v1.1.0)", second.Ancestry)
	third := patch("anything else")
	assert.Equal(t, "1.1.2", third.AMIs[0].SemanticVersion)
	document := box.document(id)
	assert.Len(t, document.PatchOutputs.History.Historical, 2)
	assert.Len(t, document.PatchOutputs.History.Current.Events, 1)
}

func TestControlPropertiesReplaceThoseOfTheResult(t *testing.T) {
	box := manual(t)
	id := box.create(with{"events": eventList(lifecycle.Creation, lifecycle.BuildAMI, lifecycle.SmokeTestsCreate, lifecycle.VulnerabilityScansCreate)})
	box.end(id, lifecycle.Completed)
	box.end(id, lifecycle.Completed)
	box.mustControl("lifecycles/"+id+"/event", map[string]any{"status": "COMPLETED", "properties": map[string]any{
		"total_vulnerabilities":    "9",
		"vulnerability_severities": map[string]any{"CRITICAL": "9", "HIGH": "0", "MEDIUM": "0", "LOW": "0", "INFORMATIONAL": "0", "UNTRIAGED": "0"},
	}})
	findings := box.document(id).ResultOf(lifecycle.VulnerabilityScansCreate).Findings
	assert.Equal(t, 9, findings.BySeverity[lifecycle.Critical])
	assert.Equal(t, "vulnerability-reports", findings.ReportBucket)
}

func TestControlRefusesWhatMakesNoSense(t *testing.T) {
	box := manual(t)
	id := box.create(nil)
	for path, bodies := range map[string][]any{
		"lifecycles/" + id + "/event": {
			map[string]any{"status": "DONE"}, map[string]any{"stat": "FAILED"}, "[", map[string]any{"status": "FAILED", "properties": []any{}},
		},
		"lifecycles/" + id + "/age": {map[string]any{"minutes": "x"}},
		"queue":                     {map[string]any{}},
		"faults":                    {map[string]any{"times": 1}, map[string]any{"route": "*", "status": 99}, map[string]any{"route": "*", "rest": true}},
	} {
		for _, body := range bodies {
			assert.Equal(t, http.StatusBadRequest, box.control(path, body).Status, "%s %v", path, body)
		}
	}
	assert.Equal(t, http.StatusConflict, box.control("lifecycles/nobody/event", map[string]any{"status": "COMPLETED"}).Status)
	assert.Equal(t, http.StatusConflict, box.control("lifecycles/nobody/age", map[string]any{"minutes": 1}).Status)
	assert.Equal(t, http.StatusNotFound, box.control("nothing", nil).Status)
	assert.Equal(t, lifecycle.BuildAMI, running(box.document(id)), "and nothing has happened")
}
