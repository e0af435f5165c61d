package resume_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/resume"
)

func TestTheLineThatResumesCanBePasted(t *testing.T) {
	w := resume.Wait{
		Settings: &config.Settings{
			Operation: lifecycle.Create, StackName: "AmiLifecycle", APIKeyPrefix: "/ami-lifecycle/api-keys/", SandboxDir: ".ami-sandbox",
		},
		Events: []lifecycle.Event{lifecycle.BuildAMI, lifecycle.VulnerabilityScansCreate},
	}
	assert.Empty(t, w.CommandLine(), "nothing was started")

	w.LifecycleID = "id-1"
	assert.Equal(t, "ami-action --operation AMI_WAIT --lifecycleId id-1 --events BUILD_AMI --events VULNERABILITY_SCANS", w.CommandLine())

	w.Settings.StackName, w.Settings.FailOnSeverity = "it's mine", lifecycle.High
	w.Settings.Sandbox, w.Settings.SandboxDir = true, "/tmp/x y"
	assert.Equal(t, `ami-action --operation AMI_WAIT --lifecycleId id-1 --events BUILD_AMI --events VULNERABILITY_SCANS `+
		`--failOnSeverity HIGH --stackName 'it'\''s mine' --sandboxDir '/tmp/x y' --sandbox`, w.CommandLine())
}

func TestAPipelineIsToldHowToGoOnInItsOwnWords(t *testing.T) {
	w := resume.Wait{
		Settings: &config.Settings{
			Operation: lifecycle.Create, StackName: "it's: mine", APIKeyPrefix: "/ami-lifecycle/api-keys/", Sandbox: true, SandboxDir: ".ami-sandbox",
		},
		LifecycleID: "1e6", Events: []lifecycle.Event{lifecycle.BuildAMI, lifecycle.SmokeTestsCreate},
	}
	for platform, want := range map[config.Platform]string{
		config.GitHubAction: "with:\n  operation: AMI_WAIT\n  lifecycle_id: \"1e6\"\n  events: |-\n    BUILD_AMI\n    SMOKE_TESTS\n" +
			"  stack_name: 'it''s: mine'\n  sandbox: true",
		config.GitLabComponent: "inputs:\n  operation: AMI_WAIT\n  lifecycle_id: \"1e6\"\n  events: [BUILD_AMI, SMOKE_TESTS]\n" +
			"  stack_name: 'it''s: mine'\n  sandbox: true",
		config.CommandLine: `ami-action --operation AMI_WAIT --lifecycleId 1e6 --events BUILD_AMI --events SMOKE_TESTS ` +
			`--stackName 'it'\''s: mine' --sandbox`,
	} {
		w.Settings.Platform = platform
		text, syntax := w.OnPlatform()
		assert.Equal(t, want, text)
		assert.Equal(t, platform == config.CommandLine, syntax == "sh")
	}
}
