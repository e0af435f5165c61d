package orchestrator

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sleep"
)

// Deployment provides the URL of the orchestrator and its API keys.
type Deployment interface {
	// Endpoint returns the base URL including the stage, without a trailing slash.
	Endpoint(ctx context.Context) (string, error)
	// Key returns the API key in the secret of that name. The key may be cached.
	Key(ctx context.Context, secret string) (string, error)
	// RefreshKey fetches the API key in the secret of that name again.
	RefreshKey(ctx context.Context, secret string) (string, error)
}

// Options configure a [Client]. The zero value is valid.
type Options struct {
	// TLS returns the configuration of TLS connections. It is called once, before the first of them. nil means that the
	// system's certificates are trusted.
	TLS func() (*tls.Config, error)
	// Timeout limits one request, from connecting to the last byte of the response. 0 means 45 seconds: the gateway
	// gives up after 30.
	Timeout time.Duration
	// RetryBudget limits the sum of the pauses between the attempts of one call. 0 means 20 seconds, and a negative
	// value means that nothing is retried.
	RetryBudget time.Duration
	// Redact removes the secrets from a text of the orchestrator. It is called before the text is shortened, because a
	// secret that is cut in half is not recognised. nil means that nothing is removed.
	Redact func(text string) string
	// Learn is called with the body of every response before it is decoded, because the body may hold secrets. For a
	// list, it is called with each document, from several goroutines. nil means that it is not needed.
	Learn func(document []byte)
	// Jitter returns a random number in [0, 1). nil means rand.Float64 of math/rand/v2.
	Jitter func() float64
	// Sleep waits for d, or until ctx ends, and then returns an error. nil means a timer.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Client is a client of one orchestrator. It is safe for concurrent use.
type Client struct {
	deployment Deployment
	options    Options
	reads      http.RoundTripper
	writes     http.RoundTripper

	mu        sync.Mutex
	refreshed map[string]time.Time // when each key was fetched again, by the name of its secret
}

// New returns a client of the orchestrator at the endpoint of d.
func New(d Deployment, o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = 45 * time.Second
	}
	if o.RetryBudget == 0 {
		o.RetryBudget = 20 * time.Second
	}
	if o.Redact == nil {
		o.Redact = func(text string) string { return text }
	}
	if o.TLS == nil {
		o.TLS = func() (*tls.Config, error) { return nil, nil }
	}
	if o.Learn == nil {
		o.Learn = func([]byte) {}
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	if o.Sleep == nil {
		o.Sleep = sleep.For
	}
	return &Client{
		deployment: d, options: o,
		reads: &lazyTransport{make: newReadTransport, tls: o.TLS}, writes: &lazyTransport{make: newWriteTransport, tls: o.TLS},
		refreshed: map[string]time.Time{},
	}
}

// Send sends the request and returns the response of the orchestrator once it has accepted the request. Send retries
// only if the attempt before has certainly changed nothing. For its errors see the package.
func (c *Client) Send(ctx context.Context, r Request) (Accepted, error) {
	w, err := r.render()
	if err != nil {
		return Accepted{}, err
	}
	if w.operation.TakesLifecycleID() && w.id == "" {
		return Accepted{}, &InvalidError{Operation: w.operation, Reason: "the lifecycle id is missing"}
	}
	base, key, err := c.locate(ctx, w.operation)
	if err != nil {
		return Accepted{}, err
	}
	body, err := w.encode(key)
	if err != nil {
		return Accepted{}, err
	}
	var accepted Accepted
	err = c.retry(ctx, w.operation, w.id, func() (advice, error) {
		if err := askBeforeSending(ctx); err != nil {
			return advice{}, err
		}
		r := c.exchange(ctx, c.writes, w.method, base+w.path, body, maxOne, nil)
		advice, err := c.judgeWrite(w, r, key)
		if err == nil {
			accepted, err = acceptedOf(w, r)
		}
		return advice, err
	})
	return accepted, err
}

// Status returns the status document of the lifecycle with that id.
func (c *Client) Status(ctx context.Context, id string) (*lifecycle.Document, error) {
	return c.status(ctx, id, false)
}

// Poll is like Status, but does not retry when it is throttled: the wait that polls asks again later, and less often.
func (c *Client) Poll(ctx context.Context, id string) (*lifecycle.Document, error) {
	return c.status(ctx, id, true)
}

func (c *Client) status(ctx context.Context, id string, polled bool) (*lifecycle.Document, error) {
	return read(ctx, c, query{
		operation: lifecycle.GetStatus, id: id, path: "/ami-creation/lifecycles/" + url.PathEscape(id) + "/status",
		limit: maxOne, polled: polled,
	}, func(body []byte) (*lifecycle.Document, error) { return documentOf(id, body) })
}

// Timeline returns the timeline page of the lifecycle's creation, or with [lifecycle.Patching] of its patches, as HTML.
// The page is returned as the server sends it and may hold secrets.
func (c *Client) Timeline(ctx context.Context, phase lifecycle.Phase, id string) ([]byte, error) {
	operation, path := lifecycle.TimelineCreate, "/ami-creation/lifecycles/"
	if phase == lifecycle.Patching {
		operation, path = lifecycle.TimelinePatch, "/ami-patch/lifecycles/"
	}
	return read(ctx, c, query{operation: operation, id: id, path: path + url.PathEscape(id) + "/timeline", limit: maxKept}, pageOf)
}
