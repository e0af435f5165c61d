package watch_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/watch"
)

// document returns a status document from the members of its JSON object.
func document(t *testing.T, parts ...string) *lifecycle.Document {
	t.Helper()
	parts = append([]string{`"lifecycle_id": "id-1"`}, parts...)
	d, err := lifecycle.Decode([]byte("{" + strings.Join(parts, ",") + "}"))
	require.NoError(t, err)
	return d
}

func result(name, status, date string) string {
	properties := `{}`
	if name == "BUILD_AMI" || name == "PATCH_AMI" {
		properties = `{"ami_details": [{"region": "eu-central-1", "image": "ami-0123456789abcdef0", "ami_semver": "1.0.0"}]}`
	}
	return resultWith(name, status, date, properties)
}

func resultWith(name, status, date, properties string) string {
	return fmt.Sprintf(`{"name": %q, "status": %q, "status_date": "11/22/2026, %s", "api_key": "canary", "properties": %s}`,
		name, status, date, properties)
}

func created(results ...string) string {
	return `"outputs_ami_creation": {"events": [` + strings.Join(results, ",") + `]}`
}

func patched(current ...string) string {
	return `"outputs_ami_patch": {"patch_history": {"current": {"events": [` + strings.Join(current, ",") + `]}, "historical": []}}`
}

func running(name, arn string) string {
	return fmt.Sprintf(`"event_in_progress": {"name": %q, "execution_arn": %q}`, name, arn)
}

func ended(name, arn, status, message string) string {
	return fmt.Sprintf(`"event_in_progress": {"name": %q, "execution_arn": %q, "status": %q, `+
		`"status_date": "11/22/2026, 10:00:00", "error_message": %q}`, name, arn, status, message)
}

