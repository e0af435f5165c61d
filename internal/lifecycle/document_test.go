package lifecycle_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

const canary = "CANARYKEYCANARYKEYCANARYKEY1234"

const whole = `{
  "lifecycle_id": "7d7d", "stack_tag": "main", "owner": "me", "creation_date": "11/22/2026, 09:08:07",
  "product_ver": "1.0.0", "product_name": "Demo", "commit_ref": "c0ffee",
  "properties": {"A": "b", "N": 5, "O": {"x": 1}},
  "notifications": [{"method": "EMAIL", "target": "a@example.com"}],
  "timeline": {"ami_creation": "https://host/dev/timeline?api_key=` + canary + `"},
  "inputs_ami_creation": {"events": [{"name": "BUILD_AMI", "enabled": true}, {"name": "SMOKE_TESTS_AMI_CREATE", "enabled": false}]},
  "event_in_progress": {"name": "SMOKE_TESTS_AMI_CREATE", "execution_arn": "arn:1", "execution_startdate": "11/22/2026, 10:00:00"},
  "outputs_ami_creation": {"events": [
    {"name": "BUILD_AMI", "status": "COMPLETED", "status_date": "11/22/2026, 09:30:00", "api_key": "` + canary + `",
     "properties": {"ami_details": [{"region": "eu-west-1", "image": "ami-1", "name": "n", "accountId": "1", "ami_semver": "2.0.0"}]}},
    {"name": "VULNERABILIY_SCANS_AMI_CREATE", "status": "COMPLETED", "properties": {"total_vulnerabilities": "3",
     "vulnerability_severities": {"CRITICAL": "1", "LOW": "2", "UNTRIAGED": "0"},
     "vulnerability_scan_report": {"S3Bucket": "b", "S3Key": "k"}}},
    {"name": "QA_CERTIFICATION_REQUEST", "status": "COMPLETED", "properties": {"export_presign_s3_url": "https://b/k?X-Amz-Signature=` + canary + `"}},
    {"name": "QA_CERTIFICATION_RESPONSE", "status": "COMPLETED", "certification_status": "CERTIFIED"}
  ]},
  "a_member_of_tomorrow": [1, 2, 3]
}`

func TestDecodeReadsADocumentAndNoSecretOfIt(t *testing.T) {
	d, err := lifecycle.Decode([]byte(whole))
	require.NoError(t, err)

	assert.Equal(t, time.Date(2026, 11, 22, 9, 8, 7, 0, time.UTC), d.Created.Time)
	assert.Equal(t, lifecycle.Properties{"A": "b", "N": "5", "O": `{"x": 1}`}, d.Properties)
	assert.Equal(t, []lifecycle.Event{lifecycle.BuildAMI}, d.Enabled(lifecycle.Creation))
	assert.Empty(t, d.Enabled(lifecycle.Patching))
	assert.Equal(t, lifecycle.Creation, d.CurrentPhase())
	assert.True(t, d.Running.IsRunning())
	assert.True(t, d.HasCompleted(lifecycle.BuildAMI))
	assert.Equal(t, []lifecycle.AMI{{Region: "eu-west-1", ID: "ami-1", Name: "n", AccountID: "1", SemanticVersion: "2.0.0"}},
		d.ResultOf(lifecycle.BuildAMI).AMIs)
	assert.Equal(t, "CERTIFIED", d.ResultOf(lifecycle.QACertificationResponse).CertificationStatus)
	assert.Nil(t, d.ResultOf(lifecycle.MarkForProductionCreate))
	assert.Nil(t, d.ResultOf(lifecycle.PatchAMI))

	assert.Contains(t, string(d.Raw), canary, "the whole response is kept")
	d.Raw = nil
	for i := range d.Outputs.Events {
		// The unexported field raw holds the whole result, so only the exported fields are checked.
		r := d.Outputs.Events[i]
		assert.NotContains(t, fmt.Sprint(r.Name, r.Status, r.AMIs, r.Findings, r.CertificationStatus), canary)
	}
	assert.NotContains(t, fmt.Sprint(d.Properties, d.Running, d.InputsCreate), canary)
}

func TestResultsCanBeAskedForAProperty(t *testing.T) {
	d, err := lifecycle.Decode([]byte(`{"lifecycle_id": "a", "outputs_ami_creation": {"events": [
		{"name": "QA_CERTIFICATION_RESPONSE", "status": "COMPLETED", "properties": {"TOKEN_1": "x", "N": [1]}},
		{"name": "MARK_FOR_PRODUCTION_CREATE", "status": "COMPLETED"}]}}`))
	require.NoError(t, err)
	is := func(wantKey, wantValue string) func(key, value string) bool {
		return func(key, value string) bool { return key == wantKey && value == wantValue }
	}
	certified := d.ResultOf(lifecycle.QACertificationResponse)
	assert.True(t, certified.HasProperty(is("TOKEN_1", "x")))
	assert.False(t, certified.HasProperty(is("TOKEN_1", "y")))
	assert.False(t, d.ResultOf(lifecycle.MarkForProductionCreate).HasProperty(is("TOKEN_1", "x")))
}

