package github_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/sandbox"
)

func TestJobsCallTheReusableWorkflowAndReadItsOutputs(t *testing.T) {
	t.Parallel()
	o := newOrchestration(t, sandbox.Options{})
	r := act(t, o, absolute(t, repository), "push", "test/e2e/github/testdata/call.yml",
		"--var", "AWS_REGION=eu-central-1", "--var", "AMI_BUILD_ROLE=arn:aws:iam::123456789012:role/ami-build")
	require.True(t, r.run(), r.log())

	later := r.said("later")
	create, certify, try := outputsRead(t, later, "create"), outputsRead(t, later, "certify"), outputsRead(t, later, "try")
	for _, read := range []map[string]string{create, certify, try} {
		assert.Equal(t, "COMPLETED", read["status"])
		assert.Regexp(t, `^ami-[0-9a-f]{17}$`, read["ami_id"])
	}
	for _, name := range outputsOfTheReusableWorkflow(t) {
		assert.NotEmpty(t, create[name], name)
	}
	assert.Contains(t, create["vulnerabilities"], `"total":3`)
	assert.Equal(t, create["lifecycle_id"], certify["lifecycle_id"])
	assert.Equal(t, "QA_CERTIFICATION_RESPONSE", certify["event"])
	assert.NotEqual(t, create["lifecycle_id"], try["lifecycle_id"])

	assert.Equal(t, 2, strings.Count(r.log(), "assumed arn:aws:iam::123456789012:role/ami-build\n"), "without a role no credentials are asked for")
	assert.Equal(t, 1, o.requests()["POST /ami-creation/lifecycles"], "the sandbox of the input is not the orchestrator")
	o.holdsNoSecret(r.log(), "the log")
}

// outputsRead returns the outputs of a job that the later job has printed.
func outputsRead(t *testing.T, said, job string) map[string]string {
	t.Helper()
	_, text, found := strings.Cut(said, "outputs of "+job+": {")
	require.True(t, found, said)
	var outputs map[string]string
	require.NoError(t, json.NewDecoder(strings.NewReader("{"+text)).Decode(&outputs), said)
	return outputs
}

func outputsOfTheReusableWorkflow(t *testing.T) (names []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, reusable))
	require.NoError(t, err)
	var workflow struct {
		On struct {
			Call struct{ Outputs map[string]any } `yaml:"workflow_call"`
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &workflow))
	for name := range workflow.On.Call.Outputs {
		names = append(names, name)
	}
	require.NotEmpty(t, names)
	return names
}
