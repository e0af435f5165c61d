package insight

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestTheStepThatFailedIsReadFromTheLog uses lines as in Image Builder's log streams today, and with dates as in AWSTOE's
// own console.log.
func TestTheStepThatFailedIsReadFromTheLog(t *testing.T) {
	const document = "arn:aws:imagebuilder:us-east-1:123456789012:component/base/1.0.0/1"
	tests := map[string]struct {
		log  []string
		want *ComponentFailure
	}{
		"a command that failed": {[]string{
			"Started step ApplyBuildComponents with action ExecuteComponents", "Sending command to instance to run",
			"Document " + document, "Phase build", "Step UpdateOS", "UpdateOS: STARTED EXECUTION", "CmdExecution: ExitCode 0",
			"Step InstallPackages", "ExecuteBash: STARTED EXECUTION", "ExecuteBash: Created temporary directory: /tmp/1",
			"CmdExecution: Stderr: Error: Unable to find a match: htpd", "CmdExecution: ExitCode 1", "ExecuteBash: FINISHED EXECUTION",
			"TOE has completed execution with failure - Execution failed!", "Image transitioned to FAILED state for Image ARN: x",
		}, &ComponentFailure{Component: document, Phase: "build", Step: "InstallPackages", ExitCode: 1, Stderr: "Error: Unable to find a match: htpd"}},
		"with dates": {[]string{
			`2020-07-31 11:57:10.575 Info Document .\my-first-doc.yml`, "2020-07-31 11:57:10.576 Info Phase build", "2020-07-31 11:57:10.577 Info Step HelloWorldStep",
			"2020-07-31 12:39:24.207 Info Stderr: ls : Cannot find path 'C:\\missing' because it does not exist.\nAt C:\\x.ps1:2 char:1\n    + FullyQualifiedErrorId : PathNotFound\n\n",
			"2020-07-31 12:39:24.207 Info ExitCode 1", "2020-07-31 12:39:25.214 Info TOE has completed execution with failure - Execution failed!",
		}, &ComponentFailure{Component: `.\my-first-doc.yml`, Phase: "build", Step: "HelloWorldStep", ExitCode: 1, Stderr: "+ FullyQualifiedErrorId : PathNotFound"}},
		"a reboot is not a failure": {[]string{
			"Phase build", "Step Update", "CmdExecution: ExitCode 194", "CmdExecution: ExitCode 3010", "Phase build", "Step Next", "CmdExecution: ExitCode 2",
		}, &ComponentFailure{Phase: "build", Step: "Next", ExitCode: 2}},
		"a step that never ended":    {[]string{"Phase validate", "Step Hangs", "ExecuteBash: STARTED EXECUTION"}, &ComponentFailure{Phase: "validate", Step: "Hangs"}},
		"the last that failed":       {[]string{"Phase build", "Step One", "CmdExecution: ExitCode 1", "Step Two", "CmdExecution: ExitCode 3", "Step Three", "CmdExecution: ExitCode 0"}, &ComponentFailure{Phase: "build", Step: "Two", ExitCode: 3}},
		"the code before the reason": {[]string{"Phase test", "Step One", "CmdExecution: ExitCode 1", "CmdExecution: Stderr: no"}, &ComponentFailure{Phase: "test", Step: "One", ExitCode: 1, Stderr: "no"}},
		"what a command prints":      {[]string{"Phase build", "Step One", "CmdExecution: Stdout: a\nStep Forged\nCmdExecution: ExitCode 7", "Step 2/5 : RUN x", "Phase out of order", "CmdExecution: ExitCode 1"}, &ComponentFailure{Phase: "build", Step: "One", ExitCode: 1}},
		"no component":               {[]string{"Started step LaunchBuildInstance with action LaunchInstance", "Launching instance", "Image transitioned to FAILED state"}, nil},
		"nothing":                    {nil, nil},
		"hostile":                    {[]string{strings.Repeat("Step ", 1000), "Step " + strings.Repeat("x", 500), "ExitCode 99999999999999999999", "Document ", "\x00\xff"}, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, failedComponent(test.log))
		})
	}
}

func TestATextIsOneLineWithoutSecretsHoweverItIsCut(t *testing.T) {
	const secret = "CANARYCANARYCANARYCANARY"
	clean := cleaner(func(text string) string { return strings.ReplaceAll(text, secret, "***") })
	assert.Equal(t, "a b ***", clean.line(" a\nb\x1b\u202e "+secret+"\r\n", 100))
	for padding := range 40 {
		text := strings.Repeat("x", 80+padding) + secret
		assert.NotContains(t, clean.line(text, 100), "CANARY", "cut to what is shown")
		text = strings.Repeat("y", maxRaw-20-padding) + secret
		assert.NotContains(t, clean.line(text, maxRaw), "CANARY", "cut to what is looked at")
		text = strings.Repeat(secret, maxRaw/len(secret)) + strings.Repeat("z", padding) + secret
		assert.NotContains(t, clean.line(text, 1<<20), "CANARY", "it shrinks to nothing")
		assert.NotContains(t, strings.Join(clean.tail([]string{text, text}, 5), ""), "CANARY")
	}
	assert.LessOrEqual(t, len([]rune(clean.line(strings.Repeat("ü", 5000), 100))), 100)
	split := cleaner(func(text string) string { return strings.ReplaceAll(text, "one\ntwo", "***") })
	assert.Equal(t, []string{"a", "***", "b"}, split.tail([]string{"zero", "a", "one", "two", "b"}, 4), "a secret that has lines")
	assert.Nil(t, clean.tail(nil, 5))
}
