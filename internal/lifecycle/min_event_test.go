package lifecycle_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

func TestTheWordsForTheLeastEvent(t *testing.T) {
	for word, want := range map[string]lifecycle.Event{
		"AMI_WITH_OS_HARDENING": lifecycle.BuildAMI, "smoke_tested": lifecycle.SmokeTestsCreate,
		"VULNERABILITY_SCANNED":      lifecycle.VulnerabilityScansCreate,
		"QA_CERTIFICATION_REQUESTED": lifecycle.QACertificationRequest, " QA_CERTIFIED ": lifecycle.QACertificationResponse,
		"PRODUCTION_APPROVED": lifecycle.MarkForProductionCreate, "MARK_FOR_PRODUCTION": lifecycle.MarkForProductionCreate,
		"VULNERABILITY_SCANS": lifecycle.VulnerabilityScansCreate, "PATCH_AMI": lifecycle.PatchAMI,
		"MARK_FOR_PRODUCTION_PATCH": lifecycle.MarkForProductionPatch,
	} {
		got, ok := lifecycle.ParseMinEvent(word)
		assert.True(t, ok, word)
		assert.Equal(t, want, got, word)
	}
	_, ok := lifecycle.ParseMinEvent("APPROVED")
	assert.False(t, ok)
	assert.Equal(t, lifecycle.MinEventApproved, lifecycle.MinEvents()[5])
}

func TestAPatchWithoutACertificationOfItsOwnNeedsItsApproval(t *testing.T) {
	assert.Equal(t, []lifecycle.Event{lifecycle.BuildAMI, lifecycle.SmokeTestsCreate}, lifecycle.Creation.UpTo(lifecycle.SmokeTestsPatch))
	assert.Equal(t, []lifecycle.Event{lifecycle.PatchAMI, lifecycle.SmokeTestsPatch}, lifecycle.Patching.UpTo(lifecycle.SmokeTestsCreate))
	assert.Equal(t, lifecycle.Patching.Order(), lifecycle.Patching.UpTo(lifecycle.QACertificationRequest))
	assert.Equal(t, lifecycle.Creation.Order(), lifecycle.Creation.UpTo(lifecycle.MarkForProductionPatch))
}

// eventResult returns a result in the format of the status document. members are added to its properties, except
// certification_status, which is beside them.
func eventResult(event lifecycle.Event, status string, members map[string]any) map[string]any {
	result := map[string]any{"name": string(event), "status": status}
	properties := map[string]any{}
	if event == lifecycle.BuildAMI || event == lifecycle.PatchAMI {
		properties["ami_details"] = []any{map[string]any{"region": "eu-west-1", "image": "ami-0123456789abcdef0", "ami_semver": "1.0.0"}}
	}
	if event.IsScan() {
		properties["total_vulnerabilities"], properties["vulnerability_severities"] = "0", map[string]string{"HIGH": "0"}
	}
	for name, value := range members {
		if name == "certification_status" {
			result[name] = value
			continue
		}
		properties[name] = value
	}
	result["properties"] = properties
	return result
}

func completedOf(events []lifecycle.Event) []any {
	var results []any
	for _, event := range events {
		results = append(results, eventResult(event, "COMPLETED", nil))
	}
	return results
}

func TestWhatAnImageLacks(t *testing.T) {
	creation := lifecycle.Creation.Order()
	patch := lifecycle.Patching.Order()
	for _, row := range []struct {
		name     string
		creation []any
		patch    []any
		least    lifecycle.Event
		lacks    string
	}{
		{"approved", completedOf(creation), nil, lifecycle.MarkForProductionCreate, ""},
		{"not approved yet", completedOf(creation[:5]), nil, lifecycle.MarkForProductionCreate, "MARK_FOR_PRODUCTION has no result"},
		{"certified is enough", completedOf(creation[:5]), nil, lifecycle.QACertificationResponse, ""},
		{
			"an approval that FAILED", append(completedOf(creation[:5]), eventResult(lifecycle.MarkForProductionCreate, "FAILED", map[string]any{"approval_status": "FAILED"})), nil,
			lifecycle.MarkForProductionCreate, "MARK_FOR_PRODUCTION is FAILED",
		},
		{
			"a certification of another word", append(completedOf(creation[:4]), eventResult(lifecycle.QACertificationResponse, "COMPLETED", map[string]any{"certification_status": "FAILED"})), nil,
			lifecycle.QACertificationResponse, `QA_CERTIFICATION_RESPONSE cannot be relied upon`,
		},
		{
			"an approval after a refusal", append(append(completedOf(creation[:5]), eventResult(lifecycle.MarkForProductionCreate, "FAILED", nil)), completedOf(creation[5:])...), nil,
			lifecycle.MarkForProductionCreate, "",
		},
		{
			"an approval over smoke tests that FAILED", append(completedOf(creation[:1]), append([]any{eventResult(creation[1], "FAILED", nil)}, completedOf(creation[2:])...)...), nil,
			lifecycle.MarkForProductionCreate, "SMOKE_TESTS is FAILED",
		},
		{"a patch without its approval", completedOf(creation), completedOf(patch[:3]), lifecycle.QACertificationResponse, "MARK_FOR_PRODUCTION has no result"},
		{"a patch that was scanned", completedOf(creation), completedOf(patch[:3]), lifecycle.VulnerabilityScansCreate, ""},
		{"a patch of what was not approved", completedOf(creation[:5]), completedOf(patch), lifecycle.PatchAMI, "the image that it patches is not approved"},
		{
			"a patch whose test failed once", completedOf(creation), append([]any{eventResult(patch[0], "COMPLETED", nil), eventResult(patch[1], "FAILED", nil)}, completedOf(patch[1:])...),
			lifecycle.MarkForProductionPatch, "SMOKE_TESTS has a result FAILED beside",
		},
	} {
		fields := map[string]any{"lifecycle_id": "lifecycle-1", "outputs_ami_creation": map[string]any{"events": row.creation}}
		if row.patch != nil {
			fields["outputs_ami_patch"] = map[string]any{"patch_history": map[string]any{"current": map[string]any{"events": row.patch}}}
		}
		raw, err := json.Marshal(fields)
		require.NoError(t, err)
		document, err := lifecycle.Decode(raw)
		require.NoError(t, err)
		versions := document.Versions()
		lacks := document.Shortfall(versions[len(versions)-1], row.least)
		if row.lacks == "" {
			assert.Empty(t, lacks, row.name)
		} else {
			assert.Contains(t, lacks, row.lacks, row.name)
		}
	}
}
