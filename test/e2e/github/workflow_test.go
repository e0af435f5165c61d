package github_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

func TestTheWorkflowOfThisRepositoryGoesThroughAWholeLifecycle(t *testing.T) {
	t.Parallel()
	r := act(t, newOrchestration(t, sandbox.Options{}), absolute(t, repository), "push", ".github/workflows/action.yml")
	require.True(t, r.run(), r.log())
	assert.Equal(t, map[string]string{"lifecycle": "success", "later-job": "success"}, r.results())
	assert.Equal(t, "1.1.0", r.outputs("lifecycle", "patch")["semantic_version"])
	assert.Contains(t, r.summary("lifecycle", "approve-patch"), "Demo 1.0.0: succeeded")
}

func TestWhatAStepKnowsReachesLaterStepsAndJobsAndNoKeyDoes(t *testing.T) {
	t.Parallel()
	o := newOrchestration(t, sandbox.Options{Error: []lifecycle.Event{lifecycle.SmokeTestsCreate}})
	r := act(t, o, absolute(t, repository), "push", "test/e2e/github/testdata/handover.yml", credentials(o)...)
	require.False(t, r.run(), "a failed test fails the workflow")
	assert.Equal(t, map[string]string{"build": "failure", "later": "success"}, r.results())

	build := r.outputs("build", "build")
	assert.Regexp(t, `^[0-9a-f-]{36}$`, build["lifecycle_id"])
	assert.Equal(t, "1.0.0", build["semantic_version"])
	test := r.outputs("build", "test")
	assert.Equal(t, build["lifecycle_id"], test["lifecycle_id"], "outputs are there after a failure")
	assert.Equal(t, "ERROR", test["status"])
	assert.NotContains(t, r.said("build"), "reached\n")

	later := r.said("later")
	assert.Contains(t, later, `"lifecycle_id": "`+build["lifecycle_id"]+`"`)
	assert.Contains(t, later, `"test_outcome": "failure"`)
	assert.Contains(t, later, `"test_status": "ERROR"`)
	assert.Contains(t, later, strings.ReplaceAll(build["amis"], `"`, `\"`), "JSON arrives whole")

	assert.Contains(t, r.said("build"), `"SecretString":"***"`, "a later step that prints a key shows its mask")
	for _, summary := range []string{r.summary("build", "build"), r.summary("build", "test")} {
		assert.Contains(t, summary, build["lifecycle_id"])
	}
	o.holdsNoSecret(r.log(), "the log")
}

// credentials returns the options of act that set in every job the variables of aws-actions/configure-aws-credentials.
func credentials(o *orchestration) []string {
	var options []string
	for _, variable := range o.environment() {
		options = append(options, "--env", variable)
	}
	return options
}

func TestTheExamplesRunAsTheyAre(t *testing.T) {
	t.Parallel()
	vars := []string{
		"--var", "AWS_REGION=eu-central-1", "--var", "AMI_BUILD_ROLE=arn:aws:iam::123456789012:role/ami-build",
		"--var", "AMI_QA_ROLE=arn:aws:iam::123456789012:role/ami-qa",
		"--var", "AMI_APPROVAL_ROLE=arn:aws:iam::123456789012:role/ami-approval",
	}
	checkout := t.TempDir()
	for _, name := range []string{"create.yml", "lifecycle.yml", "patch.yml", "resume.yml", "deploy.yml"} {
		copyFile(t, filepath.Join(repository, "examples", "github", name), filepath.Join(checkout, ".github", "workflows", name))
	}
	copyFile(t, filepath.Join(repository, "examples", "sample_component.yaml"), filepath.Join(checkout, "patches", "security-updates.yaml"))
	git(t, checkout)
	example := func(o *orchestration, event, name string, options ...string) *actRun {
		return act(t, o, checkout, event, ".github/workflows/"+name, slices.Concat(vars, options)...)
	}
	o := newOrchestration(t, sandbox.Options{})

	create := example(o, "push", "create.yml")
	require.True(t, create.run(), create.log())
	assert.Contains(t, create.said("use"), "is version 1.0.0; its lifecycle is "+create.outputs("create", "ami")["lifecycle_id"])

	put(t, filepath.Join(checkout, "tag.json"), `{"ref": "refs/tags/v1.2.0"}`)
	whole := example(o, "push", "lifecycle.yml", "--eventpath", filepath.Join(checkout, "tag.json"))
	require.True(t, whole.run(), whole.log())
	assert.Equal(t, map[string]string{"build": "success", "test": "success", "certify": "success", "approve": "success"}, whole.results())
	id := whole.outputs("build", "ami")["lifecycle_id"]
	assert.Contains(t, whole.summary("build", "ami"), "Web server 1.2.0", "the product version is the tag's")
	assert.Contains(t, whole.said("test"), "artifact ami.html")
	assert.Contains(t, whole.said("approve"), "assumed arn:aws:iam::123456789012:role/ami-approval")
	assert.Contains(t, whole.said("approve"), id)

	patch := example(o, "schedule", "patch.yml", "--var", "AMI_LIFECYCLE_ID="+id)
	require.True(t, patch.run(), patch.log())
	assert.Equal(t, map[string]string{"patch": "success", "approve": "success"}, patch.results())
	assert.Equal(t, "2.0.1", patch.outputs("patch", "ami")["semantic_version"])

	// HeadObject checks whether an earlier run has uploaded the file. Its permission in S3 is s3:GetObject.
	assert.ElementsMatch(t, append(documentedActions(t), "s3 HeadObject"), awsCalls(o), "the policy of docs/github.md allows what is called")
	// Only the job that selects runs here, because Terraform needs AWS.
	deploy := example(o, "schedule", "deploy.yml", "--job", "select", "--var", "AMI_SELECT_ROLE=arn:aws:iam::123456789012:role/ami-select")
	require.True(t, deploy.run(), deploy.log())
	assert.Equal(t, "2.0.1", deploy.outputs("select", "ami")["semantic_version"])
	assert.Equal(t, patch.outputs("patch", "ami")["ami_id"], deploy.outputs("select", "ami")["ami_id"])

	for _, run := range []*actRun{create, whole, patch, deploy} {
		o.holdsNoSecret(run.log(), "the log")
	}
}