func TestJudge(t *testing.T) {
	const (
		build, smoke, scans, qa = lifecycle.BuildAMI, lifecycle.SmokeTestsCreate, lifecycle.VulnerabilityScansCreate, lifecycle.QACertificationRequest
		certified, approved     = lifecycle.QACertificationResponse, lifecycle.MarkForProductionCreate
		patch, patchSmoke       = lifecycle.PatchAMI, lifecycle.SmokeTestsPatch
		patchScans              = lifecycle.VulnerabilityScansPatch
	)
	nothing := []string{}
	built := result("BUILD_AMI", "COMPLETED", "09:00:00")
	smokePassed := result("SMOKE_TESTS_AMI_CREATE", "COMPLETED", "09:30:00")
	smokeFailed := result("SMOKE_TESTS_AMI_CREATE", "FAILED", "09:30:00")
	patchDone := result("PATCH_AMI", "COMPLETED", "11:00:00")
	patchSmokeFailed := result("SMOKE_TESTS_AMI_PATCH", "FAILED", "11:30:00")

	for _, c := range []struct {
		name        string
		before, now []string // before is nil if the earlier state is unknown
		wanted      []lifecycle.Event
		states      string
		reason      string // part of the first reason
	}{
		// "How an event goes", 1: it starts, and event_in_progress appears without a status.
		{"a create that nothing shows of yet is waiting", nothing, nothing,
			[]lifecycle.Event{build}, "WAITING", ""},
		{"an event in progress is running, those after it wait", nothing, []string{running("BUILD_AMI", "a")},
			[]lifecycle.Event{build, smoke}, "RUNNING WAITING", ""},
		{"IN_PROGRESS is running too", nothing, []string{ended("BUILD_AMI", "a", "IN_PROGRESS", "")},
			[]lifecycle.Event{build}, "RUNNING", ""},
		{"an unrelated event in progress leaves ours waiting", []string{created(built)},
			[]string{created(built), running(string(lifecycle.VulnerabilityScansCreate), "a")},
			[]lifecycle.Event{smoke}, "WAITING", ""},

		// 2: it ends in a result or in an error.
		{"a result COMPLETED is completed", nothing, []string{created(built)},
			[]lifecycle.Event{build}, "COMPLETED", ""},
		{"a result FAILED is failed, and what comes after is blocked", []string{created(built)},
			[]string{created(built, smokeFailed)},
			[]lifecycle.Event{smoke, scans, qa}, "FAILED BLOCKED BLOCKED", "FAILED"},
		{"an ERROR is an error with its message, and what comes after is blocked", []string{created(built)},
			[]string{created(built), ended("SMOKE_TESTS_AMI_CREATE", "a", "ERROR", "Instance failed to start.")},
			[]lifecycle.Event{smoke, scans}, "ERROR BLOCKED", "Instance failed to start."},
		{"an ERROR without a message says so", nothing, []string{ended("BUILD_AMI", "a", "ERROR", "")},
			[]lifecycle.Event{build}, "ERROR", "gave no reason"},
		{"an ERROR of an event before ours that we did not ask for blocks ours", []string{created(built), running("SMOKE_TESTS_AMI_CREATE", "a")},
			[]string{created(built), ended("SMOKE_TESTS_AMI_CREATE", "a", "ERROR", "no capacity")},
			[]lifecycle.Event{scans}, "BLOCKED", "no capacity"},
		{"an ERROR of an event after ours says nothing of ours", []string{created(built)},
			[]string{created(built), ended("QA_CERTIFICATION_REQUEST", "a", "ERROR", "x")},
			[]lifecycle.Event{smoke}, "WAITING", ""},

		// 3: the moment between two events, and the failed event that starts again.
		{"between two events the next one waits", nothing, []string{created(built)},
			[]lifecycle.Event{build, smoke}, "COMPLETED WAITING", ""},
		{"a failed event that the server starts again has failed all the same", []string{created(built)},
			[]string{created(built, smokeFailed), running("SMOKE_TESTS_AMI_CREATE", "b")},
			[]lifecycle.Event{smoke}, "FAILED", ""},

		// 5: the time-out of an event.
		{"over 240 minutes is an error that says so", nothing, []string{ended("BUILD_AMI", "a", "ERROR_EVENT_TIMEOUT", "")},
			[]lifecycle.Event{build}, "ERROR", "240 minutes"},

		// A status that is not in the list is an error with its raw value (docs/architecture.md, "Waiting").
		{"an unknown status in progress is an error", nothing, []string{ended("BUILD_AMI", "a", "PONDERING", "")},
			[]lifecycle.Event{build}, "ERROR", `"PONDERING"`},
		{"an unknown status of a result is an error", nothing, []string{created(result("BUILD_AMI", "SKIPPED", "09:00:00"))},
			[]lifecycle.Event{build}, "ERROR", `"SKIPPED"`},
		{"a result in ERROR is an error", nothing, []string{created(result("BUILD_AMI", "ERROR", "09:00:00"))},
			[]lifecycle.Event{build}, "ERROR", "ERROR"},

		// "leaves an old result in place until the retry's result replaces it"
		{"an old FAILED result is not that of a retry", []string{created(built, smokeFailed)},
			[]string{created(built, smokeFailed), running("SMOKE_TESTS_AMI_CREATE", "b")},
			[]lifecycle.Event{smoke}, "RUNNING", ""},
		{"nor while the retry has not started yet", []string{created(built, smokeFailed)},
			[]string{created(built, smokeFailed)},
			[]lifecycle.Event{smoke, scans}, "WAITING WAITING", ""},
		{"the retry's own result is", []string{created(built, smokeFailed)},
			[]string{created(built, smokePassed)},
			[]lifecycle.Event{smoke}, "COMPLETED", ""},
		{"a retry that fails again has failed", []string{created(built, smokeFailed)},
			[]string{created(built, result("SMOKE_TESTS_AMI_CREATE", "FAILED", "10:30:00"))},
			[]lifecycle.Event{smoke}, "FAILED", ""},
		{"an old error is not that of a retry", []string{created(built), ended("SMOKE_TESTS_AMI_CREATE", "a", "ERROR", "old")},
			[]string{created(built), ended("SMOKE_TESTS_AMI_CREATE", "a", "ERROR", "old")},
			[]lifecycle.Event{smoke, scans}, "WAITING WAITING", ""},
		{"another execution's error is", []string{created(built), ended("SMOKE_TESTS_AMI_CREATE", "a", "ERROR", "old")},
			[]string{created(built), ended("SMOKE_TESTS_AMI_CREATE", "b", "ERROR", "new")},
			[]lifecycle.Event{smoke}, "ERROR", "new"},
		{"a late result clears an error", []string{created(built)}, []string{created(built, smokePassed)},
			[]lifecycle.Event{smoke}, "COMPLETED", ""},
		{"a result counts even while another execution runs beside it", []string{created(built)},
			[]string{created(built, smokePassed), running("SMOKE_TESTS_AMI_CREATE", "b")},
			[]lifecycle.Event{smoke}, "COMPLETED", ""},

		// 6: certification and approvals arrive later; a FAILED one may be followed by another.
		{"a certification that is still queued waits", []string{created(built, smokePassed)}, []string{created(built, smokePassed)},
			[]lifecycle.Event{certified}, "WAITING", ""},
		{"a certification FAILED is failed", []string{created(built)},
			[]string{created(built, result("QA_CERTIFICATION_RESPONSE", "FAILED", "12:00:00"))},
			[]lifecycle.Event{certified}, "FAILED", ""},
		{"a second certification does not take the first one's result", []string{created(built, result("QA_CERTIFICATION_RESPONSE", "FAILED", "12:00:00"))},
			[]string{created(built, result("QA_CERTIFICATION_RESPONSE", "FAILED", "12:00:00"))},
			[]lifecycle.Event{certified}, "WAITING", ""},
		{"an approval's backup runs", []string{created(built)}, []string{created(built), running("MARK_FOR_PRODUCTION_CREATE", "a")},
			[]lifecycle.Event{approved}, "RUNNING", ""},

		// Patches.
		{"a first patch completes", []string{created(built)}, []string{created(built), patched(patchDone)},
			[]lifecycle.Event{patch, patchSmoke}, "COMPLETED WAITING", ""},
		{"the result of the previous patch is not that of a new one", []string{patched(patchDone, result("SMOKE_TESTS_AMI_PATCH", "COMPLETED", "11:30:00"))},
			[]string{patched(patchDone, result("SMOKE_TESTS_AMI_PATCH", "COMPLETED", "11:30:00")), running("PATCH_AMI", "b")},
			[]lifecycle.Event{patch, patchSmoke}, "RUNNING WAITING", ""},
		{"a new patch takes its place", []string{patched(patchDone, result("SMOKE_TESTS_AMI_PATCH", "COMPLETED", "11:30:00"))},
			[]string{patched(result("PATCH_AMI", "COMPLETED", "12:00:00"))},
			[]lifecycle.Event{patch, patchSmoke}, "COMPLETED WAITING", ""},
		{"the failed test of the patch before does not block a new one", []string{patched(patchDone, patchSmokeFailed)},
			[]string{patched(patchDone, patchSmokeFailed), running("PATCH_AMI", "b")},
			[]lifecycle.Event{patch, patchSmoke, patchScans}, "RUNNING WAITING WAITING", ""},
		{"a patch's failed test blocks its scans for good, even while it runs again", []string{patched(patchDone)},
			[]string{patched(patchDone, patchSmokeFailed), running("SMOKE_TESTS_AMI_PATCH", "b")},
			[]lifecycle.Event{patchScans}, "BLOCKED", "cannot be repeated"},
		{"a patch that failed blocks its tests", []string{created(built)}, []string{created(built), ended("PATCH_AMI", "a", "ERROR", "component")},
			[]lifecycle.Event{patch, patchSmoke}, "ERROR BLOCKED", "component"},

		// The earlier state is unknown: AMI_WAIT.
		{"what has completed counts when nobody looked before", nil, []string{created(built, smokePassed)},
			[]lifecycle.Event{build, smoke}, "COMPLETED COMPLETED", ""},
		{"so does what failed", nil, []string{created(built, smokeFailed)},
			[]lifecycle.Event{smoke, scans}, "FAILED BLOCKED", ""},
		{"unless it runs again", nil, []string{created(built, smokeFailed), running("SMOKE_TESTS_AMI_CREATE", "b")},
			[]lifecycle.Event{smoke, scans}, "RUNNING WAITING", ""},
		{"a patch's failed test counts although it runs again", nil,
			[]string{patched(patchDone, patchSmokeFailed), running("SMOKE_TESTS_AMI_PATCH", "b")},
			[]lifecycle.Event{patchSmoke, patchScans}, "FAILED BLOCKED", "its result is FAILED"},
		{"an older success says nothing of what failed since and runs again", nil,
			[]string{created(built, smokePassed, smokeFailed), running("SMOKE_TESTS_AMI_CREATE", "b")},
			[]lifecycle.Event{smoke}, "RUNNING", ""},
		{"nor of what runs again", nil,
			[]string{created(built, smokePassed), running("SMOKE_TESTS_AMI_CREATE", "b")},
			[]lifecycle.Event{smoke}, "RUNNING", ""},
		{"nor of an error that stands since", nil,
			[]string{created(built, smokePassed), ended("SMOKE_TESTS_AMI_CREATE", "b", "ERROR", "new")},
			[]lifecycle.Event{smoke}, "ERROR", "new"},
		{"an error that stands counts", nil, []string{created(built), ended("SMOKE_TESTS_AMI_CREATE", "a", "ERROR", "old")},
			[]lifecycle.Event{smoke}, "ERROR", "old"},
		{"a patch in progress hides the results of the patch before", nil,
			[]string{patched(patchDone), running("PATCH_AMI", "b")},
			[]lifecycle.Event{patch}, "RUNNING", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before *lifecycle.Document
			if c.before != nil {
				before = document(t, c.before...)
			}
			judged := watch.Judge(before, document(t, c.now...), c.wanted, watch.Finding{})

			var states []string
			reason := ""
			for i, judgement := range judged {
				require.Equal(t, c.wanted[i], judgement.Event)
				states = append(states, string(judgement.State))
				if reason == "" {
					reason = judgement.Reason
				}
			}
			assert.Equal(t, c.states, strings.Join(states, " "))
			assert.Contains(t, reason, c.reason)
			if c.reason == "" && judged.Cause() == nil {
				assert.Empty(t, reason, "a reason for an event that is well")
			}
		})
	}
}

