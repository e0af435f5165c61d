package github_test

import (
	"maps"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

// betweenSignals is the time that a cancelled job has between SIGINT and SIGTERM (actions/runner,
// ProcessInvoker.cs).
const betweenSignals = 7500 * time.Millisecond

func create() map[string]string {
	return map[string]string{
		"operation": "AMI_CREATE", "events": "SMOKE_TESTS, VULNERABILITY_SCANS", "product_name": "Demo",
		"product_ver": "1.0.0", "notifications": "EMAIL::me@example.com", "poll_interval": "1s",
	}
}

func with(inputs map[string]string, more ...string) map[string]string {
	inputs = maps.Clone(inputs)
	for i := 0; i < len(more); i += 2 {
		inputs[more[i]] = more[i+1]
	}
	return inputs
}

func TestAStepLeavesOutputsMasksGroupsAndASummary(t *testing.T) {
	t.Parallel()
	o := newOrchestration(t, sandbox.Options{EventDuration: 1500 * time.Millisecond}) // long enough for polls to see each event
	s := newStep(t, o, with(create(), "report_file", "out/report.html", "properties", "NOTE::a # b: 'c'::d\nTEAM::platform\n"))
	require.Equal(t, 0, s.run(), s.everything())

	outputs := s.outputs()
	assert.Regexp(t, `^[0-9a-f-]{36}$`, outputs["lifecycle_id"])
	assert.Equal(t, outputs["lifecycle_id"]+"\n", s.stdout.String(), "stdout is the result")
	assert.Equal(t, "1.0.0", outputs["semantic_version"])
	assert.Equal(t, "COMPLETED", outputs["status"])
	assert.Regexp(t, `^ami-`, outputs["ami_id"])
	assert.JSONEq(t, `"`+outputs["ami_id"]+`"`, jsonAt(t, outputs["amis"], "0", "image"))
	assert.Equal(t, "out/report.html", outputs["report_file"])
	assert.Contains(t, s.read("workspace", "out", "report.html"), outputs["lifecycle_id"])

	assert.NotEmpty(t, s.commandsNamed("add-mask"))
	assert.True(t, strings.HasPrefix(s.stderr.String(), "::add-mask::"), "masks come first:\n%s", s.stderr.String())
	assert.Len(t, s.commandsNamed("group"), 3)
	assert.Len(t, s.commandsNamed("endgroup"), 3)
	for _, text := range []string{"Demo 1.0.0: succeeded", outputs["lifecycle_id"], outputs["ami_id"], "### Timeline\n\n```mermaid\n", "\ngantt\n"} {
		assert.Contains(t, s.summary(), text)
	}
	assert.Contains(t, s.summary(), "https://ghes.example.com/org/images/actions/runs/4711", "no host is assumed")
	o.holdsNoSecret(withoutMasks(s.everything())+s.read("workspace", "out", "report.html"), "a successful step")
}

func TestWhatFailedIsAnnotatedAndTheOutputsAreStillThere(t *testing.T) {
	t.Parallel()
	o := newOrchestration(t, sandbox.Options{Manual: true})
	s := newStep(t, o, create()).start()
	s.waitFor("BUILD_AMI is running")
	id := s.outputs()["lifecycle_id"]
	o.endEvent(id, `{"status": "COMPLETED"}`)
	s.waitFor("SMOKE_TESTS is running")
	o.endEvent(id, `{"status": "ERROR", "error_message": "Instance i-1 is not reachable.", "stack_trace": "Traceback"}`)
	require.Equal(t, 1, s.end())

	failures := s.commandsNamed("error")
	require.Len(t, failures, 1, s.stderr.String())
	assert.Contains(t, failures[0].data, "Instance i-1 is not reachable.")
	assert.Equal(t, "ERROR", s.outputs()["status"])
	assert.Equal(t, "1.0.0", s.outputs()["semantic_version"])
	assert.Contains(t, s.summary(), "Instance i-1 is not reachable.")
	o.holdsNoSecret(withoutMasks(s.everything()), "a failed step")
}

func TestACancelledStepEndsInTimeWithAllThatItKnows(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		signal syscall.Signal
		code   int
	}{{syscall.SIGINT, 130}, {syscall.SIGTERM, 143}} {
		t.Run(row.signal.String(), func(t *testing.T) {
			o := newOrchestration(t, sandbox.Options{Manual: true})
			s := newStep(t, o, create()).start()
			s.waitFor("BUILD_AMI is running")
			cancelled := time.Now()
			s.signal(row.signal)
			require.Equal(t, row.code, s.end(), s.everything())
			took := time.Since(cancelled)
			t.Logf("ended %s after %s", took.Round(time.Millisecond), row.signal)
			assert.Less(t, took, betweenSignals)

			id := s.outputs()["lifecycle_id"]
			assert.Equal(t, "INTERRUPTED", s.outputs()["status"])
			assert.Equal(t, "BUILD_AMI", s.outputs()["event"])
			resume := "ami-action --operation AMI_WAIT --lifecycleId " + id
			assert.Contains(t, s.stderr.String(), resume)
			assert.Contains(t, s.summary(), "interrupted")
			assert.Equal(t, 1, strings.Count(s.summary(), "with:\n  operation: AMI_WAIT\n  lifecycle_id: "+id+"\n"), "how to go on, once, as a step:\n%s", s.summary())
			o.holdsNoSecret(withoutMasks(s.everything()), "a cancelled step")

			for range 3 {
				o.endEvent(id, `{"status": "COMPLETED"}`)
			}
			again := newStep(t, o, create(), "GITHUB_RUN_ATTEMPT=2")
			require.Equal(t, 0, again.run(), again.everything())
			assert.Equal(t, id, again.outputs()["lifecycle_id"], "a re-run goes on with what the first run started")
			assert.Equal(t, 1, o.requests()["POST /ami-creation/lifecycles"])
		})
	}
}

