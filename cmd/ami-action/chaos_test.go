package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

// status gets the status of a lifecycle from the API, as any client would.
func (w *world) status(id string) *lifecycle.Document {
	w.t.Helper()
	response, err := http.Get(w.server.URL() + sandbox.Stage + "/ami-creation/lifecycles/" + id + "/status?api_key=" +
		w.secret("ami_creation_status_api_key"))
	require.NoError(w.t, err)
	defer response.Body.Close()
	var raw json.RawMessage
	require.NoError(w.t, json.NewDecoder(response.Body).Decode(&raw))
	document, err := lifecycle.Decode(raw)
	require.NoError(w.t, err)
	return document
}

const component = `name: Httpd
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Install
        action: ExecuteBash
        inputs:
          commands: [yum install -y httpd]
`

// step is one operation of a lifecycle, and the route of its request.
type step struct {
	route string
	args  []string
	// loses is set if the command cannot tell a lost request from one that is still in progress.
	loses bool
}

func (w *world) steps(id string) []step {
	require.NoError(w.t, os.WriteFile(w.path("component.yaml"), []byte(component), 0o644))
	of := func(args ...string) []string { return append(args, "--lifecycleId", id) }
	notify := []string{"--notifications", "EMAIL::me@example.com"}
	return []step{
		{"PUT /ami-creation/lifecycles", of(append(notify, "--operation", "AMI_CREATE_UPDATE", "--events", "VULNERABILITY_SCANS", "--events", "QA_CERTIFICATION_REQUEST")...), false},
		{"POST /ami-creation/lifecycles/{id}/certify", of("--operation", "AMI_QA_CERTIFICATION", "--certificationStatus", "CERTIFIED"), true},
		{"POST /ami-creation/lifecycles/{id}/approve", of("--operation", "AMI_APPROVAL_CREATE", "--approvalStatusAmiCreation", "APPROVED"), false},
		{"POST /ami-patch/lifecycles", of(append(notify, "--operation", "AMI_PATCH", "--events", "AMI_PATCH_ONLY", "--semverBumpType", "MINOR",
			"--patchComponent", "component.yaml", "--patchChangeDescription", "Adds.")...), false},
		{"PUT /ami-patch/lifecycles", of(append(notify, "--operation", "AMI_PATCH_UPDATE", "--events", "SMOKE_TESTS", "--events", "VULNERABILITY_SCANS")...), false},
		{"POST /ami-patch/lifecycles/{id}/approve", of("--operation", "AMI_APPROVAL_PATCH", "--approvalStatusAmiPatch", "APPROVED"), false},
	}
}

// TestNoOperationIsDoneTwice cuts the connection of every operation, after its work and before it. In the
// end each event has completed once: a second result would make the lifecycle unpatchable forever.
func TestNoOperationIsDoneTwice(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"after", "before"} {
		t.Run("lost "+when+" the work", func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			created := w.run(t.Context(), w.createArgs()...)
			require.Zero(t, created.code, created.stderr)
			id := strings.TrimSpace(created.stdout)

			for _, step := range w.steps(id) {
				w.attempt = 1
				sent := w.arrived()[step.route]
				w.post("faults", on(step.route, fmt.Sprintf(`"reset": true, "after": %t`, when == "after")))
				got := w.run(t.Context(), step.args...)
				sent = w.arrived()[step.route] - sent

				switch {
				case when == "after":
					require.Zero(t, got.code, got.stderr)
					require.Equal(t, 1, sent, "sent once, and found")
				case step.loses:
					require.Equal(t, exitcode.Unknown, got.code, got.stderr)
					require.Equal(t, 1, sent, "a second one could spoil the lifecycle")
					w.attempt = 2
					got = w.run(t.Context(), step.args...)
					require.Zero(t, got.code, got.stderr)
				default:
					require.Zero(t, got.code, got.stderr)
					require.Equal(t, 2, sent, "proven lost, and sent again")
				}
			}
			document := w.status(id)
			assert.Len(t, document.Results(lifecycle.Creation), 6)
			assert.Len(t, document.Results(lifecycle.Patching), 4)
			for _, event := range append(lifecycle.Creation.Order(), lifecycle.Patching.Order()...) {
				assert.True(t, document.HasCompleted(event), event)
			}
		})
	}
}

