package sandbox_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// attempt sends a create to which a fault may apply. It returns the response, or the error of the connection.
func (b *box) attempt() (status int, body string, err error) {
	b.t.Helper()
	request := b.common("ami_creation_post_api_key")
	request["events"] = eventList("creation", "BUILD_AMI")
	request["product_ver"], request["product_name"], request["commit_ref"] = "1.0.0", "Demo", "0123abc"
	response, err := http.Post(b.BaseURL()+"/ami-creation/lifecycles", "application/json", strings.NewReader(dump(request)))
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	return response.StatusCode, string(data), err
}

func TestAFaultStrikesBeforeOrAfterTheWork(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault  map[string]any
		check  func(t *testing.T, status int, body string, err error)
		worked bool
	}{
		"a status before":   {map[string]any{"status": 503}, isStatus(503, `{"message":"Service Unavailable"}`), false},
		"a status after":    {map[string]any{"status": 503, "after": true}, isStatus(503, `{"message":"Service Unavailable"}`), true},
		"a time-out after":  {map[string]any{"status": 504, "after": true}, isStatus(504, `{"message":"Endpoint request timed out"}`), true},
		"a body of its own": {map[string]any{"status": 500, "body": "<html>"}, isStatus(500, "<html>"), false},
		"a body of success": {map[string]any{"body": "[]"}, isStatus(200, "[]"), false},
		"a reset before":    {map[string]any{"reset": true}, isCut, false},
		"a reset after":     {map[string]any{"reset": true, "after": true}, isCut, true},
		"half before":       {map[string]any{"truncate": true}, isHalf, false},
		"half after":        {map[string]any{"truncate": true, "after": true}, isHalf, true},
		"late":              {map[string]any{"delay": "1ms"}, isStatus(200, `"lifecycle_id"`), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			box := manual(t)
			test.fault["route"] = "POST /ami-creation/lifecycles"
			box.mustControl("faults", test.fault)
			status, body, err := box.attempt()
			test.check(t, status, body, err)
			all := box.statuses().Body.([]any)
			assert.Equal(t, test.worked, len(all) == 1, "was the work done?")
			status, _, err = box.attempt()
			require.NoError(t, err, "a fault strikes once")
			require.Equal(t, http.StatusOK, status)
		})
	}
}

func isStatus(wanted int, part string) func(*testing.T, int, string, error) {
	return func(t *testing.T, status int, body string, err error) {
		t.Helper()
		require.NoError(t, err)
		assert.Equal(t, wanted, status)
		assert.Contains(t, body, part)
	}
}

func isCut(t *testing.T, _ int, _ string, err error) {
	t.Helper()
	assert.Error(t, err)
}

func isHalf(t *testing.T, status int, body string, err error) {
	t.Helper()
	assert.Equal(t, http.StatusOK, status)
	assert.NotEmpty(t, body)
	assert.True(t, errors.Is(err, io.ErrUnexpectedEOF), "%v", err)
}

func TestAFaultStrikesItsRouteAsOftenAsItWasTold(t *testing.T) {
	box := manual(t)
	id := box.create(nil)
	box.mustControl("faults", map[string]any{
		"route": "GET /ami-creation/lifecycles/{id}/status", "times": 2, "status": 429,
		"headers": map[string]any{"Retry-After": "7"},
	})
	for range 2 {
		response := box.status(id)
		assert.Equal(t, http.StatusTooManyRequests, response.Status)
		assert.Equal(t, "7", response.Header.Get("Retry-After"))
		assert.Equal(t, map[string]any{"message": "Too Many Requests"}, response.Body)
		require200(t, box.statuses())
	}
	require200(t, box.status(id))
	box.mustControl("faults", map[string]any{"route": "*", "times": -1, "status": 502})
	for range 3 {
		assert.Equal(t, http.StatusBadGateway, box.status(id).Status)
	}
	require200(t, box.do(http.MethodDelete, box.URL()+"/_sandbox/faults", nil, nil))
	require200(t, box.status(id))
}

func TestALateResponseIsGivenUpWithItsClient(t *testing.T) {
	box := manual(t)
	box.mustControl("faults", map[string]any{"route": "POST /ami-creation/lifecycles", "delay": "1h"})
	client := http.Client{Timeout: time.Millisecond}
	_, err := client.Post(box.BaseURL()+"/ami-creation/lifecycles", "application/json", strings.NewReader("{}"))
	require.Error(t, err)
	require.NoError(t, box.Close(), "nothing keeps the sandbox waiting")
}

func TestWhatArrivedIsCounted(t *testing.T) {
	box := manual(t)
	id := box.create(nil)
	box.status(id)
	box.status(id)
	box.send(http.MethodGet, "/nowhere", nil, nil)
	response := box.do(http.MethodGet, box.URL()+"/_sandbox/requests", nil, nil)
	require200(t, response)
	assert.Equal(t, map[string]any{
		"POST /ami-creation/lifecycles":            1.0,
		"GET /ami-creation/lifecycles/{id}/status": 2.0,
		"GET /nowhere":                  1.0,
		"secretsmanager GetSecretValue": float64(len(secrets)),
	}, response.object()["counts"])
	assert.Len(t, response.object()["requests"], 4+len(secrets))
}
