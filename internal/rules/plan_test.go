package rules

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
)

// lifecycleWith returns a status document with the given members, which are JSON.
func lifecycleWith(t *testing.T, parts ...string) *lifecycle.Document {
	t.Helper()
	parts = append([]string{`"lifecycle_id": "id-1"`}, parts...)
	document, err := lifecycle.Decode([]byte("{" + strings.Join(parts, ",") + "}"))
	require.NoError(t, err)
	return document
}

func creationResults(nameAndStatus ...string) string {
	var results []string
	for i := 0; i < len(nameAndStatus); i += 2 {
		results = append(results, fmt.Sprintf(`{"name": %q, "status": %q, "n": %d}`, nameAndStatus[i], nameAndStatus[i+1], i))
	}
	return `"outputs_ami_creation": {"events": [` + strings.Join(results, ",") + `]}`
}

func patchResults(nameAndStatus ...string) string {
	inner := creationResults(nameAndStatus...)
	inner = strings.TrimPrefix(inner, `"outputs_ami_creation": `)
	return `"inputs_ami_patch": {"events": []}, "outputs_ami_patch": {"patch_history": {"current": ` + inner + `}}`
}

func enabled(events ...string) string {
	var switches []string
	for _, event := range events {
		switches = append(switches, fmt.Sprintf(`{"name": %q, "enabled": true}`, event))
	}
	return `"inputs_ami_creation": {"events": [` + strings.Join(switches, ",") + `]}`
}

func inProgress(event, status string) string {
	return fmt.Sprintf(`"event_in_progress": {"name": %q, "execution_arn": "a", "status": %q}`, event, status)
}

