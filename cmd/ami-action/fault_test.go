package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

var update = flag.Bool("update", false, "rewrite docs/reliability.md from the rows of the table of faults")

// fault is one row of the table: what goes wrong at which request, and what the result is. The table in
// docs/reliability.md is generated from the rows.
type fault struct {
	what, at string
	// then describes what happens, for the documentation.
	then string
	code int
	// writes is the number of requests that reached the orchestrator and change something. lifecycles is the
	// number of lifecycles in the end.
	writes, lifecycles int
	// says is a part of stderr: of the progress or of the error.
	says string

	prepare func(w *world)
	options func(*sandbox.Options)
	args    []string
}

const (
	createRoute = "POST /ami-creation/lifecycles"
	statusRoute = "GET /ami-creation/lifecycles/{id}/status"
	listRoute   = "GET /ami-creation/lifecycles/status"

	atCreate = "create"
	atPoll   = "a poll during the wait"
	atLookUp = "looking up the deployment"
)

func (w *world) createArgs() []string {
	return []string{
		"--operation", "AMI_CREATE", "--events", "SMOKE_TESTS", "--productName", "Demo", "--productVer", "1.0.0",
		"--notifications", "EMAIL::me@example.com", "--reportFile", w.path("report.html"),
	}
}

// with returns a function that injects faults into the sandbox.
func with(faults ...string) func(*world) {
	return func(w *world) {
		for _, f := range faults {
			w.post("faults", f)
		}
	}
}

// both returns a function that calls first and then second.
func both(first, second func(*world)) func(*world) {
	return func(w *world) {
		first(w)
		second(w)
	}
}

// on returns the JSON of a fault of the sandbox at the route. members are its other members.
func on(route, members string) string { return fmt.Sprintf(`{"route": %q, %s}`, route, members) }

