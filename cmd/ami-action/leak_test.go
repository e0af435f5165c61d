package main

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
)

var (
	reportForms = []string{".html", ".md", ".txt"}
	stdoutForms = []string{"text", "json"}
)

// operationsOnLifecycles returns all operations except AMI_SELECT, which finds nothing in the table of images of a
// sandbox that has built none (testdata/script/select.txtar tests it).
func operationsOnLifecycles() []lifecycle.Operation {
	return slices.DeleteFunc(lifecycle.Operations(), func(o lifecycle.Operation) bool { return o == lifecycle.Select })
}

// TestNoOperationShowsASecret runs every operation against a server with secrets in every response.
func TestNoOperationShowsASecret(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world, h *hostile) {
		keys := w.secrets()
		h.page = "<html>" + spill(canary("receiver")) + "<script>var s = {\"api_key\": \"" + canary("receiver") + "\"}</script></html>"
		for n, operation := range operationsOnLifecycles() {
			for i, form := range reportForms {
				if i > 1 && !operation.Waits() || !w.inTurn(n+i) {
					continue
				}
				h.reset(operation)
				h.plant = plantSecrets
				args := append(argsOf(w, operation), "--output", stdoutForms[i%2])
				if operation.Waits() {
					args = append(args, "--reportFile", w.path("report"+form))
				}
				got := w.run(t.Context(), args...)
				require.Zero(t, got.code, "%s: %s", operation, got.stderr)
				if operation.Waits() {
					assert.FileExists(t, w.path("report"+form))
				}
				w.requireNoCanary(got, keys)

				h.reset(operation)
				h.plant = plantInEvidence
				argsOf(w, operation) // writes the component again
				got = w.run(t.Context(), args...)
				assert.Contains(t, []int{0, 1, 3}, got.code, "%s: %s", operation, got.stderr)
				w.requireNoCanary(got, keys)
			}
		}
		assert.Positive(t, h.changed)
	})
}

// leak is a way in which a command ends badly. prepare may change what the orchestrator does, or interrupt the command.
type leak struct {
	name string
	// of reports whether the operation can end in this way.
	of      func(lifecycle.Operation) bool
	code    func(lifecycle.Operation) int
	prepare func(w *world, h *hostile, interrupt context.CancelCauseFunc)
	args    []string
}

func isAny(lifecycle.Operation) bool { return true }

// exits returns a function for the exit code: reads for an operation that only reads, writes for one that changes
// something.
func exits(reads, writes int) func(lifecycle.Operation) int {
	return func(o lifecycle.Operation) int {
		if o.Writes() {
			return writes
		}
		return reads
	}
}

// responding returns a function that makes the orchestrator send this response to every request, or with onlyWrites to each
// request that changes something.
func responding(onlyWrites bool, status int, contentType string, body func(r *http.Request, sent []byte) string) func(*world, *hostile, context.CancelCauseFunc) {
	return func(_ *world, h *hostile, _ context.CancelCauseFunc) {
		h.plant = plantSecrets
		h.intercept = func(rw http.ResponseWriter, r *http.Request, sent []byte) bool {
			if onlyWrites && r.Method == http.MethodGet {
				return false
			}
			rw.Header().Set("Content-Type", contentType)
			rw.Header().Set("Location", "http://127.0.0.2:9/?api_key="+canary("location"))
			rw.WriteHeader(status)
			fmt.Fprint(rw, body(r, sent))
			return true
		}
	}
}

// said returns a function that makes a JSON body. Its member contains secrets of the lifecycle, the request, and the key
// of the request.
func said(member string) func(*http.Request, []byte) string {
	return func(r *http.Request, sent []byte) string {
		var request struct {
			Key string `json:"api_key"`
		}
		_ = json.Unmarshal(sent, &request)
		text, _ := json.Marshal(map[string]string{member: spill(canary("dump")) + r.URL.String() + string(sent) +
			everyForm(r.URL.Query().Get("api_key")+request.Key)})
		return string(text)
	}
}

