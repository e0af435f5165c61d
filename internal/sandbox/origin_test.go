package sandbox_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

// paths has one request of each kind.
var paths = []struct{ name, method, path, target string }{
	{"the API", http.MethodGet, "/dev/ami-creation/lifecycles/status?api_key=x", ""},
	{"the API without its stage", http.MethodGet, "/ami-creation/lifecycles/status?api_key=x", ""},
	{"an AWS call", http.MethodPost, "/", "secretsmanager.GetSecretValue"},
	{"a bucket", http.MethodGet, "/" + sandbox.Bucket + "/key", ""},
	{"the front page", http.MethodGet, "/", ""},
	{"a route of the sandbox's own", http.MethodGet, "/_sandbox/requests", ""},
	{"no route at all", http.MethodGet, "/nothing", ""},
}

func (b *box) ask(method, path, target, host, origin string) (int, string) {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.URL()+path, strings.NewReader(`{"SecretId": "x"}`))
	require.NoError(b.t, err)
	request.Host = host
	for name, value := range map[string]string{"X-Amz-Target": target, "Origin": origin} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(b.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	return response.StatusCode, string(text)
}

func TestAHostThatIsNotLoopbackIsRefusedWithTheReason(t *testing.T) {
	box := manual(t)
	for _, one := range paths {
		for _, host := range []string{"rebound.example", "rebound.example:80", "10.0.0.5:8080", "localhost.example", "[2001:db8::1]:80"} {
			status, body := box.ask(one.method, one.path, one.target, host, "")
			assert.Equal(t, http.StatusForbidden, status, "%s for %s", one.name, host)
			assert.Contains(t, body, "serves loopback only", "%s for %s", one.name, host)
			assert.Contains(t, body, strings.Split(host, ":")[0], one.name)
			assert.Contains(t, body, "--allow-remote", one.name)
		}
		for _, host := range []string{"localhost", "LOCALHOST:80", "127.0.0.1:1", "127.0.0.2", "[::1]:80", "bucket.localhost:80"} {
			status, _ := box.ask(one.method, one.path, one.target, host, "")
			assert.NotEqual(t, http.StatusForbidden, status, "%s for %s", one.name, host)
		}
	}
}

func TestAPageOfAnotherSiteIsRefused(t *testing.T) {
	box := manual(t)
	own := strings.TrimPrefix(box.URL(), "http://")
	for _, one := range paths {
		for _, origin := range []string{"https://evil.example", "null", "http://127.0.0.1:1", "::"} {
			status, body := box.ask(one.method, one.path, one.target, own, origin)
			assert.Equal(t, http.StatusForbidden, status, "%s from %s", one.name, origin)
			assert.Contains(t, body, "pages of other sites", one.name)
		}
		status, _ := box.ask(one.method, one.path, one.target, own, box.URL())
		assert.NotEqual(t, http.StatusForbidden, status, one.name)
	}
}

// Other containers reach a service container by its name.
func TestASandboxThatOtherMachinesMayReachServesAnyHost(t *testing.T) {
	t.Parallel()
	box := start(t, sandbox.Options{Manual: true, Listen: "0.0.0.0:0", AllowRemote: true})
	for _, one := range paths {
		status, _ := box.ask(one.method, one.path, one.target, "sandbox:8080", "")
		assert.NotEqual(t, http.StatusForbidden, status, one.name)
		status, _ = box.ask(one.method, one.path, one.target, "sandbox:8080", "https://evil.example")
		assert.Equal(t, http.StatusForbidden, status, one.name)
	}
	_, stack := box.ask(http.MethodGet, "/?Action=DescribeStacks&Version=2010-05-15", "", "sandbox:8080", "")
	assert.Contains(t, stack, "http://sandbox:8080"+sandbox.Stage, "its client finds the API where it has found the sandbox")
}
