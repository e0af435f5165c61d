package insight_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"

	"github.com/org/ami-action/internal/awslimit"
	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/lifecycle"
)

const (
	execution = "arn:aws:states:eu-central-1:123456789012:execution:build:0-1"
	imageARN  = "arn:aws:imagebuilder:eu-central-1:123456789012:image/base/1.0.0/3"
)

// fakeAWS is an HTTP client that responds without a network, so that time can be virtual. handlers return the status and
// the body for each operation.
type fakeAWS struct {
	mu       sync.Mutex
	calls    []string
	handlers map[string]func(input string) (status int, body string)
}

func (f *fakeAWS) Do(request *http.Request) (*http.Response, error) {
	operation := strings.TrimPrefix(request.URL.Path, "/")
	if _, target, ok := strings.Cut(request.Header.Get("X-Amz-Target"), "."); ok {
		operation = target
	}
	f.mu.Lock()
	f.calls = append(f.calls, operation)
	handle := f.handlers[operation]
	f.mu.Unlock()
	status, body := http.StatusBadRequest, `{"__type": "UnknownOperationException"}`
	if handle != nil {
		var input []byte
		if request.Body != nil {
			input, _ = io.ReadAll(request.Body)
		}
		status, body = handle(string(input))
	}
	response := &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}, "Date": {time.Now().UTC().Format(http.TimeFormat)}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1, Request: request,
	}
	var refused struct {
		Type string `json:"__type"`
	}
	if json.Unmarshal([]byte(body), &refused) == nil && refused.Type != "" {
		response.Header.Set("X-Amzn-Errortype", refused.Type)
	}
	return response, request.Context().Err()
}

func (f *fakeAWS) set(operation string, status int, body string) {
	f.handle(operation, func(string) (int, string) { return status, body })
}

func (f *fakeAWS) handle(operation string, handler func(input string) (status int, body string)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.handlers[operation] = handler
}

func (f *fakeAWS) count(operation string) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, call := range f.calls {
		if operation == "" || call == operation {
			n++
		}
	}
	return n
}

func (f *fakeAWS) config(context.Context) (aws.Config, error) {
	return aws.Config{
		Region: "eu-central-1", HTTPClient: f, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIAEXAMPLE", "secret", ""),
		APIOptions:  []func(*middleware.Stack) error{awslimit.Responses},
	}, nil
}

// running returns a fake whose build is in progress.
func running() *fakeAWS {
	f := &fakeAWS{handlers: map[string]func(string) (int, string){}}
	f.set("DescribeExecution", 200, described("RUNNING", ""))
	f.set("GetExecutionHistory", 200, history("Poll AMI status", `{"image_build_version_arn": "`+imageARN+`", "ami_state": "BUILDING"}`))
	f.set("GetImage", 200, image("BUILDING", ""))
	f.set("ListWorkflowExecutions", 200, `{"workflowExecutions": [{"workflowExecutionId": "wf-1", "status": "RUNNING"}]}`)
	f.set("ListWorkflowStepExecutions", 200, `{"steps": [{"name": "ApplyBuildComponents", "status": "RUNNING", "startTime": "2000-01-01T00:00:00.000Z"}]}`)
	f.set("GetLogEvents", 200, `{"events": [], "nextForwardToken": "f/0", "nextBackwardToken": "b/0"}`)
	return f
}

func described(status, rest string) string {
	return fmt.Sprintf(`{"executionArn": %q, "status": %q, "startDate": 946684800.5%s}`, execution, status, rest)
}

// history returns the history of an execution that has entered a state, with the output of the task before it.
func history(state, output string) string {
	return encode(map[string]any{"events": []any{
		map[string]any{"id": 3, "type": "TaskStateEntered", "timestamp": 946684801.5, "stateEnteredEventDetails": map[string]any{"name": state}},
		map[string]any{"id": 2, "type": "TaskStateExited", "timestamp": 946684801.5, "stateExitedEventDetails": map[string]any{"name": "Before", "output": output}},
	}})
}

func image(status, reason string) string {
	return encode(map[string]any{"image": map[string]any{
		"arn": imageARN, "name": "Base", "version": "1.0.0/3", "state": map[string]any{"status": status, "reason": reason},
	}})
}

func encode(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return out.String()
}

func build() insight.Event {
	return insight.Event{LifecycleID: "0-1", Name: lifecycle.BuildAMI, ExecutionARN: execution, Started: time.Now()}
}

// byOperation sends the requests for CloudWatch Logs to other, and all others to fake.
type byOperation struct {
	fake  *fakeAWS
	other aws.HTTPClient
}

func (b byOperation) Do(request *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(request.Header.Get("X-Amz-Target"), "Logs_") {
		return b.fake.Do(request)
	}
	if b.other == nil {
		return http.DefaultClient.Do(request)
	}
	return b.other.Do(request)
}
