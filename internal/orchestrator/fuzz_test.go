package orchestrator_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/orchestrator"
)

// fixedResponse is a transport that gives every request the same response, without a network.
type fixedResponse struct {
	status int
	body   string
}

func (f fixedResponse) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: f.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(f.body)), Request: r,
	}, nil
}

// oneKey is a deployment in which the key of every endpoint is the canary itself.
type oneKey struct{ fixedDeployment }

func (*oneKey) Key(context.Context, string) (string, error)        { return canary, nil }
func (*oneKey) RefreshKey(context.Context, string) (string, error) { return canary, nil }

// FuzzResponse checks for arbitrary responses that every call has one of the documented outcomes, that a success is what
// the server responded, and that no error contains a key.
func FuzzResponse(f *testing.F) {
	f.Add(200, taken)
	f.Add(200, status)
	f.Add(200, `[`+status+`]`)
	f.Add(200, "<html>"+canary+"</html>")
	f.Add(500, `{"error": "Invalid API Key `+canary+`"}`)
	f.Add(500, `{"error": null, "message": {"a": 1}}`)
	f.Add(502, `{"message": "Internal server error"}`)
	f.Add(429, `{"message": "`+canary+`"}`)
	f.Add(302, "")
	f.Fuzz(func(t *testing.T, code int, body string) {
		if code < 100 || code > 999 {
			t.Skip("net/http takes no such status")
		}
		client := orchestrator.WithTransport(clientOf(&oneKey{fixedDeployment{url: "http://orchestrator.invalid"}}), fixedResponse{code, body})

		accepted, err := client.Send(t.Context(), createRequest())
		checkOutcome(t, err)
		if err == nil {
			assert.True(t, code >= 200 && code < 300)
			var said struct {
				LifecycleID string `json:"lifecycle_id"`
			}
			require.NoError(t, json.Unmarshal([]byte(body), &said))
			assert.Equal(t, said.LifecycleID, accepted.LifecycleID)
			assert.NotContains(t, accepted.LifecycleID, "\n")
		}
		for _, ask := range reads {
			err := ask(t.Context(), client)
			checkOutcome(t, err)
			assert.NotEqual(t, uncertain, outcomeOf(err), "a query changes nothing")
		}
	})
}

func checkOutcome(t *testing.T, err error) {
	t.Helper()
	assert.Contains(t, []string{done, refused, unavailable, uncertain}, outcomeOf(err))
	if err != nil {
		assert.NotContains(t, err.Error(), canary)
	}
}
