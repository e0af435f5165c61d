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

// Deployment tells the client where the orchestrator is and which keys it takes.
type Deployment interface {
	// Endpoint returns the base URL, stage included, without a slash at its end.
	Endpoint(ctx context.Context) (string, error)
	// Key returns the API key that the secret holds.
	Key(ctx context.Context, secret string) (string, error)
	// RefreshKey returns the API key that the secret holds by now.
	RefreshKey(ctx context.Context, secret string) (string, error)
}

// Options are what a client can be told. The zero value is fit for use.
type Options struct {
	// TLS configures the connections; it is asked once, before the first connection with TLS. nil trusts the
	// system's certificates.
	TLS func() (*tls.Config, error)
	// Timeout bounds one request, from the dialling to the answer's last byte. 0 means 45 seconds: the
	// gateway gives up after 30.
	Timeout time.Duration
	// RetryBudget bounds the time that one call waits between its attempts, all in all. 0 means 20
	// seconds, less than 0 means that nothing is tried again.
	RetryBudget time.Duration
	// Redact removes the secrets from what the orchestrator says, before it is shortened: a secret that
	// was cut in two cannot be found any more. nil removes nothing.
	Redact func(text string) string
	// Learn is told of every document that arrives, before anything of it is used: it may hold secrets. Of a list each
	// document comes by itself, from several goroutines. nil learns nothing.
	Learn func(document []byte)
	// Jitter returns a random number in [0, 1). nil means one of math/rand.
	Jitter func() float64
	// Sleep waits for so long, or until the context ends, and then returns an error. nil means the
	// clock.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Client speaks with one orchestrator. Its methods may be called from several goroutines.
type Client struct {
	deployment Deployment
	options    Options
	reads      http.RoundTripper
	writes     http.RoundTripper

	mu        sync.Mutex
	refreshed map[string]time.Time // when a key was last asked for again, by its secret
}

// New returns a client of the orchestrator that d finds.
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

// Send sends the request and returns what the orchestrator answers once it has taken it. It is sent again only
// where the attempt before has surely done nothing.
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
		if err := mayGoOut(ctx); err != nil {
			return advice{}, err
		}
		a := c.exchange(ctx, c.writes, w.method, base+w.path, body, maxOne, nil)
		advice, err := c.judgeWrite(w, a, key)
		if err == nil {
			accepted, err = acceptedOf(w, a)
		}
		return advice, err
	})
	return accepted, err
}

// Status returns the status document of the lifecycle.
func (c *Client) Status(ctx context.Context, id string) (*lifecycle.Document, error) {
	return c.status(ctx, id, false)
}

// Poll is Status, but what is throttled is not tried again: a wait asks again when it is due, and less often.
func (c *Client) Poll(ctx context.Context, id string) (*lifecycle.Document, error) {
	return c.status(ctx, id, true)
}

func (c *Client) status(ctx context.Context, id string, polled bool) (*lifecycle.Document, error) {
	return read(ctx, c, query{
		operation: lifecycle.GetStatus, id: id, path: "/ami-creation/lifecycles/" + url.PathEscape(id) + "/status",
		limit: maxOne, polled: polled,
	}, func(body []byte) (*lifecycle.Document, error) { return documentOf(id, body) })
}

// Timeline returns the timeline of the lifecycle's creation, or with [lifecycle.Patching] of its patches,
// as a page of HTML. It is the server's own and may hold secrets.
func (c *Client) Timeline(ctx context.Context, phase lifecycle.Phase, id string) ([]byte, error) {
	operation, path := lifecycle.TimelineCreate, "/ami-creation/lifecycles/"
	if phase == lifecycle.Patching {
		operation, path = lifecycle.TimelinePatch, "/ami-patch/lifecycles/"
	}
	return read(ctx, c, query{operation: operation, id: id, path: path + url.PathEscape(id) + "/timeline", limit: maxMany}, pageOf)
}
