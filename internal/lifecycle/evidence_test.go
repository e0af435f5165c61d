package lifecycle_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

func resultOf(t *testing.T, result string) *lifecycle.Result {
	t.Helper()
	document, err := lifecycle.Decode([]byte(`{"lifecycle_id": "a", "outputs_ami_creation": {"events": [` + result + `]}}`))
	require.NoError(t, err)
	return &document.Outputs.Events[0]
}

func TestAResultThatContradictsItselfIsNotWell(t *testing.T) {
	const image = `{"region": "eu-west-1", "image": "ami-0123456789abcdef0", "ami_semver": "1.0.0"}`
	const none = `"INFORMATIONAL": "0", "LOW": "0", "MEDIUM": "0", "HIGH": "0", "CRITICAL": "0"`
	for _, c := range []struct {
		name, event, rest string
		well              bool
	}{
		{"a build with an image", "BUILD_AMI", `"properties": {"ami_details": [` + image + `]}`, true},
		{"a build without properties", "BUILD_AMI", `"properties": {}`, false},
		{"no images", "BUILD_AMI", `"properties": {"ami_details": []}`, false},
		{"images of another type", "BUILD_AMI", `"properties": {"ami_details": "x"}`, false},
		{"an image without an id", "PATCH_AMI", `"properties": {"ami_details": [{}]}`, false},
		{"an empty id", "BUILD_AMI", `"properties": {"ami_details": [{"region": "eu-west-1", "image": ""}]}`, false},
		{"an id of another type", "BUILD_AMI", `"properties": {"ami_details": [{"region": "eu-west-1", "image": 5}]}`, false},
		{"an invalid id", "BUILD_AMI", `"properties": {"ami_details": [{"region": "eu-west-1", "image": "ami-xyz"}]}`, false},
		{"no region", "BUILD_AMI", `"properties": {"ami_details": [{"region": "", "image": "ami-0123456789abcdef0"}]}`, false},
		{"an invalid region", "BUILD_AMI", `"properties": {"ami_details": [{"region": "us east\n", "image": "ami-0123456789abcdef0"}]}`, false},
		{"an invalid id beside a good one", "BUILD_AMI", `"properties": {"ami_details": [` + image + `, {"region": "us-east-1", "image": "latest"}]}`, false},
		{"two images of one region", "BUILD_AMI", `"properties": {"ami_details": [` + image + `, {"region": "eu-west-1", "image": "ami-0123456789abcdef1"}]}`, false},
		{"the same image twice", "BUILD_AMI", `"properties": {"ami_details": [` + image + `, ` + image + `]}`, true},
		{"an image for each account", "BUILD_AMI", `"properties": {"ami_details": [` + image + `, {"region": "eu-west-1", "accountId": "2", "image": "ami-0123456789abcdef1"}]}`, true},
		{"a result with the id of any lifecycle", "BUILD_AMI", `"lifecycle_id": "b", "properties": {"ami_details": [` + image + `]}`, true},
		{"the member in another case", "BUILD_AMI", `"properties": {"AMI_Details": [` + image + `]}`, false},
		{"smoke tests that passed", "SMOKE_TESTS_AMI_CREATE", `"properties": {"smoke_tests_status": "PASSED"}`, true},
		{"smoke tests that say nothing", "SMOKE_TESTS_AMI_CREATE", `"properties": {}`, true},
		{"smoke tests that failed", "SMOKE_TESTS_AMI_CREATE", `"properties": {"smoke_tests_status": "FAILED"}`, false},
		{"smoke tests of another type", "SMOKE_TESTS_AMI_CREATE", `"properties": {"smoke_tests_status": ["FAILED"]}`, false},
		{"a scan that adds up", "VULNERABILIY_SCANS_AMI_CREATE", `"properties": {"total_vulnerabilities": "2", "vulnerability_severities": {` + none + `, "UNTRIAGED": "2"}}`, true},
		{"a total against the severities", "VULNERABILIY_SCANS_AMI_CREATE", `"properties": {"total_vulnerabilities": "0", "vulnerability_severities": {` + none + `, "UNTRIAGED": "2"}}`, false},
		{"an unknown severity", "VULNERABILIY_SCANS_AMI_CREATE", `"properties": {"total_vulnerabilities": "2", "vulnerability_severities": {` + none + `, "SEVERE": "2"}}`, false},
		{"the severity in another case", "VULNERABILIY_SCANS_AMI_CREATE", `"properties": {"total_vulnerabilities": "2", "vulnerability_severities": {"critical": "2"}}`, false},
		{"a count that overflows", "VULNERABILIY_SCANS_AMI_CREATE", `"properties": {"total_vulnerabilities": "0", "vulnerability_severities": {` + none + `, "UNTRIAGED": "18446744073709551616"}}`, false},
		{"findings, and none contained", "VULNERABILIY_SCANS_AMI_CREATE", `"properties": {"ami_contains_vulnerabilities": false, "total_vulnerabilities": "2", "vulnerability_severities": {` + none + `, "UNTRIAGED": "2"}}`, false},
		{"findings contained, and none counted", "VULNERABILIY_SCANS_AMI_CREATE", `"properties": {"ami_contains_vulnerabilities": true, "total_vulnerabilities": "0", "vulnerability_severities": {` + none + `}}`, false},
		{"findings contained, by another type", "VULNERABILIY_SCANS_AMI_CREATE", `"properties": {"ami_contains_vulnerabilities": ["true"], "total_vulnerabilities": "0", "vulnerability_severities": {` + none + `}}`, false},
		{"findings contained, as a text", "VULNERABILIY_SCANS_AMI_CREATE", `"properties": {"ami_contains_vulnerabilities": "False", "total_vulnerabilities": "0", "vulnerability_severities": {` + none + `}}`, true},
		{"a scan without properties", "VULNERABILIY_SCANS_AMI_CREATE", `"status_date": ""`, false},
		{"a scan without severities", "VULNERABILITY_SCANS_AMI_PATCH", `"properties": {"total_vulnerabilities": "0"}`, false},
		{"severities of another type", "VULNERABILITY_SCANS_AMI_PATCH", `"properties": {"total_vulnerabilities": "0", "vulnerability_severities": []}`, false},
		{"severities that are null", "VULNERABILITY_SCANS_AMI_PATCH", `"properties": {"total_vulnerabilities": "0", "vulnerability_severities": null}`, false},
		{"a scan without a total", "VULNERABILITY_SCANS_AMI_PATCH", `"properties": {"vulnerability_severities": {` + none + `}}`, false},
		{"a certification", "QA_CERTIFICATION_RESPONSE", `"certification_status": "CERTIFIED"`, true},
		{"a certification that says FAILED", "QA_CERTIFICATION_RESPONSE", `"certification_status": "FAILED"`, false},
		{"a certification whose properties say FAILED", "QA_CERTIFICATION_RESPONSE", `"certification_status": "CERTIFIED", "properties": {"certification_status": "FAILED"}`, false},
		{"a certification that says it twice", "QA_CERTIFICATION_RESPONSE", `"certification_status": "CERTIFIED", "properties": {"certification_status": "CERTIFIED"}`, true},
		{"a certification in another case", "QA_CERTIFICATION_RESPONSE", `"certification_status": "certified", "properties": {}`, false},
		{"smoke tests that failed, beside the properties", "SMOKE_TESTS_AMI_CREATE", `"smoke_tests_status": "FAILED", "properties": {"smoke_tests_status": "PASSED"}`, false},
		{"an approval that says FAILED beside the properties", "MARK_FOR_PRODUCTION_CREATE", `"approval_status": "FAILED", "properties": {"approval_status": "APPROVED"}`, false},
		{"an approval that says FAILED", "MARK_FOR_PRODUCTION_CREATE", `"properties": {"approval_status": "FAILED"}`, false},
		{"an approval", "MARK_FOR_PRODUCTION_CREATE", `"properties": {"approval_status": "APPROVED"}`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			result := resultOf(t, `{"name": "`+c.event+`", "status": "COMPLETED", `+c.rest+`}`)
			if c.well {
				assert.Empty(t, result.Contradiction())
			} else {
				assert.Contains(t, result.Contradiction(), "it is COMPLETED, but ")
				assert.Empty(t, result.Verdict())
			}
		})
	}
}

