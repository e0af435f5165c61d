package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

func TestEventsOfTheDocumentedWords(t *testing.T) {
	type events = []lifecycle.Event
	for _, c := range []struct {
		name      string
		operation lifecycle.Operation
		words     []string
		want      events
		err       string
	}{
		{"a create always builds", lifecycle.Create, []string{"SMOKE_TESTS"},
			events{lifecycle.BuildAMI, lifecycle.SmokeTestsCreate}, ""},
		{"build only overrides every other word", lifecycle.Create, []string{"SMOKE_TESTS", "AMI_BUILD_ONLY", "QA_CERTIFICATION_REQUEST"},
			events{lifecycle.BuildAMI}, ""},
		{"patch only overrides every other word", lifecycle.Patch, []string{"VULNERABILITY_SCANS", "AMI_PATCH_ONLY"},
			events{lifecycle.PatchAMI}, ""},
		{"the order is the lifecycle's, not the user's, and each event comes once", lifecycle.CreateUpdate,
			[]string{"QA_CERTIFICATION_REQUEST", "SMOKE_TESTS", "VULNERABILITY_SCANS", "SMOKE_TESTS"},
			events{lifecycle.SmokeTestsCreate, lifecycle.VulnerabilityScansCreate, lifecycle.QACertificationRequest}, ""},
		{"an update may start in the middle", lifecycle.CreateUpdate, []string{"VULNERABILITY_SCANS"},
			events{lifecycle.VulnerabilityScansCreate}, ""},
		{"the same word means another event in a patch", lifecycle.PatchUpdate, []string{"SMOKE_TESTS", "VULNERABILITY_SCANS"},
			events{lifecycle.SmokeTestsPatch, lifecycle.VulnerabilityScansPatch}, ""},
		{"a gap can only be refused", lifecycle.Create, []string{"VULNERABILITY_SCANS"}, nil,
			"VULNERABILITY_SCANS cannot start without SMOKE_TESTS before it"},
		{"in an update too", lifecycle.CreateUpdate, []string{"SMOKE_TESTS", "QA_CERTIFICATION_REQUEST"}, nil,
			"QA_CERTIFICATION_REQUEST cannot start without VULNERABILITY_SCANS before it"},
		{"an event of another operation is unknown", lifecycle.PatchUpdate, []string{"QA_CERTIFICATION_REQUEST"}, nil,
			"AMI_PATCH_UPDATE has no event QA_CERTIFICATION_REQUEST: must be SMOKE_TESTS or VULNERABILITY_SCANS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := lifecycle.EventsOf(c.operation, c.words)
			if c.err != "" {
				require.ErrorContains(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestWaitedForReadsBothVocabularies(t *testing.T) {
	got, err := lifecycle.WaitedFor([]string{"AMI_PATCH_ONLY", "SMOKE_TESTS"}, lifecycle.Patching)
	require.NoError(t, err)
	assert.Equal(t, []lifecycle.Event{lifecycle.PatchAMI, lifecycle.SmokeTestsPatch}, got)

	got, err = lifecycle.WaitedFor([]string{"AMI_BUILD_ONLY", "VULNERABILITY_SCANS", "QA_CERTIFICATION_RESPONSE", "AMI_BUILD_ONLY"}, lifecycle.Creation)
	require.NoError(t, err)
	assert.Equal(t, []lifecycle.Event{lifecycle.BuildAMI, lifecycle.VulnerabilityScansCreate, lifecycle.QACertificationResponse}, got)

	_, err = lifecycle.WaitedFor([]string{"LUNCH"}, lifecycle.Creation)
	require.ErrorContains(t, err, "AMI_WAIT has no event LUNCH")
}

func TestOperations(t *testing.T) {
	for _, operation := range lifecycle.Operations() {
		assert.NotEmpty(t, operation.Summary(), operation)
		parsed, ok := lifecycle.ParseOperation(" " + string(operation) + "\n")
		assert.True(t, ok)
		assert.Equal(t, operation, parsed)
	}
	_, ok := lifecycle.ParseOperation("AMI_DELETE")
	assert.False(t, ok)
}

func TestRequestsListEveryEventOfTheWire(t *testing.T) {
	assert.Equal(t, []lifecycle.Event{"BUILD_AMI", "SMOKE_TESTS_AMI_CREATE", "VULNERABILIY_SCANS_AMI_CREATE", "QA_CERTIFICATION_REQUEST"},
		lifecycle.Creation.Requestable())
	assert.Equal(t, []lifecycle.Event{"PATCH_AMI", "SMOKE_TESTS_AMI_PATCH", "VULNERABILITY_SCANS_AMI_PATCH"},
		lifecycle.Patching.Requestable())
	assert.Equal(t, lifecycle.Patching, lifecycle.MarkForProductionPatch.Phase())
	assert.Equal(t, []lifecycle.Event{lifecycle.PatchAMI, lifecycle.SmokeTestsPatch}, lifecycle.VulnerabilityScansPatch.Before())
	assert.Empty(t, lifecycle.Event("LUNCH").Phase())
	assert.Empty(t, lifecycle.Event("LUNCH").Before())
}

func TestEverySpellingOfAnEventIsTaken(t *testing.T) {
	for _, row := range []struct {
		operation lifecycle.Operation
		given     []string
		want      []string
	}{
		{lifecycle.CreateUpdate, []string{"VULNERABILIY_SCANS_AMI_CREATE"}, []string{"VULNERABILITY_SCANS"}},
		{lifecycle.CreateUpdate, []string{"vulnerability_scans_ami_create", "VULNERABILITY_SCANS"}, []string{"VULNERABILITY_SCANS"}},
		{lifecycle.PatchUpdate, []string{"SMOKE_TESTS_AMI_PATCH"}, []string{"SMOKE_TESTS"}},
		{lifecycle.PatchUpdate, []string{"SMOKE_TESTS_AMI_CREATE"}, []string{"SMOKE_TESTS_AMI_CREATE"}},
		{lifecycle.Create, []string{"BUILD_AMI"}, []string{"AMI_BUILD_ONLY"}},
		{lifecycle.Create, []string{"BUILD_AMI", "SMOKE_TESTS"}, []string{"SMOKE_TESTS"}},
		{lifecycle.Create, []string{"AMI_BUILD_ONLY", "SMOKE_TESTS"}, []string{"AMI_BUILD_ONLY", "SMOKE_TESTS"}},
		{lifecycle.Wait, []string{"vulnerability_scans_ami_create"}, []string{"VULNERABILIY_SCANS_AMI_CREATE"}},
		{lifecycle.Wait, []string{"smoke_tests", "BUILD_AMI"}, []string{"SMOKE_TESTS", "BUILD_AMI"}},
		{lifecycle.Create, []string{"nonsense"}, []string{"NONSENSE"}},
	} {
		assert.Equal(t, row.want, lifecycle.NormalizeChoices(row.operation, row.given), row.given)
	}
	assert.Equal(t, []lifecycle.Event{lifecycle.SmokeTestsCreate, lifecycle.SmokeTestsPatch}, lifecycle.EventsNamed("smoke_tests"))
	assert.Empty(t, lifecycle.EventsNamed("SMOKE_TEST"))
}
