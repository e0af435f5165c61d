package documents_test

import (
	"encoding/json"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

const (
	reusable = ".github/workflows/ami.yml"
	template = "examples/github/workflow-templates/ami.yml"
)

// calledWorkflow has the parts of a workflow that declare its inputs and outputs, and those that call an action or
// another workflow.
type calledWorkflow struct {
	On struct {
		Call struct {
			Inputs  map[string]any
			Outputs map[string]struct{ Value string }
		} `yaml:"workflow_call"`
	}
	Jobs map[string]struct {
		Uses    string
		Outputs map[string]string
		With    map[string]string
		Steps   []struct {
			ID   string
			Uses string
			With map[string]string
		}
	}
}

func workflow(t *testing.T, path string) (w calledWorkflow) {
	t.Helper()
	require.NoError(t, yaml.Unmarshal([]byte(read(t, path)), &w))
	return w
}

// TestTheReusableWorkflow checks that the workflow passes each of its inputs to the action, and returns outputs of the
// action under the same names.
func TestTheReusableWorkflow(t *testing.T) {
	t.Parallel()
	w := workflow(t, reusable)
	job := w.Jobs["ami"]
	step := job.Steps[len(job.Steps)-1]
	require.Equal(t, "org/ami-action@v1", step.Uses)
	assert.Subset(t, inputsOfAction(t), slices.Collect(maps.Keys(step.With)))
	handed := []string{"aws_role_arn", "aws_region"}
	for name, value := range step.With {
		handed = append(handed, name)
		assert.Equal(t, "${{ inputs."+name+" }}", value)
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(w.On.Call.Inputs)), handed)

	var action struct{ Outputs map[string]any }
	require.NoError(t, yaml.Unmarshal([]byte(read(t, "action.yml")), &action))
	require.NotEmpty(t, w.On.Call.Outputs)
	for name, output := range w.On.Call.Outputs {
		assert.Contains(t, action.Outputs, name)
		assert.Equal(t, "${{ jobs.ami.outputs."+name+" }}", output.Value)
		assert.Equal(t, "${{ steps.ami.outputs."+name+" }}", job.Outputs[name])
	}
}

func TestTheWorkflowTemplateCallsTheReusableWorkflow(t *testing.T) {
	t.Parallel()
	job := workflow(t, template).Jobs["create"]
	assert.Equal(t, "org/ami-action/"+reusable+"@v1", job.Uses)
	inputs := workflow(t, reusable).On.Call.Inputs
	require.NotEmpty(t, job.With)
	for name := range job.With {
		assert.Contains(t, inputs, name)
	}
	var properties struct{ Name, Description, IconName string }
	require.NoError(t, json.Unmarshal([]byte(read(t, "examples/github/workflow-templates/ami.properties.json")), &properties))
	assert.NotEmpty(t, properties.Name)
	assert.NotEmpty(t, properties.Description)
	assert.NotEmpty(t, properties.IconName)
}

func TestTheWorkflowsThatOthersCallAreWellFormed(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("actionlint")
	if err != nil {
		t.Skip(err)
	}
	said, err := exec.CommandContext(t.Context(), program, filepath.Join(root, reusable), filepath.Join(root, template)).CombinedOutput()
	assert.NoError(t, err, "%s", said)
}
