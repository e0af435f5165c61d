package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/sandbox"
)

// world is a sandbox and a job that uses it, in a directory of their own.
type world struct {
	t       testing.TB
	dir     string
	server  *sandbox.Server
	client  orchestrator.Options
	limits  action.Limits
	attempt int
	// place is where the job runs: github, gitlab or local. more holds additional environment variables.
	place string
	more  []string
	// endpoint, if not empty, replaces the orchestrator's URL, for faults that the sandbox cannot produce itself.
	endpoint string
}

// newWorld starts a sandbox whose events take 60 ms; change can change its options. The client's timeout is generous, so
// that slow machines pass. Tests of late responses call shortTimeout.
func newWorld(t testing.TB, change ...func(*sandbox.Options)) *world {
	t.Helper()
	w := &world{t: t, dir: memoryDir(t), attempt: 1, place: "github", limits: impatient(), client: orchestrator.Options{
		Timeout: 10 * time.Second, RetryBudget: 3 * time.Second,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}}
	options := sandbox.Options{
		Dir: filepath.Join(w.dir, "state"), EventDuration: 60 * time.Millisecond,
		QueueDelay: 40 * time.Millisecond, HandoverDelay: 5 * time.Millisecond,
	}
	for _, c := range change {
		c(&options)
	}
	server, err := sandbox.Start(context.Background(), options)
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	w.server = server
	return w
}

// lateResponse is a fault of the sandbox: the response comes after the client of shortTimeout has given up.
const lateResponse = `"delay": "1500ms"`

// shortTimeout makes the command wait only one second for a response.
func shortTimeout(w *world) { w.client.Timeout = time.Second }

// impatient returns limits that are short for a test, but longer than the durations of the sandbox.
func impatient() action.Limits {
	return action.Limits{
		Settle: 1200 * time.Millisecond, Lease: 800 * time.Millisecond, Upload: 10 * time.Second, Handover: 60 * time.Millisecond, Stall: 1500 * time.Millisecond,
		LostVerdict: 300 * time.Millisecond, PollFloor: 20 * time.Millisecond, PollBudget: 1200 * time.Millisecond, Heartbeat: time.Hour, GracePeriod: 100 * time.Millisecond,
	}
}

// ended is the result of a command: its exit code and what it printed.
type ended struct {
	code           int
	stdout, stderr string
}

// run runs the command in the environment of the job's attempt.
func (w *world) run(ctx context.Context, args ...string) ended {
	w.t.Helper()
	if w.endpoint != "" {
		args = append(args, "--apiEndpoint", w.endpoint)
	}
	var stdout, stderr bytes.Buffer
	code := run(ctx, process{
		args: args, environ: append(w.environ(), w.more...), stdout: &stdout, stderr: &stderr,
		awsEndpoint: w.server.URL(), limits: w.limits, client: w.client,
	})
	return ended{code: code, stdout: stdout.String(), stderr: stderr.String()}
}

// environ returns the environment of the job's attempt.
func (w *world) environ() []string {
	secret := []string{"AWS_SECRET_ACCESS_KEY=" + awsSecret, "AWS_SESSION_TOKEN=" + awsToken}
	switch w.place {
	case "github":
		return append(secret,
			"GITHUB_ACTIONS=true", "GITHUB_OUTPUT="+w.path("output"), "GITHUB_STEP_SUMMARY="+w.path("summary.md"),
			"GITHUB_SERVER_URL=https://github.example.com", "GITHUB_REPOSITORY=org/repo", "GITHUB_RUN_ID=4711",
			fmt.Sprintf("GITHUB_RUN_ATTEMPT=%d", w.attempt), "GITHUB_JOB=build", "GITHUB_ACTOR=octocat",
			"GITHUB_SHA=0123456789abcdef0123456789abcdef01234567", "GITHUB_REF_NAME=main", "GITHUB_REF=refs/heads/main",
			"GITHUB_WORKSPACE="+w.dir)
	case "gitlab":
		job := fmt.Sprint(5004 + w.attempt) // a retried job has another id
		return append(secret,
			"GITLAB_CI=true", "CI_PROJECT_DIR="+w.dir, "CI_SERVER_URL=https://gitlab.example.com", "CI_PROJECT_ID=17",
			"CI_PROJECT_PATH=group/images", "CI_PIPELINE_ID=4711", "CI_PIPELINE_URL=https://gitlab.example.com/group/images/-/pipelines/4711",
			"CI_JOB_ID="+job, "CI_JOB_NAME=build", "CI_JOB_URL=https://gitlab.example.com/group/images/-/jobs/"+job,
			"GITLAB_USER_LOGIN=octocat", "CI_COMMIT_SHA=0123456789abcdef0123456789abcdef01234567",
			"CI_COMMIT_REF_NAME=main", "CI_COMMIT_REF_SLUG=main")
	}
	return secret
}

const (
	awsSecret = "canary/AWS+secret/access/key/0123456789="
	awsToken  = "canary//session+token==0123456789012345"
)

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