func TestVerdictNamesTheEventThatFailedBeforeTheOnesItBlocks(t *testing.T) {
	judged := watch.Judgements{
		{Event: lifecycle.BuildAMI, State: watch.Completed},
		{Event: lifecycle.VulnerabilityScansCreate, State: watch.Blocked},
		{Event: lifecycle.SmokeTestsCreate, State: watch.Errored},
	}
	assert.Equal(t, lifecycle.SmokeTestsCreate, judged.Cause().Event)
	assert.False(t, judged.Succeeded())
	assert.True(t, judged[:1].Succeeded())
	assert.Nil(t, judged[:1].Cause())
	assert.Nil(t, judged.Of(lifecycle.PatchAMI))
}

func FuzzJudge(f *testing.F) {
	f.Add([]byte(`{"lifecycle_id":"a"}`), []byte(`{"lifecycle_id":"a","event_in_progress":{"name":"BUILD_AMI"}}`))
	f.Add([]byte(`{"lifecycle_id":"a","outputs_ami_creation":{"events":[{"name":"BUILD_AMI","status":"FAILED"}]}}`),
		[]byte(`{"lifecycle_id":"a","outputs_ami_creation":{"events":[{"name":"BUILD_AMI","status":"COMPLETED"}]}}`))
	f.Add([]byte(`{"lifecycle_id":"a","outputs_ami_patch":{"patch_history":{"current":{"events":[{"name":"SMOKE_TESTS_AMI_PATCH","status":"FAILED"}]}}}}`),
		[]byte(`{"lifecycle_id":"a","event_in_progress":{"name":"PATCH_AMI","status":"ERROR"}}`))
	wanted := append(lifecycle.Creation.Order(), lifecycle.Patching.Order()...)
	f.Fuzz(func(t *testing.T, beforeJSON, nowJSON []byte) {
		now, err := lifecycle.Decode(nowJSON)
		if err != nil {
			return
		}
		before, err := lifecycle.Decode(beforeJSON)
		if err != nil {
			before = nil
		}
		for _, judgement := range watch.Judge(before, now, wanted, watch.Finding{}) {
			if judgement.State == watch.Completed {
				// An event is judged completed only if the document has a result that says so.
				require.True(t, now.HasCompleted(judgement.Event))
			}
			if judgement.State.IsFinal() && judgement.State != watch.Completed {
				require.NotEmpty(t, judgement.Reason)
			}
		}
	})
}
