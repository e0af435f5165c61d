package sandbox_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

// box is a running sandbox and a client that talks to it over HTTP.
type box struct {
	*sandbox.Server
	t    testing.TB
	keys map[string]string
}

// response is an HTTP response. Body is the decoded JSON, or the text of a body that is not JSON.
type response struct {
	Status int
	Header http.Header
	Body   any
}

// object returns the body if it is an object, and nil otherwise.
func (r response) object() map[string]any {
	object, _ := r.Body.(map[string]any)
	return object
}

// secrets are the names of the API keys (docs/wire-contract.md, "Finding it").
var secrets = []string{
	"ami_creation_post_api_key", "ami_creation_put_api_key", "ami_patch_post_api_key", "ami_patch_put_api_key",
	"ami_creation_status_api_key", "ami_creation_timeline_api_key", "ami_patch_timeline_api_key",
	"ami_creation_qa_certification_key", "ami_creation_mark_for_production_key", "ami_patch_mark_for_production_key",
	"ami_creation_recevier_api_key", "ami_patch_recevier_api_key", "ami_error_recevier_api_key",
}

func start(t testing.TB, options sandbox.Options) *box {
	t.Helper()
	if options.Dir == "" {
		options.Dir = t.TempDir()
	}
	server, err := sandbox.Start(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	b := &box{Server: server, t: t, keys: map[string]string{}}
	b.readKeys()
	return b
}

func (b *box) readKeys() {
	for _, secret := range secrets {
		response := b.do(http.MethodPost, b.URL()+"/", map[string]string{"SecretId": "/ami-lifecycle/api-keys/" + secret},
			http.Header{"X-Amz-Target": {"secretsmanager.GetSecretValue"}})
		require.Equal(b.t, http.StatusOK, response.Status, response.Body)
		b.keys[secret] = response.object()["SecretString"].(string)
	}
}

func (b *box) keyBindings() bindings {
	bound := bindings{}
	for secret, key := range b.keys {
		bound["<key:"+secret+">"] = key
	}
	return bound
}

func (b *box) do(method, address string, body any, header http.Header) response {
	b.t.Helper()
	var reader io.Reader
	switch v := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(v)
	default:
		encoded, err := json.Marshal(body)
		require.NoError(b.t, err)
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(b.t.Context(), method, address, reader)
	require.NoError(b.t, err)
	for name, values := range header {
		request.Header[name] = values
	}
	received, err := http.DefaultClient.Do(request)
	require.NoError(b.t, err)
	defer received.Body.Close()
	data, err := io.ReadAll(received.Body)
	require.NoError(b.t, err)
	decoded := response{Status: received.StatusCode, Header: received.Header}
	if json.Unmarshal(data, &decoded.Body) != nil {
		decoded.Body = string(data)
	}
	return decoded
}

// send sends a request to the API.
func (b *box) send(method, path string, query url.Values, body any) response {
	b.t.Helper()
	return b.do(method, b.BaseURL()+path+"?"+query.Encode(), body, nil)
}

func (b *box) status(id string) response {
	b.t.Helper()
	return b.send(http.MethodGet, "/ami-creation/lifecycles/"+id+"/status",
		url.Values{"api_key": {b.keys["ami_creation_status_api_key"]}}, nil)
}

func (b *box) statuses() response {
	b.t.Helper()
	return b.send(http.MethodGet, "/ami-creation/lifecycles/status",
		url.Values{"api_key": {b.keys["ami_creation_status_api_key"]}}, nil)
}

// control sends a POST to a control route.
func (b *box) control(path string, body any) response {
	b.t.Helper()
	return b.do(http.MethodPost, b.URL()+"/_sandbox/"+path, body, nil)
}

func (b *box) mustControl(path string, body any) response {
	b.t.Helper()
	response := b.control(path, body)
	require.Equal(b.t, http.StatusOK, response.Status, response.Body)
	return response
}

// replayControl sends the control request that corresponds to a control step of a recording.
func (b *box) replayControl(control map[string]any) response {
	b.t.Helper()
	id, _ := control["lifecycle_id"].(string)
	switch control["route"] {
	case "pump":
		return b.control("queue/deliver", nil)
	case "age":
		return b.control("lifecycles/"+id+"/age", map[string]any{"minutes": control["minutes"]})
	}
	body := map[string]any{}
	for _, key := range []string{"status", "name", "properties", "error_message", "stack_trace"} {
		if value, ok := control[key]; ok {
			body[key] = value
		}
	}
	return b.control("lifecycles/"+id+"/event", body)
}

// upload uploads a component to the location that the patch request names.
func (b *box) upload(body any) {
	b.t.Helper()
	request, _ := body.(map[string]any)
	properties, _ := request["properties"].(map[string]any)
	location, _ := properties["patch_component_url"].(string)
	if path, found := strings.CutPrefix(location, "s3:/"); found {
		response := b.do(http.MethodPut, b.URL()+path, "schemaVersion: 1.0\n", nil)
		require.Equal(b.t, http.StatusOK, response.Status, response.Body)
	}
}