func echo(r *http.Request, sent []byte) string {
	return "<html><h1>Bad gateway</h1>" + html.EscapeString(r.URL.String()) + " " + r.URL.String() + html.EscapeString(string(sent)) + "</html>"
}

// staying keeps the event that was asked for, or the first one of AMI_WAIT, in progress with the status.
func staying(status string) func(*world, *hostile, context.CancelCauseFunc) {
	return func(_ *world, h *hostile, _ context.CancelCauseFunc) {
		h.plant, h.status = plantSecrets, &status
		if len(h.patched) == len(lifecycle.Patching.Order()) {
			h.patched, h.running = h.patched[:1], map[string]any{"name": "SMOKE_TESTS_AMI_PATCH", "status": status}
		}
	}
}

func waysToEnd() []leak {
	return []leak{
		{name: "refused with the whole lifecycle in the text", of: isAny, code: exits(3, 3), prepare: responding(false, 500, "application/json", said("error"))},
		{name: "a write refused so", of: lifecycle.Operation.Writes, code: exits(3, 3), prepare: responding(true, 500, "application/json", said("error"))},
		{name: "the gateway says it", of: lifecycle.Operation.Writes, code: exits(4, 4), prepare: responding(true, 403, "application/json", said("message"))},
		{name: "the gateway says it to a read", of: func(o lifecycle.Operation) bool { return !o.Writes() }, code: exits(4, 4), prepare: responding(false, 403, "application/json", said("message"))},
		{name: "a page of HTML that repeats the request", of: isAny, code: exits(4, 4), prepare: responding(false, 404, "text/html", echo)},
		{name: "a page instead of success", of: func(o lifecycle.Operation) bool { return !strings.Contains(string(o), "TIMELINE") },
			code: func(o lifecycle.Operation) int {
				return exits(4, map[bool]int{true: 6, false: 4}[o == lifecycle.Create])(o)
			},
			prepare: responding(false, 200, "text/html", echo)},
		{name: "a redirect", of: isAny, code: func(o lifecycle.Operation) int {
			return exits(4, map[bool]int{true: 6, false: 4}[o == lifecycle.Create])(o)
		},
			prepare: responding(false, 307, "text/html", echo)},
		{name: "nobody listens", of: isAny, code: exits(4, 4), prepare: func(w *world, _ *hostile, _ context.CancelCauseFunc) {
			closed := httptest.NewServer(http.NotFoundHandler())
			w.endpoint = closed.URL
			closed.Close()
		}},
		{name: "no TLS", of: isAny, code: exits(4, 4), prepare: func(w *world, _ *hostile, _ context.CancelCauseFunc) {
			w.endpoint = strings.Replace(w.endpoint, "http:", "https:", 1)
		}},
		{name: "the event ends in an error", of: lifecycle.Operation.Waits, code: exits(1, 1), prepare: staying("ERROR")},
		{name: "an unknown status", of: lifecycle.Operation.Waits, code: exits(1, 1), prepare: staying("ODD " + spill(canary("receiver")))},
		{name: "the gate is closed", of: func(o lifecycle.Operation) bool {
			return o.TakesEvents() && o != lifecycle.Patch || o == lifecycle.Wait
		},
			code: exits(1, 1), args: []string{"--failOnSeverity", "LOW"}, prepare: func(_ *world, h *hostile, _ context.CancelCauseFunc) {
				h.plant = plantSecrets
			}},
		{name: "interrupted", of: lifecycle.Operation.Waits, code: exits(143, 143), prepare: func(w *world, h *hostile, interrupt context.CancelCauseFunc) {
			staying("")(w, h, interrupt)
			h.intercept = func(_ http.ResponseWriter, r *http.Request, _ []byte) bool {
				if h.running != nil && r.Method == http.MethodGet {
					interrupt(&outcome.Interrupt{Signal: syscall.SIGTERM})
				}
				return false
			}
		}},
		{name: "it is unknown whether it was done", of: lifecycle.Operation.Writes, code: exits(6, 6), prepare: failingFromFirstWrite()},
	}
}