func TestTheVerdictThatAResultRecords(t *testing.T) {
	for _, c := range []struct{ result, verdict string }{
		{`{"name": "QA_CERTIFICATION_RESPONSE", "status": "COMPLETED", "certification_status": "CERTIFIED"}`, "CERTIFIED"},
		{`{"name": "QA_CERTIFICATION_RESPONSE", "status": "FAILED", "certification_status": "FAILED"}`, "FAILED"},
		{`{"name": "QA_CERTIFICATION_RESPONSE", "status": "FAILED", "certification_status": "CERTIFIED"}`, ""},
		{`{"name": "MARK_FOR_PRODUCTION_CREATE", "status": "COMPLETED", "properties": {}}`, "APPROVED"},
		{`{"name": "MARK_FOR_PRODUCTION_CREATE", "status": "FAILED", "properties": {"approval_status": "FAILED"}}`, "FAILED"},
		{`{"name": "MARK_FOR_PRODUCTION_CREATE", "status": "ERROR"}`, ""},
		{`{"name": "SMOKE_TESTS_AMI_CREATE", "status": "COMPLETED"}`, ""},
	} {
		assert.Equal(t, c.verdict, resultOf(t, c.result).Verdict(), c.result)
	}
}

func TestWhatADocumentCannotMeanIsNotDecoded(t *testing.T) {
	for name, document := range map[string]string{
		"a member twice":                 `{"lifecycle_id": "a", "lifecycle_id": "b"}`,
		"a status twice":                 `{"lifecycle_id": "a", "outputs_ami_creation": {"events": [{"name": "BUILD_AMI", "status": "FAILED", "status": "COMPLETED"}]}}`,
		"the id in another case":         `{"Lifecycle_ID": "a"}`,
		"more results than there can be": `{"lifecycle_id": "a", "outputs_ami_creation": {"events": [` + repeated(`{}`, 1001) + `]}}`,
	} {
		_, err := lifecycle.Decode([]byte(document))
		require.Error(t, err, name)
	}
	d, err := lifecycle.Decode([]byte(`{"lifecycle_id": "a", "outputs_ami_creation": {"events": [{"name": "BUILD_AMI", "Status": "COMPLETED"}]}}`))
	require.NoError(t, err)
	assert.False(t, d.HasCompleted(lifecycle.BuildAMI), "a status in another case is unknown")
}

func repeated(item string, n int) string {
	list := item
	for range n - 1 {
		list += "," + item
	}
	return list
}