func TestPlanLooksBeforeAnythingIsSent(t *testing.T) {
	const (
		smoke, scans, qa = lifecycle.SmokeTestsCreate, lifecycle.VulnerabilityScansCreate, lifecycle.QACertificationRequest
		built            = "BUILD_AMI"
	)
	type events = []lifecycle.Event
	for _, c := range []struct {
		name     string
		document []string
		ours     bool
		wanted   events
		want     Plan
		refused  string
	}{
		{name: "what comes next is asked for", document: []string{creationResults(built, "COMPLETED")},
			wanted: events{smoke, scans}, want: Plan{Start: events{smoke, scans}}},
		{name: "a completed event is immutable", document: []string{creationResults(built, "COMPLETED", string(smoke), "COMPLETED")},
			wanted: events{smoke, scans}, refused: "SMOKE_TESTS has already completed"},
		{name: "unless this very job completed it", document: []string{creationResults(built, "COMPLETED", string(smoke), "COMPLETED")},
			ours: true, wanted: events{smoke, scans}, want: Plan{Done: events{smoke}, Start: events{scans}}},
		{name: "then nothing may be left to do", document: []string{creationResults(built, "COMPLETED", string(smoke), "COMPLETED")},
			ours: true, wanted: events{smoke}, want: Plan{Done: events{smoke}}},
		{name: "a failed event is asked for again", document: []string{creationResults(built, "COMPLETED", string(smoke), "FAILED")},
			wanted: events{smoke}, want: Plan{Start: events{smoke}}},
		{name: "so is one that ended in an error", document: []string{creationResults(built, "COMPLETED"), inProgress(string(smoke), "ERROR")},
			wanted: events{smoke}, want: Plan{Start: events{smoke}}},
		{name: "an event before it that has not run is an obstacle", document: []string{creationResults(built, "COMPLETED")},
			wanted: events{scans}, refused: "cannot start before SMOKE_TESTS has completed, but that event has not run"},
		{name: "so is one that failed", document: []string{creationResults(built, "COMPLETED", string(smoke), "FAILED")},
			wanted: events{scans}, refused: "that event ended FAILED"},
		{name: "a build in error needs a new lifecycle", document: []string{inProgress(built, "ERROR")},
			wanted: events{smoke}, refused: "create a new one with AMI_CREATE"},
		{name: "the very event in progress is attached to", document: []string{creationResults(built, "COMPLETED"), enabled(string(smoke)), inProgress(string(smoke), "")},
			wanted: events{smoke}, want: Plan{Attach: events{smoke}}},
		{name: "what was not asked for with it is asked for after it", document: []string{creationResults(built, "COMPLETED"), enabled(string(smoke)), inProgress(string(smoke), "")},
			wanted: events{smoke, scans}, want: Plan{Attach: events{smoke}, Start: events{scans}}},
		{name: "what was, starts by itself", document: []string{creationResults(built, "COMPLETED"), enabled(string(smoke), string(scans)), inProgress(string(smoke), "")},
			wanted: events{smoke, scans, qa}, want: Plan{Attach: events{smoke, scans}, Start: events{qa}}},
		{name: "ours may be waiting behind the one in progress", document: []string{enabled(built, string(smoke)), inProgress(built, "")},
			wanted: events{smoke}, want: Plan{Attach: events{smoke}}},
		{name: "nothing is started beside another event", document: []string{enabled(built), inProgress(built, "")},
			wanted: events{smoke}, refused: "BUILD_AMI is in progress, and a second execution must not run at the same time"},
		{name: "not even when only a part of it would come by itself", document: []string{enabled(built, string(smoke)), inProgress(built, "")},
			wanted: events{smoke, scans}, refused: "BUILD_AMI is in progress"},
		{name: "between two events the next may be about to start", document: []string{creationResults(built, "COMPLETED"), enabled(string(smoke))},
			wanted: events{smoke}, want: Plan{Start: events{smoke}, Unsettled: true}},
		{name: "a patch's failed test needs a new patch", document: []string{patchResults("PATCH_AMI", "COMPLETED", "SMOKE_TESTS_AMI_PATCH", "FAILED")},
			wanted: events{lifecycle.SmokeTestsPatch}, refused: "start a new patch"},
		{name: "for its scans too", document: []string{patchResults("PATCH_AMI", "COMPLETED", "SMOKE_TESTS_AMI_PATCH", "FAILED")},
			wanted: events{lifecycle.VulnerabilityScansPatch}, refused: "start a new patch"},
		{name: "an approval FAILED of a patch can be followed by another", document: []string{
			patchResults("PATCH_AMI", "COMPLETED", "SMOKE_TESTS_AMI_PATCH", "COMPLETED", "VULNERABILITY_SCANS_AMI_PATCH", "COMPLETED", "MARK_FOR_PRODUCTION_PATCH", "FAILED")},
			wanted: events{lifecycle.MarkForProductionPatch}, want: Plan{Start: events{lifecycle.MarkForProductionPatch}}},
		{name: "a lifecycle without a patch has none to test", document: []string{creationResults(built, "COMPLETED")},
			wanted: events{lifecycle.SmokeTestsPatch}, refused: "patch it first with AMI_PATCH"},
		{name: "an approval needs a certification", document: []string{creationResults(built, "COMPLETED", string(smoke), "COMPLETED", string(scans), "COMPLETED", string(qa), "COMPLETED", "QA_CERTIFICATION_RESPONSE", "FAILED")},
			wanted: events{lifecycle.MarkForProductionCreate}, refused: "certify it first"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := PlanFor(lifecycleWith(t, c.document...), c.wanted, c.ours)
			if c.refused != "" {
				refusal := outcome.Of(err)
				assert.Equal(t, outcome.Refused, refusal.Kind)
				assert.Contains(t, refusal.Error()+"; "+refusal.Hint, c.refused)
				assert.NotEmpty(t, refusal.Hint)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestOnlyExactlySixCompletedResultsCanBePatched(t *testing.T) {
	var six []string
	for _, event := range lifecycle.Creation.Order() {
		six = append(six, string(event), "COMPLETED")
	}
	require.NoError(t, CheckPatchable(lifecycleWith(t, creationResults(six...))))

	for name, c := range map[string]struct {
		document []string
		refused  string
	}{
		"not approved yet":        {[]string{creationResults(six[:10]...)}, "MARK_FOR_PRODUCTION has not run"},
		"approval refused":        {[]string{creationResults(append(six[:11:11], "FAILED")...)}, "MARK_FOR_PRODUCTION ended FAILED"},
		"an event done twice":     {[]string{creationResults(append(six[:12:12], "SMOKE_TESTS_AMI_CREATE", "COMPLETED")...)}, "it has 7 creation results"},
		"something is under way":  {[]string{creationResults(six...), inProgress("PATCH_AMI", "")}, "PATCH_AMI is in progress"},
		"nothing has been built":  {nil, "BUILD_AMI has not run"},
		"the approval is running": {[]string{creationResults(six[:10]...), inProgress("MARK_FOR_PRODUCTION_CREATE", "")}, "MARK_FOR_PRODUCTION is in progress"},
	} {
		t.Run(name, func(t *testing.T) {
			require.ErrorContains(t, CheckPatchable(lifecycleWith(t, c.document...)), c.refused)
		})
	}
}
