// Package github_test runs the image as actions/runner does, and the workflows with act, against a sandbox
// orchestrator. The script test/e2e/github/run prepares what the tests need. Without it, they are skipped.
package github_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/sandbox"
)

// The secrets in the environment of the runner. They must not occur in any output.
const (
	secretAccessKey = "canary/secret/access/key/of/the/role"
	sessionToken    = "canary/session/token/of/the/role"
)

// image returns the tag of the image under test, or skips the test.
func image(t *testing.T) string { return prepared(t, "AMI_E2E_IMAGE") }

func prepared(t *testing.T, variable string) string {
	t.Helper()
	value := os.Getenv(variable)
	if value == "" {
		t.Skip(variable + " is not set: test/e2e/github/run prepares it")
	}
	return value
}

// orchestration is a sandbox on loopback. Containers reach it because they use the host's network.
type orchestration struct {
	t   *testing.T
	url string
}

func newOrchestration(t *testing.T, options sandbox.Options) *orchestration {
	t.Helper()
	image(t)
	options.Dir = t.TempDir()
	if options.EventDuration == 0 {
		options.EventDuration = 100 * time.Millisecond
	}
	options.QueueDelay = 100 * time.Millisecond
	server, err := sandbox.Start(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	return &orchestration{t: t, url: server.URL()}
}

// environment returns the variables with which an AWS client finds the sandbox, and the credentials that
// aws-actions/configure-aws-credentials sets.
func (o *orchestration) environment() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + o.url, "AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=ASIACANARYCANARY",
		"AWS_SECRET_ACCESS_KEY=" + secretAccessKey, "AWS_SESSION_TOKEN=" + sessionToken,
	}
}

// control posts to a control route of the sandbox.
func (o *orchestration) control(path, body string) {
	o.t.Helper()
	response, err := http.Post(o.url+"/_sandbox/"+path, "application/json", strings.NewReader(body))
	require.NoError(o.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(o.t, err)
	require.Equal(o.t, http.StatusOK, response.StatusCode, "%s: %s", path, text)
}

// endEvent ends the event in progress.
func (o *orchestration) endEvent(id, body string) {
	o.t.Helper()
	o.control("lifecycles/"+id+"/event", body)
}

// requests returns the number of requests to each route.
func (o *orchestration) requests() map[string]int {
	o.t.Helper()
	response, err := http.Get(o.url + "/_sandbox/requests")
	require.NoError(o.t, err)
	defer response.Body.Close()
	var arrived struct{ Counts map[string]int }
	require.NoError(o.t, json.NewDecoder(response.Body).Decode(&arrived))
	return arrived.Counts
}

// secrets returns the API keys of the deployment and the secrets in the environment.
func (o *orchestration) secrets() []string {
	o.t.Helper()
	var names []string
	for _, operation := range lifecycle.Operations() {
		names = append(names, orchestrator.KeysFor(operation)...)
	}
	slices.Sort(names)
	secrets := []string{secretAccessKey, sessionToken}
	for _, name := range slices.Compact(names) {
		request, err := http.NewRequest(http.MethodPost, o.url,
			strings.NewReader(`{"SecretId": "/ami-lifecycle/api-keys/`+name+`"}`))
		require.NoError(o.t, err)
		request.Header.Set("X-Amz-Target", "secretsmanager.GetSecretValue")
		request.Header.Set("Content-Type", "application/x-amz-json-1.1")
		response, err := http.DefaultClient.Do(request)
		require.NoError(o.t, err)
		var secret struct{ SecretString string }
		require.NoError(o.t, json.NewDecoder(response.Body).Decode(&secret))
		response.Body.Close()
		require.NotEmpty(o.t, secret.SecretString, name)
		secrets = append(secrets, secret.SecretString)
	}
	require.Greater(o.t, len(secrets), 10)
	return secrets
}

// holdsNoSecret fails the test if the text contains one of the secrets.
func (o *orchestration) holdsNoSecret(text, where string) {
	o.t.Helper()
	require.NotEmpty(o.t, text, where)
	for _, secret := range o.secrets() {
		assert.False(o.t, strings.Contains(text, secret), "%s holds a secret: %s", where, secret)
	}
}
