package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

// The tests in this file check the rows of docs/wire-contract.md, "Refused, and done all the same" and "What a client
// must not be fooled by".

func manual(t *testing.T) *box {
	t.Parallel()
	return start(t, sandbox.Options{Manual: true})
}

func require200(t testing.TB, response response) {
	t.Helper()
	require.Equal(t, http.StatusOK, response.Status, response.Body)
}

func requireRefused(t *testing.T, response response, text string) {
	t.Helper()
	require.Equal(t, http.StatusInternalServerError, response.Status, response.Body)
	require.Contains(t, response.object()["error"], text)
}

func TestSmokeTestsOfARefusedUpdateStartByThemselves(t *testing.T) {
	box := manual(t)
	id := box.create(nil)
	refused := box.update(id, []lifecycle.Event{lifecycle.SmokeTestsCreate}, with{
		"owner": "second", "properties": map[string]any{"TICKET": "7"},
	})
	requireRefused(t, refused, "Unable to get the detail of the created ami.")
	assert.Contains(t, refused.object()["error"], box.keys["ami_creation_timeline_api_key"],
		"the whole document is in the text, with its secrets")
	document := box.document(id)
	assert.Equal(t, "second", document.Owner)
	assert.Equal(t, "7", document.Properties["TICKET"])
	assert.Equal(t, lifecycle.BuildAMI, running(document))
	box.end(id, lifecycle.Completed)
	assert.Equal(t, lifecycle.SmokeTestsCreate, running(box.document(id)))
}

func TestAnUpdateThatTheRulesRefuseIsStored(t *testing.T) {
	box := manual(t)
	id := box.create(nil)
	box.end(id, lifecycle.Completed)
	requireRefused(t, box.update(id, []lifecycle.Event{lifecycle.VulnerabilityScansCreate}, with{"owner": "second"}),
		"Unable to proceed with VULNERABILIY_SCANS_AMI_CREATE event as a previous event SMOKE_TESTS_AMI_CREATE is in NOT_STARTED state.")
	document := box.document(id)
	assert.Equal(t, "second", document.Owner)
	assert.Equal(t, []lifecycle.Event{lifecycle.VulnerabilityScansCreate}, document.Enabled(lifecycle.Creation))
	assert.Empty(t, running(document))
}

func TestAnUpdateWithANotificationWithoutMethodIsRefusedWhenItIsDone(t *testing.T) {
	box := manual(t)
	id := box.create(nil)
	box.end(id, lifecycle.Completed)
	requireRefused(t, box.update(id, []lifecycle.Event{lifecycle.SmokeTestsCreate},
		with{"notifications": []any{map[string]any{"target": "x"}}}), "'method'")
	assert.Equal(t, lifecycle.SmokeTestsCreate, running(box.document(id)))
}

func TestAQuoteInAPatchLeavesItsInputsStored(t *testing.T) {
	box := manual(t)
	box.mustControl("queue", map[string]any{"auto": false})
	id := box.approved()
	requireRefused(t, box.patch(id, nil, with{"commit_ref": `a "b"`}), "InvalidExecutionInput")
	document := box.document(id)
	require.NotNil(t, document.InputsPatch)
	assert.Equal(t, `a "b"`, document.InputsPatch.CommitRef)
	assert.Empty(t, running(document))
}

func TestANumberPoisonsTheStatusAndTheListOfAll(t *testing.T) {
	tests := map[string]with{
		"in the properties":      {"properties": map[string]any{"N": 1}},
		"as the product version": {"product_ver": 2},
		"as an enabled":          {"events": enabledByNumber()},
		"in an unknown member":   {"X": map[string]any{"deep": []any{1}}},
	}
	for name, changes := range tests {
		t.Run(name, func(t *testing.T) {
			box := manual(t)
			healthy := box.create(nil)
			require.Len(t, box.statuses().Body, 1)
			poisoned := box.create(changes)
			const text = "Object of type Decimal is not JSON serializable"
			requireRefused(t, box.status(poisoned), text)
			requireRefused(t, box.statuses(), text)
			require200(t, box.status(healthy))
		})
	}
}

func enabledByNumber() []any {
	events := eventList(lifecycle.Creation)
	events[0].(map[string]any)["enabled"] = 1
	return events
}

func TestABodyOver256KBIsRefusedAndBuilds(t *testing.T) {
	box := manual(t)
	requireRefused(t, box.tryCreate(with{"NOTE": strings.Repeat("x", 300<<10)}), "Message too long")
	all := box.statuses().Body.([]any)
	require.Len(t, all, 1)
	assert.Contains(t, all[0], "event_in_progress")
}

