package github_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/sandbox"
)

func documentation(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, "docs", "github.md"))
	require.NoError(t, err)
	return string(text)
}

func TestTheQuickStartRunsAsItIs(t *testing.T) {
	t.Parallel()
	_, rest, _ := strings.Cut(documentation(t), "```yaml\n")
	workflow, _, found := strings.Cut(rest, "```\n")
	require.True(t, found)
	checkout := t.TempDir()
	put(t, filepath.Join(checkout, ".github", "workflows", "quick-start.yml"), workflow)
	git(t, checkout)
	r := act(t, newOrchestration(t, sandbox.Options{}), checkout, "push", ".github/workflows/quick-start.yml")
	require.True(t, r.run(), r.log())
	ami := r.outputs("create", "ami")
	assert.Contains(t, r.said("create"), ami["ami_id"]+" is version 1.0.0")
	assert.Contains(t, r.said("use"), "the lifecycle is "+ami["lifecycle_id"])
}

// documentedActions returns the actions of the documented policy, in the form in which the sandbox names the calls.
func documentedActions(t *testing.T) []string {
	t.Helper()
	var calls []string
	for _, action := range regexp.MustCompile(`"Action": "(cloudformation|secretsmanager|s3):(\w+)"`).FindAllStringSubmatch(documentation(t), -1) {
		calls = append(calls, action[1]+" "+action[2])
	}
	return calls
}

func TestTheTableOfKeysIsWhatEachOperationNeeds(t *testing.T) {
	t.Parallel()
	rows := regexp.MustCompile("(?m)^\\| (`AMI_.*?) \\| `(ami_\\w+)` \\|").FindAllStringSubmatch(documentation(t), -1)
	documented := map[string][]string{}
	for _, row := range rows {
		for _, operation := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[1], -1) {
			documented[operation[1]] = append(documented[operation[1]], row[2])
		}
	}
	for _, operation := range lifecycle.Operations() {
		keys := documented[string(operation)]
		if operation.Writes() {
			keys = append(keys, "ami_creation_status_api_key")
		}
		assert.ElementsMatch(t, orchestrator.KeysFor(operation), keys, operation)
	}
}

// A step that uses the image directly has no metadata of an action. Its inputs still reach the command.
func TestThePublishedImageTakesInputsAndLeavesOutputsWithoutTheAction(t *testing.T) {
	t.Parallel()
	o := newOrchestration(t, sandbox.Options{})
	checkout := t.TempDir()
	put(t, filepath.Join(checkout, ".github", "workflows", "image.yml"), strings.ReplaceAll(`
name: image
on: push
jobs:
  create:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        os: [linux]
    steps:
      - id: ami
        uses: docker://IMAGE
        with:
          operation: AMI_CREATE
          events: AMI_BUILD_ONLY
          product_name: Demo
          product_ver: 1.0.0
          notifications: EMAIL::me@example.com
          matrix: ${{ toJSON(matrix) }}
      - run: echo "lifecycle $ID"
        env:
          ID: ${{ steps.ami.outputs.lifecycle_id }}
`, "IMAGE", image(t)))
	git(t, checkout)
	r := act(t, o, checkout, "push", ".github/workflows/image.yml", credentials(o)...)
	require.True(t, r.run(), r.log())
	assert.Regexp(t, `lifecycle [0-9a-f-]{36}`, r.said("create"))
	assert.Equal(t, 1, o.requests()["POST /ami-creation/lifecycles"])
}
