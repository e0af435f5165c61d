package orchestrator

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// judgeWrite returns the error that the response to a write stands for, and whether the write may be sent again
// (docs/wire-contract.md, "Errors"). No error means a status of success, whose body is still to be checked.
func (c *Client) judgeWrite(w call, r response, key string) (advice, error) {
	unchanged := &UnavailableError{
		Operation: w.operation, LifecycleID: w.id, Status: r.status, RetryAfter: r.retryAfter, Hint: hintUnavailable(r.status),
	}
	switch {
	case r.err != nil && !r.sent:
		unchanged.Reason, unchanged.Err = c.clean(r.err.Error(), key), r.err
		return advice{again: !isPermanent(r.err) && !isContextError(r.err)}, unchanged
	case r.err != nil:
		return advice{}, uncertain(w, r.status, c.clean(r.err.Error(), key), r.err)
	case isSuccess(r.status):
		return advice{}, nil
	}
	said := errorBodyOf(r)
	switch {
	case said.Error != nil && (r.status == http.StatusInternalServerError || isClientError(r.status)):
		return advice{}, c.refused(w.operation, w.id, r, *said.Error, key)
	case r.status == http.StatusTooManyRequests:
		// The gateway refuses these before they reach the orchestrator.
		unchanged.Reason = "too many requests at once"
		return advice{again: true, after: r.retryAfter}, unchanged
	case isClientError(r.status) && r.status != http.StatusRequestTimeout:
		// The orchestrator itself sends only 200 and 500, so this is from the gateway, which did not pass the request on.
		unchanged.Reason = c.clean(said.Message, key)
		return advice{}, unchanged
	}
	return advice{}, uncertain(w, r.status, c.clean(said.Message, key), nil)
}

// judgeRead returns the error that the response to a query stands for, and whether the query may be sent again. No error
// means a status of success, whose body is still to be checked.
func (c *Client) judgeRead(q query, r response, key string) (advice, error) {
	failed := &UnavailableError{
		Operation: q.operation, LifecycleID: q.id, Status: r.status, RetryAfter: r.retryAfter, Hint: hintUnavailable(r.status),
	}
	if r.err != nil {
		failed.Reason, failed.Err = c.clean(r.err.Error(), key), r.err
		return advice{again: !isPermanent(r.err) && !isContextError(r.err)}, failed
	}
	if isSuccess(r.status) {
		return advice{}, nil
	}
	said := errorBodyOf(r)
	if said.Error != nil && (r.status == http.StatusInternalServerError || isClientError(r.status)) {
		return advice{}, c.refused(q.operation, q.id, r, *said.Error, key)
	}
	failed.Reason = c.clean(said.Message, key)
	again := r.status >= 500 || r.status == http.StatusTooManyRequests && !q.polled || r.status == http.StatusRequestTimeout
	return advice{again: again, after: r.retryAfter}, failed
}

func (c *Client) refused(o lifecycle.Operation, id string, r response, text, key string) *RefusedError {
	hint := cmp.Or(c.clean(r.hint, key), hintRefused(o, text))
	return &RefusedError{Operation: o, LifecycleID: id, Status: r.status, Text: c.clean(text, key), Hint: hint}
}

func (c *Client) unusable(q query, status int, reason string) *UnavailableError {
	return &UnavailableError{
		Operation: q.operation, LifecycleID: q.id, Status: status, Reason: reason, Hint: hintUnavailable(status),
	}
}

func uncertain(w call, status int, reason string, cause error) *UncertainError {
	return &UncertainError{
		Operation: w.operation, LifecycleID: w.id, Status: status, Reason: reason, Hint: hintUncertain, Err: cause,
	}
}

func isSuccess(status int) bool     { return status >= 200 && status < 300 }
func isClientError(status int) bool { return status >= 400 && status < 500 }

// isContextError reports whether err is the end of the caller's context. The client's own time-out is another error.
func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// errorBody is the text that the orchestrator (error) or its gateway (message) sends with a status. Error is nil if
// the body has no error that is a string.
type errorBody struct {
	Error   *string `json:"error"`
	Message string  `json:"message"`
}

func errorBodyOf(r response) errorBody {
	if r.status >= 300 && r.status < 400 {
		return errorBody{Message: "a redirect, which is not followed, to protect the API key"}
	}
	var said struct {
		Error   json.RawMessage `json:"error"`
		Message json.RawMessage `json:"message"`
	}
	var found errorBody
	if json.Unmarshal(r.body, &said) != nil {
		return found
	}
	// A member of an unexpected type must not hide the other one. A null leaves the pointer nil.
	if json.Unmarshal(said.Error, &found.Error) != nil {
		found.Error = nil
	}
	_ = json.Unmarshal(said.Message, &found.Message)
	return found
}

// maxText is how many bytes of the server's text an error quotes. maxCleaned is how many bytes of it are redacted first.
const (
	maxText    = 800
	maxCleaned = 1 << 20
)

// clean returns the server's text for an error message: without the key that was sent, redacted, and shortened. The
// redaction comes before the shortening, because a secret that is cut in half is not recognised.
func (c *Client) clean(text, key string) string {
	text = text[:min(len(text), maxCleaned)]
	if key != "" {
		text = strings.ReplaceAll(text, key, "***")
	}
	text = strings.TrimSpace(c.options.Redact(text))
	if len(text) > maxText {
		text = text[:maxText] + "..."
	}
	return strings.ToValidUTF8(text, "")
}

// acceptedOf decodes a successful response to a write. If the response is not as expected, the error is an
// *UncertainError: such a response does not prove that the write was done.
func acceptedOf(w call, r response) (Accepted, error) {
	var accepted Accepted
	var reason string
	switch err := json.Unmarshal(r.body, &accepted); {
	case err != nil:
		reason = "the response is not JSON of the expected form"
	case !lifecycle.IsID(accepted.LifecycleID):
		reason = "the response has no valid lifecycle id"
	case w.id != "" && accepted.LifecycleID != w.id:
		reason = "the response is about another lifecycle"
	default:
		return accepted, nil
	}
	return Accepted{}, uncertain(w, r.status, reason, nil)
}

func documentOf(id string, body []byte) (*lifecycle.Document, error) {
	document, err := lifecycle.Decode(body)
	if err != nil {
		return nil, err
	}
	if document.ID != id {
		return nil, errors.New("the response is about another lifecycle")
	}
	return document, nil
}

func pageOf(body []byte) ([]byte, error) {
	if page := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF"))); len(page) == 0 || page[0] != '<' {
		return nil, fmt.Errorf("the response is not a page of HTML")
	}
	return body, nil
}