func TestTheOldValueOfAPropertyStays(t *testing.T) {
	box := manual(t)
	id := box.create(with{"properties": map[string]any{"A": "old"}})
	box.end(id, lifecycle.Completed)
	require200(t, box.update(id, nil, with{"properties": map[string]any{"A": "new", "B": "new"}}))
	assert.Equal(t, lifecycle.Properties{"A": "old", "B": "new"}, box.document(id).Properties)
	requireRefused(t, box.update(id, nil, with{"properties": nil, "owner": "other"}), "'NoneType' object is not a mapping")
	assert.Equal(t, "me", box.document(id).Owner, "this one is refused before anything is stored")
}

func TestAnUpdateForCompletedEventsStartsNothing(t *testing.T) {
	box := manual(t)
	id := box.tested()
	require200(t, box.update(id, []lifecycle.Event{lifecycle.SmokeTestsCreate, lifecycle.VulnerabilityScansCreate}, nil))
	assert.Empty(t, running(box.document(id)))
	require200(t, box.update(id, nil, nil))
	assert.Empty(t, running(box.document(id)))
}

func TestASecondStartRunsBesideTheFirst(t *testing.T) {
	box := manual(t)
	id := box.create(nil)
	box.end(id, lifecycle.Completed)
	require200(t, box.update(id, []lifecycle.Event{lifecycle.SmokeTestsCreate}, nil))
	first := box.document(id).Running.ExecutionARN
	require200(t, box.update(id, []lifecycle.Event{lifecycle.SmokeTestsCreate}, nil))
	assert.NotEqual(t, first, box.document(id).Running.ExecutionARN, "the second replaces the first's event in progress")
	box.endNamed(id, lifecycle.SmokeTestsCreate, lifecycle.Completed)
	assert.Nil(t, box.document(id).Running, "the first's result takes the second's event in progress away")
	box.endNamed(id, lifecycle.SmokeTestsCreate, lifecycle.Completed)
	assert.Equal(t, []string{
		"BUILD_AMI COMPLETED", "SMOKE_TESTS_AMI_CREATE COMPLETED", "SMOKE_TESTS_AMI_CREATE COMPLETED",
	}, results(box.document(id), lifecycle.Creation))
	conflict := box.control("lifecycles/"+id+"/event", map[string]any{"status": "COMPLETED", "name": "SMOKE_TESTS_AMI_CREATE"})
	assert.Equal(t, http.StatusConflict, conflict.Status)
}

func TestASecondCompletedResultMakesALifecycleUnpatchable(t *testing.T) {
	box := manual(t)
	box.mustControl("queue", map[string]any{"auto": false})
	id := box.tested()
	require200(t, box.certify(id, "CERTIFIED", nil))
	require200(t, box.certify(id, "CERTIFIED", nil))
	box.mustControl("queue/deliver", nil)
	require200(t, box.approve(id, "APPROVED", nil))
	box.end(id, lifecycle.Completed)
	requireRefused(t, box.patch(id, nil, nil), "Number of actual AMI Creation events: 7 does not match")
}

func TestAnOldResultStaysUntilTheRetrysReplacesIt(t *testing.T) {
	box := manual(t)
	id := box.create(with{"events": eventList(lifecycle.Creation, lifecycle.BuildAMI, lifecycle.SmokeTestsCreate)})
	box.end(id, lifecycle.Completed)
	box.end(id, lifecycle.Failed)
	document := box.document(id)
	assert.Equal(t, []string{"BUILD_AMI COMPLETED", "SMOKE_TESTS_AMI_CREATE FAILED"}, results(document, lifecycle.Creation))
	assert.Equal(t, lifecycle.SmokeTestsCreate, running(document), "after a FAILED result the same event starts again")
	box.end(id, lifecycle.Completed)
	document = box.document(id)
	assert.Equal(t, []string{"BUILD_AMI COMPLETED", "SMOKE_TESTS_AMI_CREATE COMPLETED"}, results(document, lifecycle.Creation))
	assert.Empty(t, running(document))
}

