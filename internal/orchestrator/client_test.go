package orchestrator_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
)

// lifecycleID is an id as the orchestrator creates it.
const lifecycleID = "3f0bd60d-8695-4b67-b6a7-2847e38e631d"

// canary is part of every key. It must not appear in any error.
const canary = "CANARYkeyCANARYkeyCANARYkey030"

// fixedDeployment is a deployment in which each key is the canary followed by the name of the secret.
type fixedDeployment struct {
	url string

	mu        sync.Mutex
	replaced  string // what RefreshKey returns; if empty, it returns the same key as Key
	refreshes int
	err       error // the error of RefreshKey
}

func (d *fixedDeployment) Endpoint(context.Context) (string, error) { return d.url, nil }

func (d *fixedDeployment) Key(_ context.Context, secret string) (string, error) {
	return canary + secret, nil
}

func (d *fixedDeployment) RefreshKey(_ context.Context, secret string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refreshes++
	if d.err != nil {
		return "", d.err
	}
	if d.replaced != "" {
		return d.replaced, nil
	}
	return canary + secret, nil
}

// received is a request as the server received it.
type received struct {
	Method, Path, Query string
	Body                map[string]any
}

// recorder records the requests that a server receives.
type recorder struct {
	mu       sync.Mutex
	requests []received
}

func (r *recorder) record(t *testing.T, request *http.Request) received {
	content, err := io.ReadAll(request.Body)
	assert.NoError(t, err)
	got := received{Method: request.Method, Path: request.URL.EscapedPath(), Query: request.URL.RawQuery}
	if len(content) > 0 {
		assert.NoError(t, json.Unmarshal(content, &got.Body))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, got)
	return got
}

func (r *recorder) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]received(nil), r.requests...)
}

// serve starts a server that records every request and then calls handler.
func serve(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *recorder) {
	t.Helper()
	seen := &recorder{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.record(t, r)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server, seen
}

// responding returns a handler that responds with a status and a body.
func responding(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// pauses records the pauses of a client instead of sleeping.
type pauses struct {
	mu  sync.Mutex
	all []time.Duration
}

func (p *pauses) sleep(_ context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all = append(p.all, d)
	return nil
}

func clientOf(d orchestrator.Deployment) *orchestrator.Client {
	return orchestrator.New(d, orchestrator.Options{
		Sleep: (&pauses{}).sleep, Jitter: func() float64 { return 0.5 },
	})
}

const taken = `{"lifecycle_id": "` + lifecycleID + `", "owner": "me", "creation_date": "11/22/2026, 10:11:12",
	"notification_channels": [{"method": "EMAIL", "target": "me@example.com"}]}`

func createRequest() orchestrator.CreateRequest {
	return orchestrator.CreateRequest{
		StackTag: "main", Owner: "me", ProductVer: "1.0.0", ProductName: "Demo", CommitRef: "0123abc",
		Notifications: []lifecycle.Notification{{Method: "EMAIL", Target: "me@example.com"}},
		Events:        []lifecycle.Event{lifecycle.SmokeTestsCreate},
		Properties:    map[string]string{"TICKET": "1"},
	}
}

func TestCreateReturnsWhatTheOrchestratorHasTaken(t *testing.T) {
	server, seen := serve(t, responding(http.StatusOK, taken))

	accepted, err := clientOf(&fixedDeployment{url: server.URL + "/prod"}).Send(t.Context(), createRequest())

	require.NoError(t, err)
	assert.Equal(t, orchestrator.Accepted{
		LifecycleID: lifecycleID, Owner: "me",
		CreationDate: lifecycle.Date{Time: time.Date(2026, 11, 22, 10, 11, 12, 0, time.UTC)},
		Channels:     []lifecycle.Notification{{Method: "EMAIL", Target: "me@example.com"}},
	}, accepted)
	require.Len(t, seen.all(), 1)
	assert.Equal(t, "/prod/ami-creation/lifecycles", seen.all()[0].Path)
}
