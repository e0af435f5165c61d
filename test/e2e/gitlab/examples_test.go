//go:build e2e

package gitlab_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// everywhere runs a test on the shell and in the image.
func everywhere(t *testing.T, test func(t *testing.T, image bool)) {
	t.Run("on the shell", func(t *testing.T) { test(t, false) })
	t.Run("in the image", func(t *testing.T) { test(t, true) })
}

func TestALaterJobSeesTheImage(t *testing.T) {
	t.Parallel()
	for _, way := range []struct {
		name    string
		include inclusion
		image   bool
	}{
		{"by component on the shell", byComponent, false},
		{"by component in the image", byComponent, true},
		{"by local on the shell", byLocal, false},
		{"by local in the image", byLocal, true},
		{"by project", byProject, false},
		{"by remote", byRemote, false},
	} {
		t.Run(way.name, func(t *testing.T) {
			p := newProject(t, way.image, way.include, example(t, "create.yml"))
			log, succeeded := p.pipeline()
			require.True(t, succeeded, log)

			variables := p.dotenv("create")
			assert.Regexp(t, `^[0-9a-f-]{36}$`, variables["AMI_LIFECYCLE_ID"])
			assert.Equal(t, "1.0.0", variables["AMI_SEMANTIC_VERSION"])
			assert.Equal(t, "COMPLETED", variables["AMI_STATUS"])
			assert.Contains(t, p.job("use"), variables["AMI_ID"]+" is version 1.0.0; its lifecycle is "+variables["AMI_LIFECYCLE_ID"])

			var result struct {
				LifecycleID string `json:"lifecycle_id"`
				AMIs        []any  `json:"amis"`
			}
			require.NoError(t, json.Unmarshal([]byte(p.artifact("create", "ami-lifecycle.json")), &result))
			assert.Equal(t, variables["AMI_LIFECYCLE_ID"], result.LifecycleID)
			assert.NotEmpty(t, result.AMIs)
			page := p.artifact("create", "ami-lifecycle.html")
			assert.Contains(t, page, "<!doctype html>")
			assert.Contains(t, page, variables["AMI_LIFECYCLE_ID"])
			// The emulator prints the name of a section.
			assert.Contains(t, p.job("create"), "ami_lifecycle_1_started")
		})
	}
}

// TestTheQuickStartNeedsNothing runs the first pipeline of docs/gitlab.md without AWS.
func TestTheQuickStartNeedsNothing(t *testing.T) {
	t.Parallel()
	_, rest, found := strings.Cut(read(t, filepath.Join(root, "docs/gitlab.md")), "```yaml\n")
	require.True(t, found)
	quickStart, _, _ := strings.Cut(rest, "```")
	p := newProject(t, true, byComponent, quickStart)
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"} {
		delete(p.variables, name)
	}
	log, succeeded := p.pipeline()
	require.True(t, succeeded, log)
	assert.Contains(t, p.job("use"), "is version 1.0.0; its lifecycle is "+p.dotenv("create")["AMI_LIFECYCLE_ID"])
}

// TestAServiceServesASandbox has the job "service": the other jobs need the host's network, in which a service has no
// name.
func TestJobsShareASandbox(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, image bool) {
		p := newProject(t, image, byComponent, example(t, "sandbox.yml"))
		for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"} {
			delete(p.variables, name)
		}
		log, succeeded := p.pipeline("--needs", "approve")
		require.True(t, succeeded, log)
		assert.Equal(t, p.dotenv("create")["AMI_LIFECYCLE_ID"], p.dotenv("approve")["AMI_LIFECYCLE_ID"])
		assert.Equal(t, "COMPLETED", p.dotenv("approve")["AMI_STATUS"])
	})
}

func TestAServiceServesASandbox(t *testing.T) {
	t.Parallel()
	p := newProject(t, true, byComponent, example(t, "sandbox.yml"))
	p.services = true
	for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"} {
		delete(p.variables, name)
	}
	log, succeeded := p.pipeline("service")
	require.True(t, succeeded, log)
	assert.Equal(t, "COMPLETED", p.dotenv("service")["AMI_STATUS"])
	assert.Regexp(t, `^ami-[0-9a-f]{17}$`, p.dotenv("service")["AMI_ID"])
}

