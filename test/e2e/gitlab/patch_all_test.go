//go:build e2e

package gitlab_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEveryImageIsPatchedByOnePipeline runs the example on six lifecycles, one of which cannot be patched. The jobs run on
// the shell, because the generator needs jq, which the image under test does not have.
func TestEveryImageIsPatchedByOnePipeline(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("jq"); err != nil {
		t.Skip("jq is not installed")
	}
	// The sandbox's lifecycles are new, so the age of the example must be lowered.
	p := newProject(t, false, byComponent, strings.Replace(example(t, "patch-all.yml"), "older_than: 30d", "older_than: 0d", 1))
	p.variables["CI_PIPELINE_SOURCE"] = "schedule"
	// The emulator passes only the variables of the triggering job to a child pipeline.
	variables := &strings.Builder{}
	variables.WriteString("    CI_PROJECT_DIR: ''\n") // the same as for the other jobs on the shell
	for name, value := range p.variables {
		if name != "CI_PIPELINE_SOURCE" {
			fmt.Fprintf(variables, "    %s: %q\n", name, value)
		}
	}
	p.write(".gitlab-ci.yml", strings.Replace(read(t, filepath.Join(p.dir, ".gitlab-ci.yml")), "  trigger:\n", "  variables:\n"+variables.String()+"  trigger:\n", 1))
	ids := map[string]string{}
	for i := range 6 {
		product := fmt.Sprintf("Image %d", i+1)
		ids[product] = p.approve(product)
	}
	broken := ids["Image 3"]
	p.control("faults", fmt.Sprintf(`{"route": "POST /ami-patch/lifecycles", "contains": %q, "status": 500, "body": "{\"error\": \"no capacity\"}", "times": -1}`, broken))

	log, _ := p.pipeline("--manual", "ask") // the emulator reports a failed child pipeline as a success
	var result struct {
		Count      string
		Lifecycles []struct{ ID, Product, State string }
	}
	require.NoError(t, json.Unmarshal([]byte(p.artifact("choose", "ami-lifecycle.json")), &result), log)
	require.Equal(t, "6", result.Count, log)
	assert.Equal(t, "6", p.dotenv("choose")["AMI_COUNT"])
	assert.Contains(t, p.artifact("choose", "ami-lifecycle.html"), "6 lifecycles: 6 approved.")

	assert.Contains(t, log, "no capacity")
	assert.Contains(t, log, "tested", "when one patch has failed, it goes on to ask")

	// After a failed job, the emulator skips all later jobs, even those that do not need the failed one. The test therefore
	// starts the rest by hand, as a user of GitLab does for the manual jobs.
	child := ".gitlab-ci-local/includes/triggers/patch-all.yml"
	approvals := regexp.MustCompile(`(?m)^"(approve \d (Image \d) main)": `).FindAllStringSubmatch(p.artifact("plan", "patch-all-child.yml"), -1)
	require.Len(t, approvals, 6)
	jobs, refused := []string{"--file", child}, ""
	for _, approval := range approvals {
		if ids[approval[2]] == broken {
			refused = approval[1]
		} else {
			jobs = append(jobs, approval[1])
		}
	}
	log, succeeded := p.pipeline("--file", child, "ask")
	require.True(t, succeeded, log)
	log, succeeded = p.pipeline(jobs...)
	require.True(t, succeeded, log)
	log, succeeded = p.pipeline("--file", child, refused)
	require.False(t, succeeded, log)
	for product, id := range ids {
		assert.Equal(t, id != broken, strings.Contains(p.statusOf(id), "MARK_FOR_PRODUCTION_PATCH"), product)
	}
	log, succeeded = p.pipeline("--file", child, "table")
	require.True(t, succeeded, log)
	for _, id := range ids {
		assert.Contains(t, p.artifact("table", "ami-lifecycle.html"), id)
	}
}

// command runs ami-action against the project's sandbox and returns its stdout.
func (p *project) command(args ...string) string {
	p.t.Helper()
	command := exec.Command(filepath.Join(os.Getenv("AMI_E2E_BIN"), "ami-action"), append([]string{"--mode", "BATCH"}, args...)...)
	command.Dir = p.t.TempDir()
	command.Env = []string{
		"AWS_ENDPOINT_URL=" + p.sandbox, "AWS_ACCESS_KEY_ID=AKIACANARYCANARY", "AWS_SECRET_ACCESS_KEY=" + awsSecret, "AWS_REGION=us-east-1",
		"AMI_STACK_TAG=main", "AMI_OWNER=ada", "AMI_NOTIFICATIONS=EMAIL::ada@example.com", "HOME=" + command.Dir,
	}
	output, err := command.Output()
	require.NoError(p.t, err, args)
	return strings.TrimSpace(string(output))
}

// approve creates a lifecycle of the product, takes it to its approval, and returns its id.
func (p *project) approve(product string) string {
	p.t.Helper()
	id := p.command("--operation", "AMI_CREATE", "--productName", product, "--productVer", "1.0.0",
		"--events", "SMOKE_TESTS", "--events", "VULNERABILITY_SCANS", "--events", "QA_CERTIFICATION_REQUEST")
	p.command("--operation", "AMI_QA_CERTIFICATION", "--lifecycleId", id, "--certificationStatus", "CERTIFIED")
	p.command("--operation", "AMI_APPROVAL_CREATE", "--lifecycleId", id, "--approvalStatusAmiCreation", "APPROVED")
	return id
}

func (p *project) statusOf(id string) string {
	p.t.Helper()
	return p.command("--operation", "AMI_GET_STATUS_BY_LIFECYCLE_ID", "--lifecycleId", id, "--output", "json")
}

// control posts to one of the sandbox's own routes.
func (p *project) control(path, body string) {
	p.t.Helper()
	response, err := http.Post(p.sandbox+"/_sandbox/"+path, "application/json", strings.NewReader(body))
	require.NoError(p.t, err)
	response.Body.Close()
	require.Equal(p.t, http.StatusOK, response.StatusCode)
}
