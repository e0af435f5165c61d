package sandbox_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

type recording struct {
	Scenario string `json:"scenario"`
	Steps    []struct {
		Note    string `json:"note"`
		Request *struct {
			Method string            `json:"method"`
			Path   string            `json:"path"`
			Query  map[string]string `json:"query"`
			Body   any               `json:"body"`
		} `json:"request"`
		Response *recordedResponse `json:"response"`
		Control  map[string]any    `json:"control"`
		Result   any               `json:"result"`
		After    *recordedResponse `json:"status_after"`
	} `json:"steps"`
}

type recordedResponse struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    any               `json:"body"`
}

// recordedBaseURL is the address of the API in the recordings. The test replaces it by the sandbox's.
const recordedBaseURL = "https://<api_id>.execute-api.us-east-1.amazonaws.com/dev"

// recordings returns the paths of the recordings in this repository, and of those in shared/recordings beside the
// repository, which may be newer.
func recordings(t *testing.T) []string {
	t.Helper()
	own, err := filepath.Glob("testdata/recordings/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, own)
	shared, err := filepath.Glob("../../../shared/recordings/*.json")
	require.NoError(t, err)
	return append(own, shared...)
}

func TestASandboxRespondsLikeTheRecordedOrchestrator(t *testing.T) {
	for _, path := range recordings(t) {
		name := filepath.Base(path)
		if strings.Contains(path, "shared") {
			name = "shared/" + name
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(path)
			require.NoError(t, err)
			box := start(t, sandbox.Options{Manual: true})
			var recorded recording
			here := strings.ReplaceAll(string(data), recordedBaseURL, box.BaseURL())
			require.NoError(t, json.Unmarshal([]byte(here), &recorded))
			require.NotEmpty(t, recorded.Steps)
			replay(t, box, recorded)
		})
	}
}

func replay(t *testing.T, box *box, recorded recording) {
	box.mustControl("queue", map[string]any{"auto": false})
	bound := box.keyBindings()
	var last string
	for i, step := range recorded.Steps {
		if step.Request != nil {
			request := step.Request
			body := bound.fill(request.Body)
			if needsComponent(step.Request.Path, step.Response.Body) {
				box.upload(body)
			}
			query := url.Values{}
			for key, value := range request.Query {
				query.Set(key, bound.fill(value).(string))
			}
			response := box.send(request.Method, bound.fill(request.Path).(string), query, body)
			compare(t, bound, *step.Response, response, "step %d, response (%s)", i, step.Note)
		} else {
			control := bound.fill(step.Control).(map[string]any)
			response := box.replayControl(control)
			require.Equal(t, http.StatusOK, response.Status, "step %d: %v", i, response.Body)
			if control["route"] != "age" { // The orchestrator has no such route: the response is the sandbox's own.
				assert.Empty(t, bound.differences(step.Result, response.Body, ""), "step %d, result (%s)", i, step.Note)
			}
		}
		if step.After == nil {
			continue
		}
		// A refused status has no id: it is that of the lifecycle of the step before.
		if document, ok := step.After.Body.(map[string]any); ok && document["lifecycle_id"] != nil {
			last = bound.fill(document["lifecycle_id"]).(string)
		}
		compare(t, bound, *step.After, box.status(last), "step %d, status after (%s)", i, step.Note)
	}
}

func compare(t *testing.T, bound bindings, recorded recordedResponse, got response, what string, args ...any) {
	t.Helper()
	require.Equal(t, recorded.Status, got.Status, append([]any{what + ": %v"}, append(args, got.Body)...)...)
	for name, value := range recorded.Headers {
		actual := got.Header.Get(name)
		if name == "content-type" && value != "application/json" {
			actual, _, _ = strings.Cut(actual, ";")
		}
		require.Equal(t, value, actual, append([]any{what}, args...)...)
	}
	if strings.HasPrefix(got.Header.Get("Content-Type"), "text/html") {
		return // The sandbox's timeline page differs from the recorded one.
	}
	require.Empty(t, bound.differences(recorded.Body, got.Body, ""), append([]any{what}, args...)...)
}

// needsComponent reports whether a component was uploaded before the recorded request.
func needsComponent(path string, body any) bool {
	return path == "/ami-patch/lifecycles" && !strings.Contains(dump(body), "does not exist in S3")
}
