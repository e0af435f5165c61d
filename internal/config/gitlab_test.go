package config_test

import (
	"strings"
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
		environ := []string{"INPUT_OPERATION=AMI_APPROVAL_CREATE", "INPUT_LIFECYCLE_ID=a", "INPUT_STACK_TAG=main",
			"INPUT_APPROVAL_STATUS_AMI_CREATION=APPROVED", "INPUT_DRY_RUN=" + row.input, "AMI_DRY_RUN=" + row.variable}
		settings, err := config.Load(nil, environ, config.Implied{}, config.GitLabComponent)
		require.NoError(t, err)
		assert.Equal(t, row.dryRun, settings.DryRun, row)
	}
	// On GitHub an input that nobody gave is empty, so one that is there was given.
	settings, err := config.Load(nil, []string{"INPUT_OPERATION=AMI_GET_STATUSES", "INPUT_SANDBOX=false", "AMI_SANDBOX=true"},
		config.Implied{}, config.GitHubAction)
	require.NoError(t, err)
	assert.False(t, settings.Sandbox)
}

func TestAListAsRubyShowsIt(t *testing.T) {
	for shown, want := range map[string]string{
		`\#{a} \#$b \#@c # d`: "#{a} #$b #@c # d", `\e\a\v`: "\x1b\a\v", `\x7F`: "\x7f", `\u{1F600} \u{e0001} \u200B`: "\U0001f600 \U000e0001 \u200b",
		`\"q\" \n \\`: "\"q\" \n \\", `\\#`: `\#`,
	} {
		settings, err := config.Load([]string{"--operation=AMI_GET_STATUSES"}, []string{`AMI_EVENTS=["SMOKE_TESTS", "` + shown + `|"]`},
			config.Implied{}, config.CommandLine)
		require.NoError(t, err, shown)
		assert.Contains(t, settings.Events, strings.ToUpper(want)+"|")
	}
	_, err := config.Load([]string{"--operation=AMI_GET_STATUSES"}, []string{`AMI_EVENTS=["\xZZ"]`}, config.Implied{}, config.CommandLine)
	assert.ErrorContains(t, err, "AMI_EVENTS begins and ends like a JSON array, but is no JSON array of texts")
}

func TestTheWaitEndsBeforeThePipelineEndsTheJob(t *testing.T) {
	implied := config.Implied{WaitTimeout: "52m30s"}
	for environ, want := range map[string]time.Duration{
		"": 52*time.Minute + 30*time.Second, "AMI_WAIT_TIMEOUT=2h": 2 * time.Hour, "INPUT_WAIT_TIMEOUT=10m": 10 * time.Minute,
	} {
		settings, err := config.Load([]string{"--operation=AMI_WAIT", "--lifecycleId=a"}, []string{environ}, implied, config.GitLabComponent)
		require.NoError(t, err)
		assert.Equal(t, want, settings.WaitTimeout)
	}
}