// clearFaults removes the faults that are left in the sandbox.
func (w *world) clearFaults() {
	w.t.Helper()
	request, err := http.NewRequest(http.MethodDelete, w.server.URL()+"/_sandbox/faults", nil)
	require.NoError(w.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(w.t, err)
	response.Body.Close()
	require.Less(w.t, response.StatusCode, 300)
}

// post posts to one of the sandbox's own routes.
func (w *world) post(path, body string) {
	w.t.Helper()
	response, err := http.Post(w.server.URL()+"/_sandbox/"+path, "application/json", strings.NewReader(body))
	require.NoError(w.t, err)
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	require.Equal(w.t, http.StatusOK, response.StatusCode, "%s: %s", path, text)
}

// arrived returns the number of requests that the sandbox has received, by route.
func (w *world) arrived() map[string]int {
	w.t.Helper()
	response, err := http.Get(w.server.URL() + "/_sandbox/requests")
	require.NoError(w.t, err)
	defer response.Body.Close()
	var arrived struct{ Counts map[string]int }
	require.NoError(w.t, json.NewDecoder(response.Body).Decode(&arrived))
	return arrived.Counts
}

// writes returns the number of requests that the orchestrator has received and that change something.
func (w *world) writes() int {
	total := 0
	for route, n := range w.arrived() {
		method, path, _ := strings.Cut(route, " ")
		if (method == http.MethodPost || method == http.MethodPut) && strings.Contains(path, "/lifecycles") {
			total += n
		}
	}
	return total
}

// lifecycles returns the ids of all lifecycles. It asks the API, as any client would.
func (w *world) lifecycles() []string {
	w.t.Helper()
	response, err := http.Get(w.server.URL() + sandbox.Stage + "/ami-creation/lifecycles/status?api_key=" +
		w.secret("ami_creation_status_api_key"))
	require.NoError(w.t, err)
	defer response.Body.Close()
	var all []struct {
		ID string `json:"lifecycle_id"`
	}
	require.NoError(w.t, json.NewDecoder(response.Body).Decode(&all))
	ids := make([]string, len(all))
	for i, one := range all {
		ids[i] = one.ID
	}
	return ids
}

var keyNames = []string{
	"ami_creation_post_api_key", "ami_creation_put_api_key", "ami_patch_post_api_key", "ami_patch_put_api_key",
	"ami_creation_status_api_key", "ami_creation_timeline_api_key", "ami_patch_timeline_api_key",
	"ami_creation_qa_certification_key", "ami_creation_mark_for_production_key", "ami_patch_mark_for_production_key",
	"ami_creation_recevier_api_key", "ami_patch_recevier_api_key", "ami_error_recevier_api_key",
}

// secrets returns all secrets that must never be shown: the current keys, and the secrets of the environment.
func (w *world) secrets() []string {
	all := []string{awsSecret, awsToken}
	for _, name := range keyNames {
		all = append(all, w.secret(name))
	}
	return all
}

func (w *world) secret(name string) string {
	w.t.Helper()
	key, err := askSecret(w.server.URL(), name)
	require.NoError(w.t, err)
	return key
}

// askSecret asks the sandbox's Secrets Manager for an API key.
func askSecret(server, name string) (string, error) {
	request, err := http.NewRequest(http.MethodPost, server, strings.NewReader(`{"SecretId": "/ami-lifecycle/api-keys/`+name+`"}`))
	if err != nil {
		return "", err
	}
	request.Header.Set("X-Amz-Target", "secretsmanager.GetSecretValue")
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var secret struct{ SecretString string }
	if err := json.NewDecoder(response.Body).Decode(&secret); err != nil || secret.SecretString == "" {
		return "", fmt.Errorf("the sandbox has no secret %s: %w", name, err)
	}
	return secret.SecretString, nil
}

// requireNoSecret fails the test if anything that the command wrote contains one of the secrets, in any form that a
// reader could undo. It leaves out the add-mask lines of GitHub, which the runner never shows.
func (w *world) requireNoSecret(e ended, secrets []string) {
	w.t.Helper()
	var shown []string
	for line := range strings.Lines(e.stderr) {
		if !strings.HasPrefix(line, "::add-mask::") {
			shown = append(shown, line)
		}
	}
	texts := map[string]string{"stdout": e.stdout, "stderr": strings.Join(shown, "")}
	err := filepath.WalkDir(w.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && entry.Name() == "state" {
				return fs.SkipDir
			}
			return err
		}
		content, err := os.ReadFile(path)
		texts[path] = string(content)
		return err
	})
	require.NoError(w.t, err)
	for where, text := range texts {
		for _, secret := range secrets {
			for _, form := range formsOf(secret) {
				if strings.Contains(text, form) {
					w.t.Fatalf("%s holds %q, a form of a secret:\n%s", where, form, text)
				}
			}
		}
	}
}

// formsOf returns the forms of a secret that a reader could undo: plain, URL-encoded, JSON-escaped, and
// base64 at each alignment.
func formsOf(secret string) []string {
	escaped, _ := json.Marshal(secret)
	forms := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), strings.Trim(string(escaped), `"`)}
	for alignment := range 3 {
		for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
			encoded := encoding.EncodeToString([]byte(strings.Repeat("x", alignment) + secret))
			// The first and the last group depend on the text beside the secret.
			forms = append(forms, encoded[4:len(encoded)-4])
		}
	}
	return forms
}
