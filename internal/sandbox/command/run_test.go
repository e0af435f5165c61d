package command_test

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/command"
)

func TestTheCommandLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		code int
		out  string
		err  string
	}{
		"help":                     {[]string{"--help"}, 0, "--event-duration", ""},
		"an unknown flag":          {[]string{"--nonsense"}, 2, "", "unknown flag: --nonsense"},
		"an argument":              {[]string{"now"}, 2, "", `unexpected argument "now"`},
		"beyond loopback":          {[]string{"--listen", "0.0.0.0:0"}, 1, "", "reachable from other machines"},
		"an image of no build":     {[]string{"--fail-image", "SMOKE_TESTS"}, 2, "", `invalid value "SMOKE_TESTS" for --fail-image`},
		"an unknown abort":         {[]string{"--abort", "NONSENSE"}, 2, "", `invalid value "NONSENSE" for --abort: unknown event`},
		"a failure of no image":    {[]string{"--fail", "image:SMOKE_TESTS"}, 2, "", `invalid value "SMOKE_TESTS" for --fail-image`},
		"no way to fail":           {[]string{"--fail-behind", "QA_CERTIFICATION_RESPONSE"}, 1, "", "QA_CERTIFICATION_RESPONSE"},
		"an event that has no end": {[]string{"--fail", "NONSENSE"}, 1, "", "NONSENSE"},
		"a port that nobody has":   {[]string{"--listen", "127.0.0.1:99999"}, 1, "", "cannot listen"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "state")
			var stdout, stderr bytes.Buffer
			code := command.Run(t.Context(), append([]string{"--dir", dir}, test.args...), nil, &stdout, &stderr)
			assert.Equal(t, test.code, code)
			assert.Contains(t, stdout.String(), test.out)
			assert.Contains(t, stderr.String(), test.err)
			assert.NoDirExists(t, dir, "nothing is made that is not served")
		})
	}
}

func TestEveryFlagReachesTheSandbox(t *testing.T) {
	t.Parallel()
	options, err := command.Parse([]string{
		"--dir", "d", "--event-duration", "3s", "--build-duration", "4s", "--patch-approval-duration", "5s",
		"--fail", "smoke_tests_ami_create,image:PATCH_AMI", "--error", "BUILD_AMI,PATCH_AMI", "--manual", "--allow-remote",
		"--fail-image", "build_ami", "--fail-behind", "VULNERABILITY_SCANS", "--abort", "PATCH_AMI",
		"--queue-delay", "6s", "--stack-name", "S", "--secret-prefix", "/p/",
	}, nil, io.Discard, io.Discard)
	require.NoError(t, err)
	encoded, err := json.Marshal(map[string]any{
		"dir": options.Dir, "event": options.EventDuration.String(), "events": len(options.EventDurations),
		"build": options.EventDurations["BUILD_AMI"].String(), "approval": options.EventDurations["MARK_FOR_PRODUCTION_PATCH"].String(),
		"behind": options.FailBehind, "abort": options.Abort,
		"fail": options.Fail, "error": options.Error, "manual": options.Manual, "remote": options.AllowRemote,
		"queue": options.QueueDelay.String(), "stack": options.StackName, "prefix": options.SecretPrefix,
	})
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"dir": "d", "event": "3s", "events": 2, "build": "4s", "approval": "5s",
		"behind": ["BUILD_AMI", "PATCH_AMI", "VULNERABILIY_SCANS_AMI_CREATE", "VULNERABILITY_SCANS_AMI_PATCH"], "abort": ["PATCH_AMI"],
		"fail": ["smoke_tests_ami_create"], "error": ["BUILD_AMI", "PATCH_AMI"], "manual": true, "remote": true,
		"queue": "6s", "stack": "S", "prefix": "/p/"
	}`, string(encoded))
}

func TestAServiceContainerIsSetByVariables(t *testing.T) {
	t.Parallel()
	environ := []string{"AMI_SANDBOX_LISTEN=0.0.0.0:8080", "AMI_SANDBOX_ALLOW_REMOTE=true", "AMI_SANDBOX_FAIL=SMOKE_TESTS", "AMI_SANDBOX_DIR="}
	options, err := command.Parse([]string{"--fail", "BUILD_AMI"}, environ, io.Discard, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, "0.0.0.0:8080", options.Listen)
	assert.True(t, options.AllowRemote)
	assert.Equal(t, []lifecycle.Event{lifecycle.BuildAMI}, options.Fail, "a flag wins")
	assert.Equal(t, ".ami-sandbox", options.Dir, "an empty variable is none")

	_, err = command.Parse(nil, []string{"AMI_SANDBOX_EVENT_DURATION=soon"}, io.Discard, io.Discard)
	assert.ErrorContains(t, err, `invalid value "soon" for the variable AMI_SANDBOX_EVENT_DURATION`)
}