// failingFromFirstWrite returns a function that makes the orchestrator send a 502 to the first write and to every request
// after it, so that the search for its trace fails too.
func failingFromFirstWrite() func(*world, *hostile, context.CancelCauseFunc) {
	return func(_ *world, h *hostile, _ context.CancelCauseFunc) {
		written := false
		h.plant = plantSecrets
		h.intercept = func(rw http.ResponseWriter, r *http.Request, sent []byte) bool {
			written = written || r.Method != http.MethodGet
			if written {
				rw.WriteHeader(http.StatusBadGateway)
				fmt.Fprint(rw, said("message")(r, sent))
			}
			return written
		}
	}
}

// TestNoFailureShowsASecret makes every operation end badly, in every way.
func TestNoFailureShowsASecret(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world, h *hostile) {
		keys, endpoint := w.secrets(), w.endpoint
		for i, way := range waysToEnd() {
			for j, operation := range operationsOnLifecycles() {
				if !way.of(operation) || !w.inTurn(i+j) {
					continue
				}
				h.reset(operation)
				h.changed, w.endpoint = 0, endpoint
				run := fmt.Sprint(i*100 + j) // a run of its own: otherwise the job would continue with what it has claimed
				w.more = []string{"GITHUB_RUN_ID=" + run, "CI_PIPELINE_ID=" + run}
				ctx, interrupt := context.WithCancelCause(t.Context())
				way.prepare(w, h, interrupt)
				args := append(append(argsOf(w, operation), way.args...), "--output", stdoutForms[(i+j)%2])
				if operation.Waits() {
					args = append(args, "--reportFile", w.path("report"+reportForms[(i+2*j)%len(reportForms)]))
				}
				got := w.run(ctx, args...)
				interrupt(nil)
				require.Equal(t, way.code(operation), got.code, "%s, %s: %s", way.name, operation, got.stderr)
				w.requireNoCanary(got, keys)
			}
		}
	})
}

// TestNoErrorOfAWSShowsASecret makes AWS repeat what it was sent, as it does for a wrong signature. The lengths place the
// secrets where the command may cut the text.
func TestNoErrorOfAWSShowsASecret(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, w *world, h *hostile) {
		keys := w.secrets()
		for _, call := range []struct{ route, form string }{
			{"cloudformation DescribeStacks", "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>%s</Message></Error></ErrorResponse>"},
			{"secretsmanager GetSecretValue", `{"__type": "InvalidSignatureException", "message": "%s"}`},
			{"s3 PutObject", "<Error><Code>SignatureDoesNotMatch</Code><Message>%s</Message><StringToSign>" + awsToken + "</StringToSign></Error>"},
			{"s3 PutObject", "<html>%s</html>"},
		} {
			for _, padding := range []int{0, 360, 370, 380, 390, 395} {
				w.clearFaults()
				message := strings.Repeat("x ", padding/2) + awsToken + " " + awsSecret + " " + url.QueryEscape(awsSecret) + "\\n" + awsToken
				if strings.HasPrefix(call.route, "s3 ") { // the command has fetched these keys by then
					message = strings.Repeat("y ", padding/2) + w.secret("ami_patch_post_api_key") + w.secret("ami_creation_status_api_key") + message
				}
				h.reset(lifecycle.Patch)
				body, err := json.Marshal(fmt.Sprintf(call.form, message))
				require.NoError(t, err)
				w.post("faults", on(call.route, fmt.Sprintf(`"status": 400, "times": -1, "body": %s`, body)))
				got := w.run(t.Context(), append(argsOf(w, lifecycle.Patch), "--output", stdoutForms[padding/10%2])...)
				require.Equal(t, exitcode.Unavailable, got.code, got.stderr)
				w.requireNoCanary(got, keys)
			}
		}
	})
}
