package deployment_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
)

// call is a request to AWS: the action, and the stack, secret or path that it is about.
type call struct{ Action, About string }

// fakeAWS serves the AWS calls in the formats that AWS documents: CloudFormation's query protocol, Secrets Manager's
// JSON 1.1, and S3's REST.
type fakeAWS struct {
	*httptest.Server

	mu      sync.Mutex
	calls   []call
	headers []http.Header
	outputs map[string]string
	secrets map[string]string
	objects map[string]string
	// refuse writes another response instead, if it is set and returns true.
	refuse func(w http.ResponseWriter, c call) bool
}

func newFakeAWS(t testing.TB) *fakeAWS {
	t.Helper()
	fake := &fakeAWS{
		outputs: map[string]string{
			"amiOrchestratorApiGatewayUrl":     "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/",
			"amiLifecyclePatchComponentBucket": "components",
		},
		secrets: map[string]string{},
		objects: map[string]string{},
	}
	fake.Server = httptest.NewServer(http.HandlerFunc(fake.respond))
	t.Cleanup(fake.Close)
	return fake
}

func (f *fakeAWS) respond(w http.ResponseWriter, r *http.Request) {
	content, _ := io.ReadAll(r.Body)
	c := identify(r, content)
	f.mu.Lock()
	f.calls = append(f.calls, c)
	f.headers = append(f.headers, r.Header.Clone())
	refuse := f.refuse
	f.mu.Unlock()
	if refuse != nil && refuse(w, c) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch c.Action {
	case "DescribeStacks":
		var members strings.Builder
		for key, value := range f.outputs {
			fmt.Fprintf(&members, "<member><OutputKey>%s</OutputKey><OutputValue>%s</OutputValue></member>", key, value)
		}
		fmt.Fprintf(w, `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
			<StackName>%s</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-22T10:00:00Z</CreationTime>
			<Outputs>%s</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`, c.About, members.String())
	case "GetSecretValue":
		secret, ok := f.secrets[c.About]
		if !ok {
			refuseJSON(w, http.StatusBadRequest, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"Name": c.About, "SecretString": secret})
	case "PutObject":
		f.objects[c.About] = string(content)
	}
}

func identify(r *http.Request, content []byte) call {
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		var input struct{ SecretId string }
		_ = json.Unmarshal(content, &input)
		return call{strings.TrimPrefix(target, "secretsmanager."), input.SecretId}
	}
	if r.Method == http.MethodPut {
		return call{"PutObject", r.URL.Path}
	}
	r.Body = io.NopCloser(strings.NewReader(string(content)))
	return call{r.FormValue("Action"), r.FormValue("StackName")}
}

func refuseJSON(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": code, "message": message})
}

func refuseXML(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>
		<Code>%s</Code><Message>%s</Message></Error><RequestId>0f1e</RequestId></ErrorResponse>`, code, message)
}

func refuseS3(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Message>%s</Message><RequestId>0f1e</RequestId></Error>`, code, message)
}

func (f *fakeAWS) seen() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]call(nil), f.calls...)
}

func (f *fakeAWS) setSecret(name, value string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.secrets[name] = value
}

// emptyEnvironment removes the AWS configuration of this machine from the environment of the test.
func emptyEnvironment(t testing.TB) {
	t.Helper()
	nowhere := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", nowhere)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", nowhere)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE",
		"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_CA_BUNDLE", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_MAX_ATTEMPTS",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI", "HTTP_PROXY", "HTTPS_PROXY",
	} {
		t.Setenv(name, "")
	}
}

// inPipeline sets the environment of a job that has credentials for the fake AWS at url.
func inPipeline(t testing.TB, url string) {
	t.Helper()
	emptyEnvironment(t)
	t.Setenv("AWS_ENDPOINT_URL", url)
	t.Setenv("AWS_REGION", "eu-west-1")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "CANARYsecretaccesskey")
	t.Setenv("AWS_SESSION_TOKEN", sessionToken)
}

const sessionToken = "CANARYsessiontoken"

// assertReadable checks that an error contains no technical noise and no secret.
func assertReadable(t *testing.T, err error) {
	t.Helper()
	for _, noise := range []string{"operation error", "response error", "RequestID", "StatusCode", "exceeded maximum", "CANARY", "\n\n"} {
		assert.NotContains(t, err.Error(), noise)
	}
}