func faults() []fault {
	page := `"body": "<html><body>Sign in to the proxy</body></html>"`
	rows := []fault{
		// A create without a response, or with one that cannot be used.
		{what: "the connection is refused", at: atCreate, code: 4, says: "no usable response",
			then: "nothing was sent, and the job says so",
			prepare: func(w *world) {
				closed := httptest.NewServer(http.NotFoundHandler())
				w.endpoint = closed.URL
				closed.Close()
			}},
		{what: "the connection is cut before the work", at: atCreate, writes: 2, lifecycles: 1, says: "It was not done: sending it again",
			then: "the statuses are searched; it was not done, so it is sent again", prepare: with(on(createRoute, `"reset": true`))},
		{what: "the connection is cut after the work", at: atCreate, writes: 1, lifecycles: 1, says: "It was done: lifecycle",
			then: "the statuses are searched, and the lifecycle is adopted", prepare: with(on(createRoute, `"reset": true, "after": true`))},
		{what: "the response is cut short", at: atCreate, writes: 1, lifecycles: 1, says: "It was done: lifecycle",
			then: "the lifecycle is found and adopted", prepare: with(on(createRoute, `"truncate": true, "after": true`))},
		{what: "the response comes too late", at: atCreate, writes: 1, lifecycles: 1, says: "It was done: lifecycle",
			then: "the lifecycle is found and adopted", prepare: both(shortTimeout, with(on(createRoute, lateResponse+`, "after": true`)))},
		{what: "the response is a page of HTML", at: atCreate, writes: 1, lifecycles: 1, says: "It was done: lifecycle",
			then: "the lifecycle is found and adopted", prepare: with(on(createRoute, `"status": 200, "after": true, `+page))},
		{what: "the response is JSON of another shape", at: atCreate, writes: 1, lifecycles: 1, says: "It was done: lifecycle",
			then: "the lifecycle is found and adopted", prepare: with(on(createRoute, `"status": 200, "after": true, "body": "[{\"lifecycle_id\": 5}]"`))},
		{what: "500 without an error, and the list returns 500", at: atCreate, code: 6, writes: 1, lifecycles: 1, says: "it is unknown whether",
			then:    "it is unknown whether it was done; nothing is sent twice",
			prepare: with(on(createRoute, `"status": 500, "after": true`), on(listRoute, `"status": 500, "times": -1, "body": "{\"error\": \"boom\"}"`))},
		{what: "lost, and the list may have been cut at 1 MB", at: atCreate, code: 6, writes: 1, says: "it is unknown whether",
			then: "a list without it proves nothing; nothing is sent twice", prepare: func(w *world) {
				long := `[{"lifecycle_id": "someone-elses", "owner": "` + strings.Repeat("x", 800_000) + `"}]`
				w.post("faults", on(createRoute, `"reset": true`))
				w.post("faults", on(listRoute, fmt.Sprintf(`"status": 200, "times": -1, "body": %q`, long)))
			}},
		{what: "lost three times, provably", at: atCreate, code: 4, writes: 3, says: "AMI_CREATE was sent 3 times without a usable response, and was not carried out",
			then: "it gives up; nothing was started", prepare: with(on(createRoute, `"reset": true, "times": -1`))},
		{what: "500 with an error", at: atCreate, code: 3, writes: 1, says: "no capacity left",
			then: "it is refused, so it is not sent again", prepare: with(on(createRoute, `"status": 500, "body": "{\"error\": \"no capacity left\"}"`))},
		{what: "429 with Retry-After", at: atCreate, writes: 2, lifecycles: 1, says: "BUILD_AMI completed",
			then:    "the orchestrator has not seen it: it is sent again after that time",
			prepare: with(on(createRoute, `"status": 429, "headers": {"Retry-After": "0"}`))},
		{what: "429 without Retry-After", at: atCreate, writes: 2, lifecycles: 1, says: "BUILD_AMI completed",
			then: "the orchestrator has not seen it: it is sent again after a moment", prepare: with(on(createRoute, `"status": 429`))},
		{what: "413", at: atCreate, code: 4, writes: 1, says: "make the request smaller",
			then: "the gateway has refused it; nothing was started", prepare: with(on(createRoute, `"status": 413`))},
		{what: "a redirect to another host", at: atCreate, code: 4, writes: 3, says: "redirect",
			then:    "it is not followed, to protect the API key",
			prepare: with(on(createRoute, `"status": 307, "times": -1, "headers": {"Location": "http://127.0.0.2:9/"}`))},

		// Polls.
		{what: "404, as for a route that is not there", at: atPoll, code: 4, writes: 1, lifecycles: 1, says: "AMI_WAIT --lifecycleId",
			then:    "it keeps asking for a while, then says how to go on",
			prepare: with(on(statusRoute, `"status": 404, "times": -1`))},
		{what: "no usable response for longer than the budget", at: atPoll, code: 4, writes: 1, lifecycles: 1, says: "no status for",
			then: "the wait gives up and says how to go on; the event continues", prepare: with(on(statusRoute, `"status": 502, "times": -1`))},
		{what: "an unknown status", at: atPoll, code: 1, writes: 1, lifecycles: 1, says: `unknown status "PONDERING"`,
			then: "an error with the raw value, never a silent loop", prepare: rewritten(func(document map[string]any) {
				document["event_in_progress"] = map[string]any{"name": "BUILD_AMI", "status": "PONDERING"}
				delete(document, "outputs_ami_creation") // a late first poll would find results here
			})},
		{what: "unknown members", at: atPoll, writes: 1, lifecycles: 1, says: "SMOKE_TESTS completed",
			then: "they are ignored", prepare: rewritten(func(document map[string]any) {
				document["a_member_of_tomorrow"] = map[string]any{"a": []int{1, 2}}
			})},
		{what: "50 MB of JSON", at: atPoll, code: 4, writes: 1, lifecycles: 1, says: "larger than 4 MB",
			then: "it is not read to its end", prepare: func(w *world) {
				w.endpoint = proxyTo(w, func(rw http.ResponseWriter, r *http.Request) bool {
					if !isStatusOfOne(r) {
						return false
					}
					fmt.Fprint(rw, `{"lifecycle_id": "a", "owner": "`)
					megabyte := []byte(strings.Repeat("x", 1<<20))
					for range 50 {
						if _, err := rw.Write(megabyte); err != nil {
							return true
						}
					}
					return true
				})
			}},
		{what: "every key is replaced", at: atPoll, writes: 1, lifecycles: 1, says: "SMOKE_TESTS completed",
			then:    "the new key is fetched, and the wait continues",
			prepare: onFirstPoll(func(w *world) { w.post("keys/rotate", "") })},
		{what: "the AWS credentials have expired", at: atPoll, writes: 1, lifecycles: 1, says: "SMOKE_TESTS completed",
			then: "all keys were fetched before the wait began: it does not need AWS", prepare: onFirstPoll(func(w *world) {
				w.post("faults", expired)
			})},
		{what: "every key is replaced, and the AWS credentials have expired", at: atPoll, code: 4, writes: 1, lifecycles: 1, says: "AMI_WAIT --lifecycleId",
			then: "the new key cannot be fetched: the wait gives up and says how to go on", prepare: onFirstPoll(func(w *world) {
				w.post("faults", expired)
				w.post("keys/rotate", "")
			})},
		{what: "a redirect to another host", at: atPoll, code: 4, writes: 1, lifecycles: 1, says: "AMI_WAIT --lifecycleId",
			then:    "it is not followed, to protect the API key",
			prepare: with(on(statusRoute, `"status": 307, "times": -1, "headers": {"Location": "http://127.0.0.2:9/"}`))},
		{what: "the server's clock is five hours ahead", at: atPoll, writes: 1, lifecycles: 1, says: "SMOKE_TESTS completed",
			then:    "dates are shown, never relied upon",
			options: func(o *sandbox.Options) { o.Now = func() time.Time { return time.Now().Add(5 * time.Hour) } }},
		{what: "the server's clock is five hours behind", at: atPoll, writes: 1, lifecycles: 1, says: "SMOKE_TESTS completed",
			then:    "dates are shown, never relied upon",
			options: func(o *sandbox.Options) { o.Now = func() time.Time { return time.Now().Add(-5 * time.Hour) } }},
		{what: "a wrong certificate", at: atCreate, code: 4, says: "certificate",
			then: "nothing is sent", prepare: func(w *world) {
				stranger := httptest.NewTLSServer(http.NotFoundHandler())
				w.t.Cleanup(stranger.Close)
				w.endpoint = stranger.URL
			}},

		// The event itself.
		{what: "the event ends in an error", at: "the build", code: 1, writes: 1, lifecycles: 1, says: "BUILD_AMI ended in an error",
			then: "the job fails with the orchestrator's reason and the next step", options: failing("BUILD_AMI")},
		{what: "nothing is in progress, and nothing comes", at: "between two events", code: 1, writes: 1, lifecycles: 1, says: "has stalled",
			then: "the wait says that the lifecycle has stalled", prepare: rewritten(func(document map[string]any) {
				delete(document, "event_in_progress")
				delete(document, "outputs_ami_creation")
			})},

		// Looking up the deployment.
		{what: "CloudFormation denies access", at: atLookUp, code: 4, says: "cloudformation:DescribeStacks",
			then: "nothing is sent; the missing permission is named", prepare: with(on("cloudformation DescribeStacks",
				`"status": 403, "times": -1, "body": "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>"`))},
		{what: "the stack is not there", at: atLookUp, code: 4, says: "--stackName",
			then: "nothing is sent; the setting is named", args: []string{"--stackName", "Elsewhere"}},
		{what: "a secret is not there", at: atLookUp, code: 4, says: "/other/prefix/",
			then: "nothing is sent; the secret is named", args: []string{"--apiKeyPrefix", "/other/prefix/"}},
		{what: "the credentials have expired", at: atLookUp, code: 4, says: "expired",
			then: "nothing is sent", prepare: with(expired)},
	}
	for _, status := range []int{502, 503, 504} {
		rows = append(rows,
			fault{what: fmt.Sprintf("%d before the work", status), at: atCreate, writes: 2, lifecycles: 1, says: "It was not done: sending it again",
				then: "it was not done, so it is sent again", prepare: with(on(createRoute, fmt.Sprintf(`"status": %d`, status)))},
			fault{what: fmt.Sprintf("%d after the work", status), at: atCreate, writes: 1, lifecycles: 1, says: "It was done: lifecycle",
				then: "the lifecycle is found and adopted", prepare: with(on(createRoute, fmt.Sprintf(`"status": %d, "after": true`, status)))},
		)
	}
	for _, poll := range []struct{ what, members string }{
		{"429", `"status": 429`},
		{"500 with an error", `"status": 500, "body": "{\"error\": \"internal\"}"`},
		{"500 without an error", `"status": 500`},
		{"502", `"status": 502`},
		{"503", `"status": 503`},
		{"504", `"status": 504`},
		{"the connection is cut", `"reset": true`},
		{"the response is cut short", `"truncate": true`},
		{"a page of HTML", `"status": 200, ` + page},
		{"JSON of another shape", `"status": 200, "body": "[1, 2, 3]"`},
		{"a response about another lifecycle", `"status": 200, "body": "{\"lifecycle_id\": \"another\"}"`},
		{"the response comes too late", lateResponse},
	} {
		rows = append(rows, fault{what: poll.what, at: atPoll, writes: 1, lifecycles: 1, says: "SMOKE_TESTS completed",
			then: "a failed poll is not a failed event: it asks again", prepare: both(shortTimeout, with(on(statusRoute, poll.members)))})
	}
	return rows
}

