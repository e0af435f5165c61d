package orchestrator

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/org/ami-action/internal/lifecycle"
)

// maxRequest is below the 256 KB that the state machines behind the orchestrator take, with room for
// what it adds: a larger request is stored, answered with a 500, and half done all the same.
const maxRequest = 240 << 10

// refreshEvery bounds how often a refusal makes us ask AWS whether the key has changed: a wait polls on
// through refusals for other reasons.
const refreshEvery = time.Minute

// query is a request that only reads.
type query struct {
	operation lifecycle.Operation
	id, path  string
	// limit is how many bytes the answer may have.
	limit int64
	// polled says that the caller will ask again by itself, less often where it was throttled.
	polled bool
}

// read sends the query until it has a usable answer, or the budget is spent. A refusal is an answer,
// but also what a replaced key looks like: then the key is asked for again, and if it has changed the
// query is too.
func read[T any](ctx context.Context, c *Client, q query, decode func([]byte) (T, error)) (T, error) {
	var zero, decoded T
	if q.operation.TakesLifecycleID() && q.id == "" {
		return zero, &InvalidError{Operation: q.operation, Reason: "the lifecycle id is missing"}
	}
	base, key, err := c.locate(ctx, q.operation)
	if err != nil {
		return zero, err
	}
	ask := func() error {
		return c.retry(ctx, q.operation, q.id, func() (advice, error) {
			a := c.exchange(ctx, c.reads, http.MethodGet, base+q.path+"?"+url.Values{"api_key": {key}}.Encode(), nil, q.limit)
			advice, err := c.judgeRead(q, a, key)
			if err != nil {
				return advice, err
			}
			if decoded, err = decode(a.body); err != nil {
				return advice.tryAgain(), c.unusable(q, a.status, err.Error())
			}
			return advice, nil
		})
	}
	err = ask()
	if _, refused := errors.AsType[*RefusedError](err); refused {
		if fresh, changed := c.refresh(ctx, q.operation, key); changed {
			key = fresh
			err = ask()
		}
	}
	if err != nil {
		return zero, err
	}
	return decoded, nil
}

// locate finds the base URL and the operation's key, both at once.
func (c *Client) locate(ctx context.Context, o lifecycle.Operation) (base, key string, err error) {
	var group errgroup.Group
	group.Go(func() (err error) { base, err = c.deployment.Endpoint(ctx); return err })
	group.Go(func() (err error) { key, err = c.deployment.Key(ctx, keys[o]); return err })
	return base, key, group.Wait()
}

// refresh asks for the operation's key again and reports whether it is another than the one used. When
// that fails the old key is as good as ever: the refusal is what the caller must hear of.
func (c *Client) refresh(ctx context.Context, o lifecycle.Operation, used string) (fresh string, changed bool) {
	secret := keys[o]
	c.mu.Lock()
	last, asked := c.refreshed[secret]
	due := !asked || time.Since(last) >= refreshEvery
	if due {
		c.refreshed[secret] = time.Now()
	}
	c.mu.Unlock()
	if !due {
		return "", false
	}
	fresh, err := c.deployment.RefreshKey(ctx, secret)
	return fresh, err == nil && fresh != used
}
