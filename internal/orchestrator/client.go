package orchestrator

import (
	"context"
	"crypto/tls"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
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
	// TLS configures the connections; nil trusts the system's certificates.
	TLS *tls.Config
	// Timeout bounds one request, from the dialling to the answer's last byte. 0 means 45 seconds: the
	// gateway gives up after 30.
	Timeout time.Duration
	// RetryBudget bounds the time that one call waits between its attempts, all in all. 0 means 20
	// seconds, less than 0 means that nothing is tried again.
	RetryBudget time.Duration
	// Redact removes the secrets from what the orchestrator says, before it is shortened: a secret that
	// was cut in two is none that can be found any more. nil removes nothing.
	Redact func(text string) string
	// Jitter returns a random number in [0, 1). nil means one of math/rand.
	Jitter func() float64
	// Sleep waits for so long, or until the context ends, whose error it then returns. nil means the
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
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return &Client{
		deployment: d, options: o,
		reads: newReadTransport(o.TLS), writes: newWriteTransport(o.TLS),
		refreshed: map[string]time.Time{},
	}
}

// Create asks for a new lifecycle and returns its id.
func (c *Client) Create(ctx context.Context, r CreateRequest) (Accepted, error) {
	events, err := eventsOf(lifecycle.Create, r.StackTag, r.Owner, r.Notifications, r.Events, r.Properties)
	if err != nil {
		return Accepted{}, err
	}
	body := createBody{eventsBody: events, ProductVer: r.ProductVer, ProductName: r.ProductName, CommitRef: r.CommitRef}
	return c.write(ctx, write{
		operation: lifecycle.Create, method: http.MethodPost, path: "/ami-creation/lifecycles",
		body: func(key string) any { body.APIKey = key; return body },
	})
}

// Update asks for further events of a lifecycle that has been built.
func (c *Client) Update(ctx context.Context, r UpdateRequest) (Accepted, error) {
	events, err := eventsOf(lifecycle.CreateUpdate, r.StackTag, r.Owner, r.Notifications, r.Events, r.Properties)
	if err != nil {
		return Accepted{}, err
	}
	body := updateBody{eventsBody: events, LifecycleID: r.LifecycleID}
	return c.write(ctx, write{
		operation: lifecycle.CreateUpdate, id: r.LifecycleID, method: http.MethodPut, path: "/ami-creation/lifecycles",
		body: func(key string) any { body.APIKey = key; return body },
	})
}

// Patch asks for a patch. Its component must have been uploaded before.
func (c *Client) Patch(ctx context.Context, r PatchRequest) (Accepted, error) {
	properties := maps.Clone(r.Properties)
	if properties == nil {
		properties = map[string]string{}
	}
	properties["patch_component_url"] = r.ComponentURL
	properties["patch_change_description"] = r.ChangeDescription
	properties["semver_bump_type"] = r.SemverBumpType
	events, err := eventsOf(lifecycle.Patch, r.StackTag, r.Owner, r.Notifications, r.Events, properties)
	if err != nil {
		return Accepted{}, err
	}
	body := patchBody{eventsBody: events, LifecycleID: r.LifecycleID, CommitRef: r.CommitRef}
	return c.write(ctx, write{
		operation: lifecycle.Patch, id: r.LifecycleID, method: http.MethodPost, path: "/ami-patch/lifecycles",
		body: func(key string) any { body.APIKey = key; return body },
	})
}

// PatchUpdate asks for further events of a lifecycle that has been patched.
func (c *Client) PatchUpdate(ctx context.Context, r PatchUpdateRequest) (Accepted, error) {
	events, err := eventsOf(lifecycle.PatchUpdate, r.StackTag, r.Owner, r.Notifications, r.Events, r.Properties)
	if err != nil {
		return Accepted{}, err
	}
	body := patchBody{eventsBody: events, LifecycleID: r.LifecycleID, CommitRef: r.CommitRef}
	return c.write(ctx, write{
		operation: lifecycle.PatchUpdate, id: r.LifecycleID, method: http.MethodPut, path: "/ami-patch/lifecycles",
		body: func(key string) any { body.APIKey = key; return body },
	})
}

// Certify tells the QA team's verdict on the lifecycle. It travels through a queue: the result appears
// in the status some time afterwards.
func (c *Client) Certify(ctx context.Context, id string, r CertifyRequest) (Accepted, error) {
	body := verdictBody{
		StackTag: r.StackTag, LifecycleID: id, CertificationStatus: r.CertificationStatus, Properties: r.Properties,
	}
	return c.write(ctx, write{
		operation: lifecycle.QACertification, id: id, method: http.MethodPost,
		path: "/ami-creation/lifecycles/" + url.PathEscape(id) + "/certify",
		body: func(key string) any { body.APIKey = key; return body },
	})
}

// Approve tells whether the new AMI of the lifecycle, or with [lifecycle.Patching] the patched one, may
// go into production.
func (c *Client) Approve(ctx context.Context, phase lifecycle.Phase, id string, r ApproveRequest) (Accepted, error) {
	operation, path := lifecycle.ApprovalCreate, "/ami-creation/lifecycles/"
	if phase == lifecycle.Patching {
		operation, path = lifecycle.ApprovalPatch, "/ami-patch/lifecycles/"
	}
	body := verdictBody{StackTag: r.StackTag, LifecycleID: id, ApprovalStatus: r.ApprovalStatus, Properties: r.Properties}
	return c.write(ctx, write{
		operation: operation, id: id, method: http.MethodPost, path: path + url.PathEscape(id) + "/approve",
		body: func(key string) any { body.APIKey = key; return body },
	})
}

// Status returns the status document of the lifecycle.
func (c *Client) Status(ctx context.Context, id string) (*lifecycle.Document, error) {
	return read(ctx, c, question{
		operation: lifecycle.GetStatus, id: id, path: "/ami-creation/lifecycles/" + url.PathEscape(id) + "/status",
	}, func(answer []byte) (*lifecycle.Document, error) { return documentOf(id, answer) })
}

// Statuses returns the status documents of all lifecycles, in no order. A list of about 1 MB may have
// been cut by the server without a word (orchestrator-api.md, "The status document").
func (c *Client) Statuses(ctx context.Context) ([]*lifecycle.Document, error) {
	return read(ctx, c, question{operation: lifecycle.GetStatuses, path: "/ami-creation/lifecycles/status"}, documentsOf)
}

// Timeline returns the timeline of the lifecycle's creation, or with [lifecycle.Patching] of its patches,
// as a page of HTML. It is the server's own and may hold secrets.
func (c *Client) Timeline(ctx context.Context, phase lifecycle.Phase, id string) ([]byte, error) {
	operation, path := lifecycle.TimelineCreate, "/ami-creation/lifecycles/"
	if phase == lifecycle.Patching {
		operation, path = lifecycle.TimelinePatch, "/ami-patch/lifecycles/"
	}
	return read(ctx, c, question{operation: operation, id: id, path: path + url.PathEscape(id) + "/timeline"}, pageOf)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