func failing(event lifecycle.Event) func(*sandbox.Options) {
	return func(o *sandbox.Options) { o.Error = append(o.Error, event) }
}

// expired makes AWS refuse every look-up of a key from now on.
var expired = on("secretsmanager GetSecretValue", `"status": 400, "times": -1, `+
	`"body": "{\"__type\": \"ExpiredTokenException\", \"message\": \"The security token included in the request is expired\"}"`)

// onFirstPoll returns a function that makes happen run just before the response to the first poll.
func onFirstPoll(happen func(*world)) func(*world) {
	return func(w *world) {
		var once sync.Once
		w.endpoint = proxyTo(w, func(_ http.ResponseWriter, r *http.Request) bool {
			if isStatusOfOne(r) {
				once.Do(func() { happen(w) })
			}
			return false
		})
	}
}

// isStatusOfOne reports whether the request asks for the status of one lifecycle.
func isStatusOfOne(r *http.Request) bool {
	return strings.HasSuffix(r.URL.Path, "/status") && !strings.HasSuffix(r.URL.Path, "/lifecycles/status")
}

// proxyTo starts a server in front of the sandbox's API and returns its base URL. intercept returns true if it has
// written the response itself.
func proxyTo(w *world, intercept func(http.ResponseWriter, *http.Request) bool) string {
	target, err := url.Parse(w.server.URL())
	require.NoError(w.t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !intercept(rw, r) {
			proxy.ServeHTTP(rw, r)
		}
	}))
	w.t.Cleanup(server.Close)
	return server.URL + sandbox.Stage
}