func TestTheWholeLifecycleIsOnePipeline(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, image bool) {
		p := newProject(t, image, byComponent, example(t, "lifecycle.yml"))
		p.variables["CI_COMMIT_TAG"] = "v1.2.0"

		log, succeeded := p.pipeline()
		assert.False(t, succeeded)
		assert.Contains(t, log, "approve is when:manual", "the emulator does not wait for a person")

		log, succeeded = p.pipeline("--manual", "certify", "--manual", "approve", "--manual", "approve-patch")
		require.True(t, succeeded, log)
		id := p.dotenv("create")["AMI_LIFECYCLE_ID"]
		for _, job := range []string{"test", "certify", "approve", "patch", "test-patch", "approve-patch"} {
			variables := p.dotenv(job)
			assert.Equal(t, id, variables["AMI_LIFECYCLE_ID"], job)
			assert.Equal(t, "COMPLETED", variables["AMI_STATUS"], job)
		}
		assert.Equal(t, "1.0.0", p.dotenv("approve")["AMI_SEMANTIC_VERSION"])
		assert.Equal(t, "1.1.0", p.dotenv("approve-patch")["AMI_SEMANTIC_VERSION"])
		assert.Contains(t, p.artifact("approve-patch", "ami-lifecycle.json"), id)
	})
}

func TestAPatchOnASchedule(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, image bool) {
		p := newProject(t, image, byComponent, example(t, "patch.yml"))
		log, succeeded := p.pipeline()
		assert.True(t, succeeded, "without the schedule there is nothing to do: %s", log)
		assert.NoDirExists(t, filepath.Join(p.dir, ".gitlab-ci-local/artifacts/patch"))

		p.variables["AMI_LIFECYCLE_ID"] = approved(t, p)
		p.variables["CI_PIPELINE_SOURCE"] = "schedule"
		log, succeeded = p.pipeline()
		require.True(t, succeeded, log)
		assert.Equal(t, "1.0.1", p.dotenv("patch")["AMI_SEMANTIC_VERSION"])
	})
}

// Only the job that selects runs here, because Terraform needs AWS.
func TestTheNewestApprovedAMIIsSelected(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, image bool) {
		p := newProject(t, image, byComponent, example(t, "deploy.yml"))
		id := approved(t, p)
		p.variables["CI_PIPELINE_SOURCE"] = "schedule"
		log, succeeded := p.pipeline("select")
		require.True(t, succeeded, log)
		assert.Equal(t, "1.0.0", p.dotenv("select")["AMI_SEMANTIC_VERSION"])
		assert.Equal(t, id, p.dotenv("select")["AMI_LIFECYCLE_ID"])
		assert.Regexp(t, `^ami-[0-9a-f]{17}$`, p.dotenv("select")["AMI_ID"])
	})
}

// approved creates a lifecycle in the project's sandbox, takes it to its approval so that it can be patched, and returns
// its id.
func approved(t *testing.T, p *project) string {
	t.Helper()
	whole := newProject(t, false, byComponent, example(t, "lifecycle.yml"))
	whole.sandbox = p.sandbox
	whole.variables["AWS_ENDPOINT_URL"] = p.sandbox
	whole.variables["CI_COMMIT_TAG"] = "v1.2.0"
	log, succeeded := whole.pipeline("--needs", "--manual", "certify", "approve")
	require.True(t, succeeded, log)
	return whole.dotenv("approve")["AMI_LIFECYCLE_ID"]
}

func TestAWaitGoesOnInAnotherJobAndInAnotherPipeline(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, image bool) {
		p := newProject(t, image, byComponent, example(t, "resume.yml"))
		log, succeeded := p.pipeline()
		require.True(t, succeeded, log)
		created, waited := p.dotenv("create"), p.dotenv("wait")
		assert.Equal(t, "STARTED", created["AMI_STATUS"])
		assert.Equal(t, "COMPLETED", waited["AMI_STATUS"])
		assert.Equal(t, "1.0.0", waited["AMI_SEMANTIC_VERSION"])

		require.NoError(t, os.RemoveAll(filepath.Join(p.dir, ".gitlab-ci-local")))
		p.fetch()
		p.variables["AMI_LIFECYCLE_ID"] = created["AMI_LIFECYCLE_ID"]
		log, succeeded = p.pipeline()
		require.True(t, succeeded, log)
		assert.NoDirExists(t, filepath.Join(p.dir, ".gitlab-ci-local/artifacts/create"), "nothing is built again")
		assert.Equal(t, created["AMI_LIFECYCLE_ID"], p.dotenv("wait")["AMI_LIFECYCLE_ID"])
	})
}
