package sandbox

import (
	"bytes"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/org/ami-action/internal/sandbox/awsapi"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sleep"
)

// fault is a fault as POST /_sandbox/faults describes it.
type fault struct {
	// Route selects the requests: "METHOD /path", with {id} for any part of the path; for AWS calls
	// "cloudformation DescribeStacks", "secretsmanager GetSecretValue", "s3 PutObject"; "*" for all.
	Route string `json:"route"`
	// Contains limits the fault to requests with this text in their path or body; "" is no limit.
	Contains string `json:"contains"`
	// Times is how often the fault applies: once by default, always if it is negative.
	Times int `json:"times"`
	// Status is the status of the response.
	Status int `json:"status"`
	// Deny responds as an AWS service does when a permission is missing.
	Deny bool `json:"deny"`
	// Body is the body of the response; by default that of API Gateway or of the AWS service.
	Body *string `json:"body"`
	// Headers are added to the response, such as Retry-After.
	Headers map[string]string `json:"headers"`
	// Delay, such as 1.5s or 200ms, is a wait before the work, or with After between the work and the response.
	Delay duration `json:"delay"`
	// Reset resets the connection instead of sending a response.
	Reset bool `json:"reset"`
	// Truncate cuts the connection in the middle of the response's body.
	Truncate bool `json:"truncate"`
	// After does the work before the fault applies.
	After bool `json:"after"`
}

type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

// faults holds the faults that can still apply. It is safe for concurrent use.
type faults struct {
	mu  sync.Mutex
	all []*fault
}

func (f *faults) add(one *fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = append(f.all, one)
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = nil
}

// take returns the first fault that matches the request and reduces its Times by one. It removes a fault that has
// no times left.
func (f *faults) take(r request) (fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, one := range f.all {
		if !one.strikes(r) {
			continue
		}
		if one.Times > 0 {
			if one.Times--; one.Times == 0 {
				f.all = append(f.all[:i:i], f.all[i+1:]...)
			}
		}
		return *one, true
	}
	return fault{}, false
}

func (f fault) strikes(r request) bool {
	if !strings.Contains(r.URL.Path, f.Contains) && !bytes.Contains(r.body, []byte(f.Contains)) {
		return false
	}
	if f.Route == "*" || f.Route == r.name {
		return true
	}
	method, pattern, _ := strings.Cut(f.Route, " ")
	_, ok := matchPath(apiPath(pattern), apiPath(r.URL.Path))
	return ok && method == r.Method && !r.isAWS
}

// apply responds to the request as the fault says. The work is done if the fault has After, or if it changes nothing but
// the delay and the headers of the response.
func (f fault) apply(w http.ResponseWriter, r request) {
	response := newBuffered()
	if f.After {
		// The work is done before the delay, so it is done even if the client gives up during the delay.
		r.serve(response)
	}
	if f.Delay > 0 && sleep.For(r.Context(), time.Duration(f.Delay)) != nil {
		return
	}
	isLateOnly := f.Status == 0 && f.Body == nil && !f.Deny && !f.Reset && !f.Truncate
	switch {
	case f.After:
	case isLateOnly:
		r.serve(response)
	default:
		f.standIn(response, r)
	}
	if f.Status != 0 || f.Body != nil || f.Deny {
		instead := newBuffered()
		f.standIn(instead, r)
		response = instead
	}
	if f.Reset {
		reset(w)
	}
	for name, values := range response.Header() {
		w.Header()[name] = values
	}
	for name, value := range f.Headers {
		w.Header().Set(name, value)
	}
	body := response.body.Bytes()
	if f.Truncate {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+1))
		w.WriteHeader(response.code)
		cut(w, body[:len(body)/2])
		return
	}
	w.WriteHeader(response.code)
	_, _ = w.Write(body)
}

// standIn responds without doing the work. An AWS call with Deny gets its service's denial. Any other response has the
// fault's status, by default 200 or with Deny 403, and its body, by default that of API Gateway or of the AWS service.
func (f fault) standIn(w http.ResponseWriter, r request) {
	status := f.Status
	switch {
	case status == 0 && f.Deny:
		status = http.StatusForbidden
	case status == 0:
		status = http.StatusOK
	}
	switch {
	case f.Deny && r.isAWS:
		awsapi.WriteDenied(w, r.call)
	case f.Body != nil:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = w.Write([]byte(*f.Body))
	case r.isAWS:
		code := strings.ReplaceAll(http.StatusText(status), " ", "")
		if status == http.StatusTooManyRequests {
			code = "ThrottlingException"
		}
		awsapi.WriteError(w, r.call, status, code, "The sandbox was told to fail this request.")
	default:
		writeJSON(w, status, python.Dict{"message": gatewayMessage(status)})
	}
}

// gatewayMessage returns the message of API Gateway's own response with the status.
func gatewayMessage(status int) string {
	switch status {
	case http.StatusGatewayTimeout:
		return "Endpoint request timed out"
	case http.StatusRequestEntityTooLarge:
		return "Request Entity Too Large"
	}
	return http.StatusText(status)
}

// buffered is a [http.ResponseWriter] that keeps the response in memory.
type buffered struct {
	header http.Header
	code   int
	body   bytes.Buffer
}

func newBuffered() *buffered { return &buffered{header: http.Header{}, code: http.StatusOK} }

func (b *buffered) Header() http.Header            { return b.header }
func (b *buffered) WriteHeader(code int)           { b.code = code }
func (b *buffered) Write(data []byte) (int, error) { return b.body.Write(data) }

// cut sends this part of the body and closes the connection. It does not return.
func cut(w http.ResponseWriter, part []byte) {
	_, _ = w.Write(part)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// reset closes the connection with a TCP reset, as after a crash of the peer. It does not return.
func reset(w http.ResponseWriter) {
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		if tcp, ok := connection.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = connection.Close()
	}
	panic(http.ErrAbortHandler)
}
