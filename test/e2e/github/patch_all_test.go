package github_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

// TestEveryImageIsPatchedByOneWorkflow runs the example on six lifecycles, one of which cannot be patched.
func TestEveryImageIsPatchedByOneWorkflow(t *testing.T) {
	t.Parallel()
	o := newOrchestration(t, sandbox.Options{})
	ids := map[string]string{}
	for i := range 6 {
		product := fmt.Sprintf("Image %d", i+1)
		ids[product] = approve(t, o, product)
	}
	broken := ids["Image 3"]
	o.control("faults", fmt.Sprintf(`{"route": "POST /ami-patch/lifecycles", "contains": %q, "status": 500, "body": "{\"error\": \"no capacity\"}", "times": -1}`, broken))

	checkout := t.TempDir()
	copyFile(t, filepath.Join(repository, "examples", "github", "patch-all.yml"), filepath.Join(checkout, ".github", "workflows", "patch-all.yml"))
	copyFile(t, filepath.Join(repository, "examples", "sample_component.yaml"), filepath.Join(checkout, "patches", "security-updates.yaml"))
	git(t, checkout)
	r := act(t, o, checkout, "workflow_dispatch", ".github/workflows/patch-all.yml",
		"--var", "AWS_REGION=eu-central-1", "--var", "AMI_BUILD_ROLE=arn:aws:iam::123456789012:role/ami-build",
		"--var", "AMI_APPROVAL_ROLE=arn:aws:iam::123456789012:role/ami-approval",
		"--var", "AMI_PATCH_AGE=0d", // the sandbox's lifecycles are new
		"--env", "E2E_ARTIFACTS=e2e-"+uuid.NewString())
	assert.False(t, r.run(), "one of them failed")

	chosen := r.outputs("choose", "list")
	assert.Equal(t, "6", chosen["count"], r.log())
	var lifecycles []struct{ ID, Product, State string }
	require.NoError(t, json.Unmarshal([]byte(chosen["lifecycles"]), &lifecycles))
	assert.Len(t, lifecycles, 6)
	assert.Equal(t, "5", r.outputs("tested", "passed")["count"])
	table := r.said("table")
	for product, id := range ids {
		if id == broken {
			assert.Contains(t, table, fmt.Sprintf("| %s | main | - | REFUSED | - | %s |", product, id))
			continue
		}
		assert.Regexp(t, fmt.Sprintf(`\| %s \| main \| \d\.0\.1 \| COMPLETED \| COMPLETED \| %s \|`, product, id), table)
	}
	o.holdsNoSecret(r.log(), "the log")
}

// approve creates a lifecycle of the product, takes it to its approval, and returns its id.
func approve(t *testing.T, o *orchestration, product string) string {
	t.Helper()
	run := func(inputs map[string]string) *step {
		inputs["stack_tag"] = "main"
		s := newStep(t, o, inputs, "GITHUB_RUN_ID="+uuid.NewString())
		require.Zero(t, s.run(), s.everything())
		return s
	}
	id := run(map[string]string{
		"operation": "AMI_CREATE", "events": "SMOKE_TESTS, VULNERABILITY_SCANS, QA_CERTIFICATION_REQUEST",
		"product_name": product, "product_ver": "1.0.0", "notifications": "EMAIL::octocat@example.com",
	}).outputs()["lifecycle_id"]
	run(map[string]string{"operation": "AMI_QA_CERTIFICATION", "lifecycle_id": id, "certification_status": "CERTIFIED"})
	run(map[string]string{"operation": "AMI_APPROVAL_CREATE", "lifecycle_id": id, "approval_status_ami_creation": "APPROVED"})
	return id
}