func TestFindingsCountWhatIsAtLeastSoBad(t *testing.T) {
	d, err := lifecycle.Decode([]byte(whole))
	require.NoError(t, err)
	findings := d.ResultOf(lifecycle.VulnerabilityScansCreate).Findings
	assert.Equal(t, 3, findings.Total)
	assert.False(t, findings.Unreadable)
	assert.Equal(t, "b", findings.ReportBucket)
	assert.Equal(t, 1, findings.AtLeast(lifecycle.Critical))
	assert.Equal(t, 1, findings.AtLeast(lifecycle.Medium))
	assert.Equal(t, 3, findings.AtLeast(lifecycle.Low))

	findings.BySeverity[lifecycle.Untriaged] = 4
	assert.Equal(t, 5, findings.AtLeast(lifecycle.Critical), "nobody has said that they are harmless")
}

func TestFindingsThatCannotBeReadSaySo(t *testing.T) {
	for name, properties := range map[string]string{
		"none at all":         `{}`,
		"no object":           `[]`,
		"no number":           `{"total_vulnerabilities": "3", "vulnerability_severities": {"HIGH": "many"}}`,
		"a negative number":   `{"total_vulnerabilities": "3", "vulnerability_severities": {"HIGH": "-1"}}`,
		"a number that is no": `{"total_vulnerabilities": true, "vulnerability_severities": {"HIGH": "1"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			d, err := lifecycle.Decode([]byte(`{"lifecycle_id": "a", "outputs_ami_creation": {"events": [
				{"name": "VULNERABILIY_SCANS_AMI_CREATE", "status": "COMPLETED", "properties": ` + properties + `}]}}`))
			require.NoError(t, err)
			assert.True(t, d.ResultOf(lifecycle.VulnerabilityScansCreate).Findings.Unreadable)
		})
	}
}

func TestDecodeRefusesOtherShapesWithoutQuotingThem(t *testing.T) {
	for name, body := range map[string]string{
		"not JSON":                    `<html>` + canary,
		"a list":                      `["` + canary + `"]`,
		"a text":                      `"` + canary + `"`,
		"nothing":                     ``,
		"null":                        `null`,
		"cut short":                   `{"lifecycle_id": "a", "owner": "` + canary,
		"no lifecycle id":             `{"owner": "` + canary + `"}`,
		"a number for a text":         `{"lifecycle_id": "a", "owner": 5, "x": "` + canary + `"}`,
		"an event that is not a name": `{"lifecycle_id": "a", "event_in_progress": {"name": ["` + canary + `"]}}`,
		"results that are not a list": `{"lifecycle_id": "a", "outputs_ami_creation": {"events": "` + canary + `"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := lifecycle.Decode([]byte(body))
			require.Error(t, err)
			assert.NotContains(t, err.Error(), canary)

			err = lifecycle.Split(strings.NewReader("["+body+"]"), func(document []byte) error {
				_, err := lifecycle.Decode(document)
				return err
			})
			if body != "" {
				require.Error(t, err)
				assert.NotContains(t, err.Error(), canary)
			}
		})
	}
}

func TestDatesOfAnotherFormAreNoError(t *testing.T) {
	d, err := lifecycle.Decode([]byte(`{"lifecycle_id": "a", "creation_date": "yesterday", "update_date": 5}`))
	require.NoError(t, err)
	assert.True(t, d.Created.IsZero())
	assert.True(t, d.Updated.IsZero())
}

func TestResultsOfTheCurrentPatchOnly(t *testing.T) {
	d, err := lifecycle.Decode([]byte(`{"lifecycle_id": "a", "inputs_ami_patch": {"events": [{"name": "PATCH_AMI", "enabled": true}]},
		"outputs_ami_patch": {"patch_history": {
			"current": {"events": [{"name": "PATCH_AMI", "status": "COMPLETED"}]},
			"historical": [{"events": [{"name": "SMOKE_TESTS_AMI_PATCH", "status": "COMPLETED"}]}]}}}`))
	require.NoError(t, err)
	assert.Equal(t, lifecycle.Patching, d.CurrentPhase())
	assert.Equal(t, []lifecycle.Event{lifecycle.PatchAMI}, d.Enabled(lifecycle.Patching))
	assert.True(t, d.HasCompleted(lifecycle.PatchAMI))
	assert.False(t, d.HasCompleted(lifecycle.SmokeTestsPatch))
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`{"lifecycle_id":"a","properties":null,"inputs_ami_patch":null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := lifecycle.Decode(body)
		if err != nil {
			return
		}
		require.NotEmpty(t, d.ID)
		for _, event := range append(lifecycle.Creation.Order(), lifecycle.Patching.Order()...) {
			if d.HasCompleted(event) {
				require.NotNil(t, d.ResultOf(event))
			}
		}
	})
}