func TestAPatchTestsFailedResultStaysForGood(t *testing.T) {
	box := manual(t)
	box.mustControl("queue", map[string]any{"auto": false})
	id := box.approved()
	require200(t, box.patch(id, []lifecycle.Event{lifecycle.SmokeTestsPatch}, nil))
	box.end(id, lifecycle.Completed)
	box.end(id, lifecycle.Failed)
	box.end(id, lifecycle.Completed)
	assert.Equal(t, []string{"PATCH_AMI COMPLETED", "SMOKE_TESTS_AMI_PATCH FAILED"}, results(box.document(id), lifecycle.Patching))
	requireRefused(t, box.updatePatch(id, []lifecycle.Event{lifecycle.VulnerabilityScansPatch}, nil),
		"Unable to proceed with VULNERABILITY_SCANS_AMI_PATCH event as a previous event SMOKE_TESTS_AMI_PATCH is in FAILED state.")
	require200(t, box.patch(id, []lifecycle.Event{lifecycle.SmokeTestsPatch}, nil))
	box.end(id, lifecycle.Completed)
	assert.Equal(t, []string{"PATCH_AMI COMPLETED"}, results(box.document(id), lifecycle.Patching), "only a new patch helps")
}

func TestAPatchKeepsTheFirstPropertiesAndTheLastCommit(t *testing.T) {
	box := manual(t)
	box.mustControl("queue", map[string]any{"auto": false})
	id := box.approved()
	require200(t, box.patch(id, nil, nil))
	box.end(id, lifecycle.Completed)
	require200(t, box.updatePatch(id, nil, with{"commit_ref": "", "properties": map[string]any{"LATE": "1"}}))
	document := box.document(id)
	assert.Empty(t, document.InputsPatch.CommitRef)
	assert.NotContains(t, document.InputsPatch.Properties, "LATE")
	assert.Equal(t, "MINOR", document.InputsPatch.Properties["semver_bump_type"])
}

func TestAnyOtherWordThanCertifiedIsAFailure(t *testing.T) {
	box := manual(t)
	box.mustControl("queue", map[string]any{"auto": false})
	id := box.tested()
	require200(t, box.certify(id, "certified", with{"properties": map[string]any{"BY": "QA"}}))
	box.mustControl("queue/deliver", nil)
	document := box.document(id)
	verdict := document.ResultOf(lifecycle.QACertificationResponse)
	require.NotNil(t, verdict)
	assert.Equal(t, lifecycle.Failed, verdict.Status)
	assert.Equal(t, "certified", verdict.CertificationStatus)
	assert.Contains(t, string(document.Raw), `"BY":"QA"`)
	require200(t, box.certify(id, "CERTIFIED", nil))
	box.mustControl("queue/deliver", nil)
	assert.Equal(t, lifecycle.Completed, box.document(id).ResultOf(lifecycle.QACertificationResponse).Status)
}

func TestApprovedDropsPropertiesAndARefusalKeepsThem(t *testing.T) {
	box := manual(t)
	box.mustControl("queue", map[string]any{"auto": false})
	id := box.tested()
	require200(t, box.certify(id, "CERTIFIED", nil))
	box.mustControl("queue/deliver", nil)
	require200(t, box.approve(id, "FAILED", with{"properties": map[string]any{"WHY": "refused"}}))
	box.mustControl("queue/deliver", nil)
	document := box.document(id)
	assert.Equal(t, lifecycle.Failed, document.ResultOf(lifecycle.MarkForProductionCreate).Status)
	assert.Contains(t, string(document.Raw), `"WHY":"refused"`)
	require200(t, box.approve(id, "APPROVED", with{"properties": map[string]any{"WHY": "approved"}}))
	box.end(id, lifecycle.Completed)
	document = box.document(id)
	assert.Equal(t, "APPROVED", document.ResultOf(lifecycle.MarkForProductionCreate).ApprovalStatus)
	assert.NotContains(t, string(document.Raw), `"WHY"`)
}

func TestARefusedPatchIsLostAfterItsResponse(t *testing.T) {
	box := manual(t)
	box.mustControl("queue", map[string]any{"auto": false})
	id := box.approved()
	require200(t, box.patch(id, []lifecycle.Event{lifecycle.SmokeTestsPatch, lifecycle.VulnerabilityScansPatch}, nil))
	for range 3 {
		box.end(id, lifecycle.Completed)
	}
	require200(t, box.approvePatch(id, "FAILED", nil))
	delivered := box.mustControl("queue/deliver", nil)
	assert.Contains(t, dump(delivered.Body), "Invalid API Key for AMI Patch Receiver operation.")
	assert.Nil(t, box.document(id).ResultOf(lifecycle.MarkForProductionPatch))
	require200(t, box.approvePatch(id, "APPROVED", nil))
	assert.Equal(t, lifecycle.MarkForProductionPatch, running(box.document(id)))
}
