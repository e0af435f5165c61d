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

// maxRequest is the largest body of a request. The state machines behind the orchestrator take 256 KB, and the
// orchestrator adds to what it is sent. It responds to a larger request with a 500, but stores it and leaves it half done.
const maxRequest = 240 << 10

// refreshEvery is the least time between two checks whether a key has changed at AWS. A wait keeps polling when it is
// refused, and most refusals have other reasons than the key.
const refreshEvery = time.Minute

// query is a request that only reads.
type query struct {
	operation lifecycle.Operation
	id, path  string
	// limit is the largest size of the response in bytes.
	limit int64
	// polled says that the caller polls, so a throttled query is not retried here: the caller slows down.
	polled bool
	// stream reads a successful response as it arrives. It is called once per attempt. If it is nil, the whole
	// response is read and passed to decode.
	stream func(*bounded)
}

// read sends the query until it has a usable response or the retry budget is spent, and returns what decode makes of
// the response. A refusal is not retried, but it may mean that the key was replaced: read then fetches the key again,
// and if it has changed, sends the query with the new one.
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
			r := c.exchange(ctx, c.reads, http.MethodGet, base+q.path+"?"+url.Values{"api_key": {key}}.Encode(), nil, q.limit, q.stream)
			advice, err := c.judgeRead(q, r, key)
			if err != nil {
				return advice, err
			}
			if decoded, err = decode(r.body); err != nil {
				return advice.tryAgain(), c.unusable(q, r.status, err.Error())
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

// locate fetches the base URL and the operation's key concurrently.
func (c *Client) locate(ctx context.Context, o lifecycle.Operation) (base, key string, err error) {
	var group errgroup.Group
	group.Go(func() (err error) { base, err = c.deployment.Endpoint(ctx); return err })
	group.Go(func() (err error) { key, err = c.deployment.Key(ctx, keys[o]); return err })
	return base, key, group.Wait()
}

// refresh fetches the operation's key again and reports whether it differs from the one used. An error of that counts as
// unchanged, because the caller must report the refusal and not this error.
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