// TestAThousandCreatesMakeAThousandLifecycles injects a random fault into each create. Each create either succeeds and
// has made exactly one lifecycle, or reports that the result is unknown and has made at most one, or reports that nothing
// was sent and has made none.
func TestAThousandCreatesMakeAThousandLifecycles(t *testing.T) {
	t.Parallel()
	creates, sandboxes := chaos("AMI_CHAOS_CREATES", 60), 10
	seed := chaosSeed(t)
	drawn := []string{
		`"reset": true`, `"reset": true, "after": true`, `"truncate": true, "after": true`,
		`"status": 500`, `"status": 500, "after": true`, `"status": 502`, `"status": 502, "after": true`,
		`"status": 503, "after": true`, `"status": 504`, `"status": 504, "after": true`, `"status": 429`,
		`"status": 200, "body": "<html>", "after": true`, lateResponse + `, "after": true`, `"status": 200, "body": "null", "after": true`,
	}
	for part := range sandboxes {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, uint64(part)))
			w := newWorld(t)
			shortTimeout(w)
			made, unknown, none := map[string]string{}, map[string]bool{}, map[string]bool{}
			for i := range creates / sandboxes {
				w.clearFaults()
				product := fmt.Sprintf("Product %d", i)
				w.post("faults", on(createRoute, drawn[random.IntN(len(drawn))]))
				if random.IntN(10) == 0 {
					w.post("faults", on(createRoute, drawn[random.IntN(len(drawn))]))
				}
				if random.IntN(20) == 0 {
					w.post("faults", on(listRoute, `"status": 500, "times": -1, "body": "{\"error\": \"boom\"}"`))
				}
				got := w.run(t.Context(), "--operation", "AMI_CREATE", "--events", "AMI_BUILD_ONLY", "--productName", product,
					"--productVer", "1.0.0", "--notifications", "EMAIL::me@example.com", "--wait=false")
				switch got.code {
				case exitcode.OK:
					made[product] = strings.TrimSpace(got.stdout)
				case exitcode.Unknown:
					unknown[product] = true
				case exitcode.Unavailable: // on a busy machine, the renewal of a claim may come too late
					require.Contains(t, got.stderr, "nothing was sent: run this again")
					none[product] = true
				default:
					t.Fatalf("%s ended with %d: %s", product, got.code, got.stderr)
				}
			}
			w.clearFaults()
			there := map[string][]string{}
			for _, id := range w.lifecycles() {
				product := w.status(id).ProductName
				there[product] = append(there[product], id)
			}
			for product, id := range made {
				assert.Equal(t, []string{id}, there[product], product)
			}
			for product := range unknown {
				assert.LessOrEqual(t, len(there[product]), 1, product)
			}
			for product := range none {
				assert.Empty(t, there[product], product)
			}
			assert.Equal(t, creates/sandboxes, len(made)+len(unknown)+len(none))
			t.Logf("%d made, %d unknown, %d not sent", len(made), len(unknown), len(none))
		})
	}
}

// chaosSeed returns the seed of the random faults. AMI_CHAOS_SEED repeats those of an earlier run.
func chaosSeed(t *testing.T) uint64 {
	t.Helper()
	seed, err := strconv.ParseUint(os.Getenv("AMI_CHAOS_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("AMI_CHAOS_SEED=%d", seed)
	return seed
}

// chaos returns the number that the environment variable holds, or little if it is not set.
func chaos(variable string, little int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil {
		return n
	}
	return little
}

var lifecycleID = regexp.MustCompile(`(?m)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
