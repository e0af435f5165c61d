package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
)

func TestABooleanOfAComponentThatStandsAtItsDefaultLeavesTheSayToTheVariable(t *testing.T) {
	rows := []struct {
		input, variable string
		dryRun          bool
	}{
		{"false", "", false}, {"true", "", true}, {"false", "true", true}, {"true", "false", true}, {"", "true", true},
	}
	for _, row := range rows {
		environ := []string{"INPUT_OPERATION=AMI_APPROVAL_CREATE", "INPUT_LIFECYCLE_ID=a1b2c3d4", "INPUT_STACK_TAG=main",
			"INPUT_APPROVAL_STATUS_AMI_CREATION=APPROVED", "INPUT_DRY_RUN=" + row.input, "AMI_DRY_RUN=" + row.variable}
		settings, err := config.Load(nil, environ, config.Implied{}, config.GitLabComponent)
		require.NoError(t, err)
		assert.Equal(t, row.dryRun, settings.DryRun, row)
	}
	// On GitHub, an input that is not given is empty, so an input with a value was given.
	settings, err := config.Load(nil, []string{"INPUT_OPERATION=AMI_GET_STATUSES", "INPUT_SANDBOX=false", "AMI_SANDBOX=true"},
		config.Implied{}, config.GitHubAction)
	require.NoError(t, err)
	assert.False(t, settings.Sandbox)
}

func TestAListThatIsNotJSONIsRefused(t *testing.T) {
	_, err := config.Load([]string{"--operation=AMI_GET_STATUSES"}, []string{`AMI_EVENTS=["\xZZ"]`}, config.Implied{}, config.CommandLine)
	assert.ErrorContains(t, err, "AMI_EVENTS starts and ends like a JSON array, but must be a JSON array of texts")
}

func TestTheWaitEndsBeforeThePipelineEndsTheJob(t *testing.T) {
	implied := config.Implied{WaitTimeout: "52m30s"}
	for environ, want := range map[string]time.Duration{
		"": 52*time.Minute + 30*time.Second, "AMI_WAIT_TIMEOUT=2h": 2 * time.Hour, "INPUT_WAIT_TIMEOUT=10m": 10 * time.Minute,
	} {
		settings, err := config.Load([]string{"--operation=AMI_WAIT", "--lifecycleId=a1b2c3d4"}, []string{environ}, implied, config.GitLabComponent)
		require.NoError(t, err)
		assert.Equal(t, want, settings.WaitTimeout)
	}
}
