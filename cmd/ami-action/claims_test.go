package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

// TestOneImageForOneJobAmongFiveHundred checks what docs/claims.md promises, in a deployment with 3 MB of lifecycles. The
// orchestrator cuts its list at 1 MB, so the promise cannot depend on the list.
func TestOneImageForOneJobAmongFiveHundred(t *testing.T) {
	t.Parallel()
	anyEventTimedOut := on(listRoute, `"status": 500, "times": -1, "body": "{\"error\": \"boom\"}"`)
	rows := []struct {
		what    string
		happens func(t *testing.T, w *world)
		sent    map[string]int
	}{
		{"a retry or a re-run, with texts that have changed",
			func(t *testing.T, w *world) { w.repeated(t, 2) }, map[string]int{createRoute: 1}},
		{"the step is repeated inside one attempt, with texts that have changed",
			func(t *testing.T, w *world) { w.repeated(t, 1) }, map[string]int{createRoute: 1}},
		{"a retry at once after a killed POST",
			func(t *testing.T, w *world) {
				w.killedAtItsCreate(t)
				w.attempt = 2
				second := w.run(t.Context(), w.createArgs()...)
				if second.code != 0 { // the new lifecycle may be beyond the first megabyte of the list
					assert.Equal(t, 6, second.code, second.stderr)
					assert.Contains(t, second.stderr, "it is unknown whether that was started; nothing was sent")
				}
			}, map[string]int{createRoute: 1}},
		{"one event anywhere has timed out, so that the list returns 500",
			func(t *testing.T, w *world) {
				w.post("faults", anyEventTimedOut)
				w.repeated(t, 2)
			}, map[string]int{createRoute: 1}},
		{"a response is lost while the list returns 500",
			func(t *testing.T, w *world) {
				w.post("faults", anyEventTimedOut)
				w.post("faults", on(createRoute, `"reset": true, "after": true`))
				for w.attempt = 1; w.attempt <= 2; w.attempt++ {
					unknown := w.run(t.Context(), w.createArgs()...)
					assert.Equal(t, 6, unknown.code, unknown.stderr)
				}
			}, map[string]int{createRoute: 1}},
		{"two runs ask for the same event of one lifecycle at once",
			func(t *testing.T, w *world) {
				id := w.approved(t)
				w.atOnce(t, "--operation", "AMI_PATCH", "--lifecycleId", id, "--events", "AMI_PATCH_ONLY", "--semverBumpType", "MINOR",
					"--patchComponent", w.path("component.yaml"), "--patchChangeDescription", "Adds.", "--notifications", "EMAIL::me@example.com")
				w.atOnce(t, "--operation", "AMI_PATCH_UPDATE", "--lifecycleId", id, "--events", "SMOKE_TESTS", "--notifications", "EMAIL::me@example.com")
				document := w.status(id)
				assert.Len(t, document.Results(lifecycle.Patching), 2)
				assert.Empty(t, document.PatchOutputs.History.Historical, "one patch, not two")
			}, map[string]int{createRoute: 1, "POST /ami-patch/lifecycles": 1, "PUT /ami-patch/lifecycles": 1}},
	}
	for _, place := range []string{"github", "gitlab"} {
		t.Run(place, func(t *testing.T) {
			t.Parallel()
			large := newWorld(t)
			large.place = place
			_, err := large.server.Seed(t.Context(), sandbox.Seeding{Count: 500, Bytes: 6000})
			require.NoError(t, err)
			for i, row := range rows {
				t.Run(row.what, func(t *testing.T) {
					w := *large
					w.more = []string{fmt.Sprintf("GITHUB_RUN_ID=%d", i), fmt.Sprintf("CI_PIPELINE_ID=%d", i)}
					before := w.arrived()
					row.happens(t, &w)
					after := w.arrived()
					for route, times := range row.sent {
						assert.Equal(t, times, after[route]-before[route], route)
					}
					w.clearFaults()
				})
			}
		})
	}
}

