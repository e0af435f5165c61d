package main

import (
	"encoding/json"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/sandbox"
)

// clock is the sandbox's clock. A test moves it, so that hours in the sandbox take no time in the test.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// newSlowWorld starts a sandbox whose events take 40 minutes of its clock. The clock is a day behind: a wait ignores
// the age of such an old event, so it looks behind the status document at once.
func newSlowWorld(t *testing.T, change func(*sandbox.Options)) (*world, *clock) {
	t.Helper()
	c := &clock{now: time.Now().Add(-24 * time.Hour)}
	w := newWorld(t, func(o *sandbox.Options) {
		o.EventDuration, o.QueueDelay, o.Now = 40*time.Minute, time.Second, c.time
		change(o)
	})
	w.limits, w.client = action.DefaultLimits(), orchestrator.Options{}
	return w, c
}

// startCreate starts a create without waiting for it, and returns the lifecycle's id. more are further arguments, such
// as the events.
func (w *world) startCreate(more ...string) string {
	w.t.Helper()
	args := append([]string{"--operation", "AMI_CREATE", "--owner", "me", "--stackTag", "main", "--productName", "Demo",
		"--productVer", "1.0.0", "--notifications", "EMAIL::me@example.com", "--wait=false"}, more...)
	e := w.run(w.t.Context(), args...)
	require.Zero(w.t, e.code, "%s", e.stderr)
	return strings.TrimSpace(e.stdout)
}

// ask runs an operation on a lifecycle without waiting for its event.
func (w *world) ask(id string, args ...string) {
	w.t.Helper()
	e := w.run(w.t.Context(), append(args, "--lifecycleId", id, "--stackTag", "main", "--wait=false")...)
	require.Zero(w.t, e.code, "%s", e.stderr)
}

func (w *world) approve(c *clock, id string) {
	w.t.Helper()
	c.move(3 * time.Hour)
	w.ask(id, "--operation", "AMI_QA_CERTIFICATION", "--certificationStatus", "CERTIFIED")
	c.move(time.Minute)
	w.ask(id, "--operation", "AMI_APPROVAL_CREATE", "--approvalStatusAmiCreation", "APPROVED")
}

var allEvents = []string{"--events", "SMOKE_TESTS", "--events", "VULNERABILITY_SCANS", "--events", "QA_CERTIFICATION_REQUEST"}

// TestAnEventThatFailsInSilenceEndsItsWait covers the failures that the status document never shows. The wait ends
// anyway, and the operation that shows the lifecycle reports the failure too.
func TestAnEventThatFailsInSilenceEndsItsWait(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options func(*sandbox.Options)
		start   func(*world, *clock) string
		event   string
		says    []string
	}{
		"a build's image": {
			func(o *sandbox.Options) { o.FailBehind = []lifecycle.Event{lifecycle.BuildAMI} },
			func(w *world, c *clock) string { return w.startCreate("--events", "AMI_BUILD_ONLY") },
			"BUILD_AMI",
			[]string{"is FAILED in EC2 Image Builder (ApplyBuildComponents, phase build, step InstallPackages, exit code 1)", "CmdExecution: ExitCode 1"},
		},
		"a patch's image": {
			func(o *sandbox.Options) { o.FailBehind = []lifecycle.Event{lifecycle.PatchAMI} },
			func(w *world, c *clock) string {
				id := w.startCreate(allEvents...)
				w.approve(c, id)
				c.move(time.Hour)
				w.ask(id, "--operation", "AMI_PATCH", "--events", "AMI_PATCH_ONLY", "--owner", "me", "--notifications", "EMAIL::me@example.com",
					"--patchComponent", w.component(), "--patchChangeDescription", "x", "--semverBumpType", "PATCH")
				return id
			},
			"PATCH_AMI", []string{"is FAILED in EC2 Image Builder (ApplyBuildComponents", "CmdExecution: ExitCode 1"},
		},
		"an execution that a person stops": {
			func(o *sandbox.Options) { o.Abort = []lifecycle.Event{lifecycle.BuildAMI} },
			func(w *world, c *clock) string { return w.startCreate("--events", "AMI_BUILD_ONLY") },
			"BUILD_AMI", []string{"ABORTED"},
		},
		"an export": {
			func(o *sandbox.Options) { o.FailBehind = []lifecycle.Event{lifecycle.QACertificationRequest} },
			func(w *world, c *clock) string {
				id := w.startCreate(allEvents...)
				c.move(2*time.Hour + time.Minute)
				return id
			},
			"QA_CERTIFICATION_REQUEST", []string{"DELETED"},
		},
		"a backup": {
			func(o *sandbox.Options) { o.FailBehind = []lifecycle.Event{lifecycle.MarkForProductionCreate} },
			func(w *world, c *clock) string {
				id := w.startCreate(allEvents...)
				w.approve(c, id)
				return id
			},
			"MARK_FOR_PRODUCTION", []string{"FAILED"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, clock := newSlowWorld(t, c.options)
			id := c.start(w, clock)
			clock.move(30 * time.Minute)
			require.True(t, w.status(id).Running.IsRunning(), "the document knows nothing")

			e := w.run(t.Context(), "--operation", "AMI_WAIT", "--lifecycleId", id, "--events", c.event, "--reportFile", "report.html")
			require.Equal(t, 1, e.code, "%s", e.stderr)
			require.Contains(t, e.stderr, c.event+" ended in an error: ")
			require.Contains(t, e.stderr, "; the orchestrator continues to show "+c.event+" as in progress until ")
			for _, text := range c.says {
				require.Contains(t, e.stderr, text)
			}
			require.Equal(t, "ERROR", w.outputs()["status"])
			summary, err := os.ReadFile(w.path("summary.md"))
			require.NoError(t, err)
			require.Contains(t, string(summary), "the orchestrator continues to show")
			page, err := os.ReadFile(w.path("report.html"))
			require.NoError(t, err)
			require.Contains(t, string(page), `<div class="name step">`, "what was seen inside the event")
			w.requireNoSecret(e, w.secrets())

			shown := w.run(t.Context(), "--operation", "AMI_GET_STATUS_BY_LIFECYCLE_ID", "--lifecycleId", id)
			require.Zero(t, shown.code)
			require.Contains(t, shown.stderr, c.event+" is shown as in progress, but can never complete: ")
			require.Contains(t, strings.Join(strings.Fields(shown.stdout), " "), c.says[0])
		})
	}
}