func TestACancelledStepDoesNotWaitForeverForAResponse(t *testing.T) {
	t.Parallel()
	o := newOrchestration(t, sandbox.Options{Manual: true})
	o.control("faults", `{"route": "POST /ami-creation/lifecycles", "delay": "60s"}`)
	s := newStep(t, o, create()).start()
	s.waitFor("Creating an AMI")
	cancelled := time.Now()
	s.signal(syscall.SIGINT)
	require.Equal(t, 6, s.end(), s.everything())
	t.Logf("ended %s after the signal", time.Since(cancelled).Round(time.Millisecond))
	assert.Less(t, time.Since(cancelled), betweenSignals)
	assert.Equal(t, "UNKNOWN", s.outputs()["status"])
}

func TestATimeOutLeavesItsOutputs(t *testing.T) {
	t.Parallel()
	o := newOrchestration(t, sandbox.Options{Manual: true})
	s := newStep(t, o, with(create(), "wait_timeout", "3s"))
	require.Equal(t, 5, s.run(), s.everything())
	assert.NotEmpty(t, s.outputs()["lifecycle_id"])
	assert.Equal(t, "TIMED_OUT", s.outputs()["status"])
	assert.Contains(t, s.summary(), "with:\n  operation: AMI_WAIT\n  lifecycle_id: "+s.outputs()["lifecycle_id"]+"\n")
}

func TestTextFromOutsideIsNoWorkflowCommand(t *testing.T) {
	t.Parallel()
	o := newOrchestration(t, sandbox.Options{Manual: true})
	s := newStep(t, o, create()).start()
	s.waitFor("BUILD_AMI is running")
	forged := `a\n::set-env name=PATH::/forged\n  ::add-path::/forged\r::stop-commands::forged\n` +
		`text ##[set-output name=lifecycle_id;]forged ##[command]forged\n\u200b::set-output name=forged::1\u0085::debug::forged`
	o.endEvent(s.outputs()["lifecycle_id"],
		`{"status": "ERROR", "error_message": "`+forged+`", "stack_trace": "`+forged+`\nghadelimiter\n"}`)
	require.Equal(t, 1, s.end())

	for _, command := range s.commands() {
		assert.Contains(t, []string{"add-mask", "group", "endgroup", "error"}, command.name, command.String())
	}
	assert.NotContains(t, s.stdout.String()+s.stderr.String(), "##[")
	assert.Contains(t, s.stderr.String(), "/forged", "the text itself is shown")
	assert.NotContains(t, s.outputs(), "forged")
}

func TestAFaultyComponentIsAnnotatedWhereItIsWrong(t *testing.T) {
	t.Parallel()
	o := newOrchestration(t, sandbox.Options{})
	s := newStep(t, o, patchOf("patches/faulty.yaml"))
	put(t, s.path("workspace", "patches", "faulty.yaml"), "name: faulty\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: a\n        action: NoSuchAction\n")
	require.Equal(t, 2, s.run(), s.everything())
	failures := s.commandsNamed("error")
	require.NotEmpty(t, failures, s.stderr.String())
	assert.Contains(t, failures[0].properties, "file=patches/faulty.yaml")
	assert.Regexp(t, `line=\d`, failures[0].properties)
	assert.Zero(t, o.requests()["POST /ami-patch/lifecycles"])
}

func TestAComponentOutsideOfTheWorkspaceIsRefused(t *testing.T) {
	t.Parallel()
	for _, component := range []string{"../file_commands/set_output", "/etc/ssl/certs/ca-certificates.crt", "link.yaml"} {
		o := newOrchestration(t, sandbox.Options{})
		s := newStep(t, o, patchOf(component))
		require.NoError(t, os.Symlink("/etc/ssl/certs/ca-certificates.crt", s.path("workspace", "link.yaml")))
		require.Equal(t, 2, s.run(), s.everything())
		assert.Regexp(t, "outside of the checkout|is outside the workspace", s.stderr.String(), component)
		assert.Empty(t, o.requests(), "nothing is sent")
	}
}

func TestEachLegOfAMatrixFindsItsOwnLifecycleAgain(t *testing.T) {
	t.Parallel()
	o := newOrchestration(t, sandbox.Options{})
	inputs := with(create(), "wait", "false", "poll_interval", "")
	found := map[string]string{}
	for _, leg := range []string{`{"os": "linux"}`, `{"os": "windows"}`} {
		s := newStep(t, o, with(inputs, "matrix", leg))
		require.Equal(t, 0, s.run(), s.everything())
		found[leg] = s.outputs()["lifecycle_id"]
	}
	for leg, id := range found {
		s := newStep(t, o, with(inputs, "matrix", leg), "GITHUB_RUN_ATTEMPT=2")
		require.Equal(t, 0, s.run(), s.everything())
		assert.Equal(t, id, s.outputs()["lifecycle_id"], leg)
	}
	assert.Equal(t, 2, o.requests()["POST /ami-creation/lifecycles"])
}

func patchOf(component string) map[string]string {
	return map[string]string{
		"operation": "AMI_PATCH", "lifecycle_id": "3f0bd60d-8695-4b67-b6a7-2847e38e631d", "events": "AMI_PATCH_ONLY",
		"patch_component": component, "patch_change_description": "Adds Apache Httpd.", "semver_bump_type": "MINOR",
		"notifications": "EMAIL::me@example.com",
	}
}