// Jobs that pass the sandbox's state on need no AWS. TestAServiceContainerServesASandbox has the job "service": act uses
// the host's network here, in which a service has no name.
func TestJobsShareASandbox(t *testing.T) {
	t.Parallel()
	checkout := t.TempDir()
	copyFile(t, filepath.Join(repository, "examples", "github", "sandbox.yml"), filepath.Join(checkout, ".github", "workflows", "sandbox.yml"))
	git(t, checkout)
	o := newOrchestration(t, sandbox.Options{})
	r := act(t, o, checkout, "workflow_dispatch", ".github/workflows/sandbox.yml", "--job", "approve", "--env", "E2E_ARTIFACTS=e2e-"+uuid.NewString())
	require.True(t, r.run(), r.log())
	assert.Equal(t, map[string]string{"create": "success", "certify": "success", "approve": "success"}, r.results())
	assert.Empty(t, o.requests(), "no other orchestrator was asked")
}

// TestAServiceContainerServesASandbox starts the service of the example as a runner does, with its variables and its
// options, and two containers beside it.
func TestAServiceContainerServesASandbox(t *testing.T) {
	t.Parallel()
	tag := image(t)
	var workflow struct {
		Jobs struct {
			Service struct {
				Services map[string]struct {
					Options string
					Env     map[string]string
				}
				Env map[string]string
			}
		}
	}
	text, err := os.ReadFile(filepath.Join(repository, "examples", "github", "sandbox.yml"))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &workflow))
	job := workflow.Jobs.Service
	require.Len(t, job.Services, 1)
	network := "ami-e2e-" + uuid.NewString()
	dockerOutput(t, "network", "create", network)
	t.Cleanup(func() { _ = exec.Command(docker(), "network", "rm", network).Run() })
	for name, service := range job.Services {
		container := dockerOutput(t, slices.Concat([]string{"run", "-d", "--network", network, "--network-alias", name},
			strings.Fields(service.Options), variables(service.Env), []string{tag})...)
		t.Cleanup(func() { _ = exec.Command(docker(), "rm", "-f", strings.TrimSpace(container)).Run() })
	}
	step := func(arguments ...string) string {
		return strings.TrimSpace(dockerOutput(t, slices.Concat([]string{"run", "--rm", "--network", network}, variables(job.Env),
			[]string{tag, "--stackTag", "main"}, arguments)...))
	}
	id := step("--operation", "AMI_CREATE", "--owner", "me", "--events", "AMI_BUILD_ONLY", "--productName", "Demo", "--productVer", "1.0.0",
		"--notifications", "EMAIL::me@example.com")
	assert.Equal(t, id, step("--operation", "AMI_WAIT", "--lifecycleId", id))
}

// variables returns the docker options that set the variables.
func variables(environ map[string]string) (options []string) {
	for name, value := range environ {
		options = append(options, "-e", name+"="+value)
	}
	return options
}

// awsCalls returns the calls of AWS services that the sandbox has received.
func awsCalls(o *orchestration) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(o.requests())), func(route string) bool {
		return strings.HasPrefix(route, "GET /") || strings.HasPrefix(route, "POST /") || strings.HasPrefix(route, "PUT /")
	})
}

func TestAJobThatTimesOutIsResumedByTheNext(t *testing.T) {
	t.Parallel()
	checkout := t.TempDir()
	copyFile(t, filepath.Join(repository, "examples", "github", "resume.yml"), filepath.Join(checkout, ".github", "workflows", "resume.yml"))
	git(t, checkout)
	o := newOrchestration(t, sandbox.Options{Manual: true})
	r := act(t, o, checkout, "workflow_dispatch", ".github/workflows/resume.yml", "--input", "version=3.0.0",
		"--var", "AWS_REGION=eu-central-1", "--var", "AMI_BUILD_ROLE=arn:aws:iam::123456789012:role/ami-build",
		"--env", "AMI_WAIT_TIMEOUT=5s", "--env", "AMI_POLL_INTERVAL=1s")
	ended := false
	r.observe = func(entry) {
		// act reports the outputs of a step one by one, in any order.
		outputs := r.outputs("create", "ami")
		id, known := outputs["lifecycle_id"]
		if ended || !known || outputs["status"] != "TIMED_OUT" {
			return
		}
		ended = true
		for range 4 {
			o.endEvent(id, `{"status": "COMPLETED"}`)
		}
	}
	require.True(t, r.run(), r.log())
	assert.Equal(t, map[string]string{"create": "success", "resume": "success", "use": "success"}, r.results())
	assert.Contains(t, r.said("use"), "Version 1.0.0 of lifecycle "+r.outputs("create", "ami")["lifecycle_id"])
	assert.Equal(t, 1, o.requests()["POST /ami-creation/lifecycles"])
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	put(t, to, string(content))
}

// git turns the directory into a checkout, from which act takes the commit.
func git(t *testing.T, dir string) {
	t.Helper()
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"}, {"add", "."},
		{"-c", "user.name=e2e", "-c", "user.email=e2e@example.com", "commit", "--quiet", "-m", "e2e"},
	} {
		output, err := command(t, dir, "git", args...).CombinedOutput()
		require.NoError(t, err, string(output))
	}
}
