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

// judgeWrite says what the answer to a write means (docs/wire-contract.md, "Errors"). No error means an
// answer of success that still has to be read.
func (c *Client) judgeWrite(w call, a response, key string) (advice, error) {
	unchanged := &UnavailableError{
		Operation: w.operation, LifecycleID: w.id, Status: a.status, RetryAfter: a.retryAfter, Hint: hintUnavailable(a.status),
	}
	switch {
	case a.err != nil && !a.sent:
		unchanged.Reason, unchanged.Err = c.clean(a.err.Error(), key), a.err
		return advice{again: !isPermanent(a.err) && !isEnd(a.err)}, unchanged
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
		// The gateway refuses these before anyone sees them.
		unchanged.Reason = "too many requests at once"
		return advice{again: true, after: a.retryAfter}, unchanged
	case isClientError(a.status) && a.status != http.StatusRequestTimeout:
		// The orchestrator itself answers 200 or 500 only: the gateway did not let this through.
		unchanged.Reason = c.clean(said.Message, key)
		return advice{}, unchanged
	}
	return advice{}, uncertain(w, a.status, c.clean(said.Message, key), nil)
}

// judgeRead says what the answer to a query means.
func (c *Client) judgeRead(q query, a response, key string) (advice, error) {
	failed := &UnavailableError{
		Operation: q.operation, LifecycleID: q.id, Status: a.status, RetryAfter: a.retryAfter, Hint: hintUnavailable(a.status),
	}
	if a.err != nil {
		failed.Reason, failed.Err = c.clean(a.err.Error(), key), a.err
		return advice{again: !isPermanent(a.err) && !isEnd(a.err)}, failed
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

func isSuccess(status int) bool     { return status >= 200 && status < 300 }
func isClientError(status int) bool { return status >= 400 && status < 500 }

// isEnd reports whether the caller has ended the call: our own time-out is another error.
func isEnd(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// words are what the orchestrator (error) or its gateway (message) says beside a status. Error is nil
// where the body has none of that form.
type errorBody struct {
	Error   *string `json:"error"`
	Message string  `json:"message"`
}

func errorBodyOf(a response) errorBody {
	if a.status >= 300 && a.status < 400 {
		return errorBody{Message: "a redirect, which is not followed: the key would go with it"}
	}
	var said struct {
		Error   json.RawMessage `json:"error"`
		Message json.RawMessage `json:"message"`
	}
	var found errorBody
	if json.Unmarshal(a.body, &said) != nil {
		return found
	}
	// One of another type than expected must not hide the other. A null leaves the pointer nil.
	if json.Unmarshal(said.Error, &found.Error) != nil {
		found.Error = nil
	}
	_ = json.Unmarshal(said.Message, &found.Message)
	return found
}

// maxText bounds what is quoted of the server's words, maxCleaned what is looked at for it.
const (
	maxText    = 800
	maxCleaned = 1 << 20
)

// clean makes the server's words fit to be quoted: without the key that was sent, redacted, and short.
// Redaction comes first, since half a secret is not found any more.
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

// acceptedOf reads the answer of success to a write. One that cannot be read proves nothing.
func acceptedOf(w call, a response) (Accepted, error) {
	var accepted Accepted
	var reason string
	switch err := json.Unmarshal(a.body, &accepted); {
	case err != nil:
		reason = "the answer is not JSON of the expected form"
	case !lifecycle.IsID(accepted.LifecycleID):
		reason = "the answer names no lifecycle"
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

// documentsOf reads the list of all. An id in it may be taken for that of a lost request, and is then handed
// on to later jobs: an invalid one makes the whole list unusable.
func documentsOf(body []byte) ([]*lifecycle.Document, error) {
	documents, err := lifecycle.DecodeAll(body)
	if err != nil {
		return nil, err
	}
	for _, document := range documents {
		if !lifecycle.IsID(document.ID) {
			return nil, errors.New("the list has a lifecycle with an invalid id")
		}
	}
	return documents, nil
}

func pageOf(body []byte) ([]byte, error) {
	if page := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF"))); len(page) == 0 || page[0] != '<' {
		return nil, fmt.Errorf("the answer is not a page of HTML")
	}
	return body, nil
}