// rewritten returns a function that puts a proxy in front of the API. The proxy applies change to the status document of
// every lifecycle that is asked for.
func rewritten(change func(document map[string]any)) func(*world) {
	return func(w *world) {
		w.endpoint = proxyTo(w, func(rw http.ResponseWriter, r *http.Request) bool {
			if !isStatusOfOne(r) {
				return false
			}
			response, err := http.Get(w.server.URL() + r.URL.RequestURI())
			if err != nil {
				return false
			}
			defer response.Body.Close()
			var document map[string]any
			if json.NewDecoder(response.Body).Decode(&document) != nil {
				return false
			}
			change(document)
			return json.NewEncoder(rw).Encode(document) == nil
		})
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for _, row := range faults() {
		t.Run(row.at+"/"+row.what, func(t *testing.T) {
			t.Parallel()
			var options []func(*sandbox.Options)
			if row.options != nil {
				options = append(options, row.options)
			}
			w := newWorld(t, options...)
			secrets := w.secrets()
			if row.prepare != nil {
				row.prepare(w)
			}
			got := w.run(t.Context(), append(w.createArgs(), row.args...)...)

			assert.Equal(t, row.code, got.code, got.stderr)
			assert.Contains(t, got.stderr, row.says)
			assert.Equal(t, row.writes, w.writes(), "requests that change something")
			w.clearFaults()
			ids := w.lifecycles()
			require.Len(t, ids, row.lifecycles, "lifecycles")
			if row.lifecycles == 1 && row.code != exitcode.Unknown {
				assert.Contains(t, got.stdout, ids[0], "the lifecycle id is on stdout, whatever comes after")
				output, err := os.ReadFile(w.path("output"))
				require.NoError(t, err)
				assert.Contains(t, string(output), ids[0], "and in the outputs")
			}
			w.requireNoSecret(got, append(secrets, w.secrets()...))
		})
	}
}

// TestTheDocumentedTableOfFaultsIsTheTestedOne checks that the table in docs/reliability.md is the one made from the rows.
func TestTheDocumentedTableOfFaultsIsTheTestedOne(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- faults: begin -->\n", "<!-- faults: end -->"
	path := filepath.Join("..", "..", "docs", "reliability.md")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(content), begin)
	require.True(t, found)
	_, after, found := strings.Cut(rest, end)
	require.True(t, found)

	var table strings.Builder
	table.WriteString("| what goes wrong | where | what happens | exit | sent | lifecycles |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, row := range faults() {
		fmt.Fprintf(&table, "| %s | %s | %s | %d | %d | %d |\n", row.what, row.at, row.then, row.code, row.writes, row.lifecycles)
	}
	want := before + begin + table.String() + end + after
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(content), "run go test ./cmd/ami-action -run Documented -update")
}