// TestAWaitGoesOnWithoutALook checks that looking behind the status document is optional. Whatever AWS returns, the wait
// follows the document, and prints at most one more line.
func TestAWaitGoesOnWithoutALook(t *testing.T) {
	t.Parallel()
	routes := []string{
		"states DescribeExecution", "states GetExecutionHistory", "imagebuilder GetImage", "imagebuilder ListWorkflowExecutions",
		"imagebuilder ListWorkflowStepExecutions", "logs GetLogEvents",
	}
	type fault func(hostile string) map[string]any
	awsError := func(code string) fault {
		return func(hostile string) map[string]any {
			body, _ := json.Marshal(map[string]string{"__type": code, "message": hostile})
			return map[string]any{"status": 400, "body": string(body), "headers": map[string]string{"X-Amzn-Errortype": code}}
		}
	}
	succeeding := func(hostile string) map[string]any {
		body, _ := json.Marshal(map[string]any{
			"status": hostile, "cause": hostile, "error": hostile, "events": []any{map[string]any{
				"id": 1, "type": "TaskStateEntered", "timestamp": 1, "stateEnteredEventDetails": map[string]any{"name": hostile, "input": hostile},
			}},
		})
		return map[string]any{"status": 200, "body": string(body)}
	}
	for name, c := range map[string]struct {
		fault fault
		more  []string
		says  string // part of the additional line; "" if there is none
	}{
		"denied": {
			func(string) map[string]any { return map[string]any{"deny": true} }, nil,
			"Optional permissions are missing: allow states:DescribeExecution",
		},
		"throttled":           {awsError("ThrottlingException"), nil, ""},
		"expired credentials": {awsError("ExpiredTokenException"), nil, "The AWS credentials have expired: from now on only the status document shows the progress"},
		"not wanted":          {nil, []string{"--insight=false"}, ""},
		"hostile":             {succeeding, nil, "BUILD_AMI: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, clock := newSlowWorld(t, func(*sandbox.Options) {})
			id := w.startCreate("--events", "AMI_BUILD_ONLY")
			clock.move(30 * time.Minute)
			// The key that the wait polls with, and a receiver's key, as in the input of the state machine.
			hostile := w.secret("ami_creation_status_api_key") + ` {"api_key": "` + canary("receiver") + `"}` + "\r\n::error::forged\n##[error]forged\x1b[2J"
			for _, route := range routes {
				if c.fault != nil {
					fault := c.fault(hostile)
					fault["route"], fault["times"] = route, -1
					body, err := json.Marshal(fault)
					require.NoError(t, err)
					w.post("faults", string(body))
				}
			}
			done := make(chan ended, 1)
			go func() {
				done <- w.run(t.Context(), append([]string{"--operation", "AMI_WAIT", "--lifecycleId", id}, c.more...)...)
			}()
			looks := func() (n int) {
				arrived := w.arrived()
				for _, route := range routes {
					n += arrived[route]
				}
				return n
			}
			polls := func() int { return w.arrived()["GET /ami-creation/lifecycles/{id}/status"] }
			require.Eventually(t, func() bool { return polls() > 1 && (c.fault == nil || looks() > 0) }, time.Minute, 5*time.Millisecond)
			before := polls() // the second poll after the look reports what it found
			require.Eventually(t, func() bool { return polls() > before+1 }, time.Minute, 5*time.Millisecond)
			clock.move(time.Hour)
			e := <-done
			require.Zero(t, e.code, "%s", e.stderr)
			assert.Contains(t, e.stderr, "BUILD_AMI completed")
			assert.Equal(t, "COMPLETED", w.outputs()["status"])
			more := 0
			if c.says != "" {
				more = 1
				assert.Equal(t, 1, strings.Count(e.stderr, c.says), "%s", e.stderr)
			}
			assert.Equal(t, 7+more, strings.Count(e.stderr, "\n"), "%s", e.stderr)
			assert.NotContains(t, e.stderr, "\n::error::forged")
			assert.NotContains(t, e.stderr, "##[error]forged")
			assert.NotContains(t, e.stderr, "\x1b")
			w.requireNoCanary(e, nil)
			w.requireNoSecret(e, w.secrets())
			assert.Equal(t, c.fault != nil, looks() > 0, "somebody looked")
		})
	}
}
