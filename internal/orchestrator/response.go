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
func (c *Client) judgeWrite(w call, a response, key string) (advice, error) {
	unchanged := &UnavailableError{
		Operation: w.operation, LifecycleID: w.id, Status: a.status, RetryAfter: a.retryAfter, Hint: hintUnavailable(a.status),
	}
	switch {
	case a.err != nil && !a.sent:
		unchanged.Reason, unchanged.Err = c.clean(a.err.Error(), key), a.err
		return advice{again: !isPermanent(a.err) && !isContextError(a.err)}, unchanged
	case a.err != nil:
		return advice{}, uncertain(w, a.status, c.clean(a.err.Error(), key), a.err)
	case isSuccess(a.status):
		return advice{}, nil
	}
	said := errorBodyOf(a)
	switch {
	case said.Error != nil && (a.status == http.StatusInternalServerError || isClientError(a.status)):
		return advice{}, c.refused(w.operation, w.id, a, *said.Error, key)
	case a.status == http.StatusTooManyRequests:
		// The gateway refuses these before they reach the orchestrator.
		unchanged.Reason = "too many requests at once"
		return advice{again: true, after: a.retryAfter}, unchanged
	case isClientError(a.status) && a.status != http.StatusRequestTimeout:
		// The orchestrator itself sends only 200 and 500, so this is from the gateway, which did not pass the request on.
		unchanged.Reason = c.clean(said.Message, key)
		return advice{}, unchanged
	}
	return advice{}, uncertain(w, a.status, c.clean(said.Message, key), nil)
}

// judgeRead returns the error that the response to a query stands for, and whether the query may be sent again. No error
// means a status of success, whose body is still to be checked.
func (c *Client) judgeRead(q query, a response, key string) (advice, error) {
	failed := &UnavailableError{
		Operation: q.operation, LifecycleID: q.id, Status: a.status, RetryAfter: a.retryAfter, Hint: hintUnavailable(a.status),
	}
	if a.err != nil {
		failed.Reason, failed.Err = c.clean(a.err.Error(), key), a.err
		return advice{again: !isPermanent(a.err) && !isContextError(a.err)}, failed
	}
	if isSuccess(a.status) {
		return advice{}, nil
	}
	said := errorBodyOf(a)
	if said.Error != nil && (a.status == http.StatusInternalServerError || isClientError(a.status)) {
		return advice{}, c.refused(q.operation, q.id, a, *said.Error, key)
	}
	failed.Reason = c.clean(said.Message, key)
	again := a.status >= 500 || a.status == http.StatusTooManyRequests && !q.polled || a.status == http.StatusRequestTimeout
	return advice{again: again, after: a.retryAfter}, failed
}

func (c *Client) refused(o lifecycle.Operation, id string, a response, text, key string) *RefusedError {
	hint := cmp.Or(c.clean(a.hint, key), hintRefused(o, text))
	return &RefusedError{Operation: o, LifecycleID: id, Status: a.status, Text: c.clean(text, key), Hint: hint}
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

// isSuccess reports whether a status is one of success. A part of a response, which nobody has asked for, is none: a part
// of the list would prove that a lifecycle is not there.
func isSuccess(status int) bool {
	return status >= 200 && status < 300 && status != http.StatusPartialContent
}

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

func errorBodyOf(a response) errorBody {
	if a.status >= 300 && a.status < 400 {
		return errorBody{Message: "a redirect, which is not followed, to protect the API key"}
	}
	var said struct {
		Error   json.RawMessage `json:"error"`
		Message json.RawMessage `json:"message"`
	}
	var found errorBody
	if json.Unmarshal(a.body, &said) != nil {
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
func acceptedOf(w call, a response) (Accepted, error) {
	var accepted Accepted
	var reason string
	switch err := json.Unmarshal(a.body, &accepted); {
	case err != nil:
		reason = "the answer is not JSON of the expected form"
	case !lifecycle.IsID(accepted.LifecycleID):
		reason = "the answer has no valid lifecycle id"
	case w.id != "" && accepted.LifecycleID != w.id:
		reason = "the answer is about another lifecycle"
	default:
		return accepted, nil
	}
	return Accepted{}, uncertain(w, a.status, reason, nil)
}

func documentOf(id string, body []byte) (*lifecycle.Document, error) {
	document, err := lifecycle.Decode(body)
	if err != nil {
		return nil, err
	}
	if document.ID != id {
		return nil, errors.New("the answer is about another lifecycle")
	}
	return document, nil
}

func pageOf(body []byte) ([]byte, error) {
	if page := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF"))); len(page) == 0 || page[0] != '<' {
		return nil, fmt.Errorf("the answer is not a page of HTML")
	}
	return body, nil
}