// repeated runs a create, and then runs it again as the given attempt of the job. The second run continues with the
// lifecycle that the first one made.
func (w *world) repeated(t *testing.T, attempt int) {
	t.Helper()
	first := w.run(t.Context(), append(w.createArgs(), "--properties", "BUILT_AT::09:00", "--wait=false")...)
	require.Zero(t, first.code, first.stderr)
	w.attempt = attempt
	second := w.run(t.Context(), append(w.createArgs(), "--properties", "BUILT_AT::10:00", "--owner", "another")...)
	require.Zero(t, second.code, second.stderr)
	assert.Equal(t, strings.TrimSpace(first.stdout), strings.TrimSpace(second.stdout))
}

// killedAtItsCreate runs a create in a process that is killed after the orchestrator has carried out the request and
// before the response arrives.
func (w *world) killedAtItsCreate(t *testing.T) {
	t.Helper()
	gate := newKillingGate(w, false)
	gate.counts = func(r *http.Request) bool {
		return r.Method == http.MethodPost && r.URL.Path == sandbox.Stage+"/ami-creation/lifecycles"
	}
	j := gate.job(t, 0)
	j.dir, j.variables = w.dir, slices.Concat(w.environ(), w.more)
	struck := gate.killAt(1, func() {
		code, _, stderr := j.run(w.attempt, 0, w.createArgs())
		require.Equal(t, -1, code, "it ended before it was killed: %s", stderr)
	}, j)
	require.True(t, struck, "it has not sent its create")
}

// approved makes a lifecycle that can be patched, and returns its id.
func (w *world) approved(t testing.TB) (id string) {
	t.Helper()
	require.NoError(t, os.WriteFile(w.path("component.yaml"), []byte(component), 0o600))
	made := w.run(t.Context(), append(w.createArgs(), "--events", "VULNERABILITY_SCANS", "--events", "QA_CERTIFICATION_REQUEST")...)
	require.Zero(t, made.code, made.stderr)
	id = lifecycleID.FindString(made.stdout)
	for _, verdict := range [][]string{
		{"--operation", "AMI_QA_CERTIFICATION", "--certificationStatus", "CERTIFIED"},
		{"--operation", "AMI_APPROVAL_CREATE", "--approvalStatusAmiCreation", "APPROVED"},
	} {
		recorded := w.run(t.Context(), append(verdict, "--lifecycleId", id)...)
		require.Zero(t, recorded.code, recorded.stderr)
	}
	return id
}

// atOnce runs the same command at the same time in this job and in a job of another run. Both see the lifecycle in the same
// state before one of them changes it, and both must succeed.
func (w *world) atOnce(t *testing.T, args ...string) {
	t.Helper()
	this, other := *w, *w
	other.more = []string{"GITHUB_RUN_ID=100", "CI_PIPELINE_ID=100", "CI_JOB_ID=100"}
	this.endpoint = w.meetingAtFirstLook(t)
	other.endpoint = this.endpoint
	var runs sync.WaitGroup
	for _, job := range []*world{&this, &other} {
		runs.Go(func() {
			ended := job.run(t.Context(), args...)
			assert.Zero(t, ended.code, ended.stderr)
		})
	}
	runs.Wait()
}

// meetingAtFirstLook returns an endpoint of the orchestrator that holds back the first status document until the second one
// is there too.
func (w *world) meetingAtFirstLook(t *testing.T) string {
	t.Helper()
	target, err := url.Parse(w.server.URL())
	require.NoError(t, err)
	var looks atomic.Int32
	both := make(chan struct{})
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Request.Method != http.MethodGet || !strings.HasSuffix(r.Request.URL.Path, "/status") {
			return nil
		}
		if looks.Add(1) == 2 {
			close(both)
		}
		select {
		case <-both:
		case <-r.Request.Context().Done():
		}
		return nil
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	return server.URL + sandbox.Stage
}
