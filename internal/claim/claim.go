package claim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Store stores small objects with conditional writes, as S3 does.
type Store interface {
	// Get returns the body and the version of an object, and the minimum time since it was last written, by the
	// store's own clock. The version is "" if there is no object. A body that is too large to be a claim is nil.
	Get(ctx context.Context, key string) (body []byte, version string, age time.Duration, err error)
	// Create writes an object if there is none under the key, and returns its version. won is false if there
	// is one. After an error, it is unknown whether the object was written.
	Create(ctx context.Context, key string, body []byte) (version string, won bool, err error)
	// Replace writes an object if it still has the version. Its results are those of [Store.Create].
	Replace(ctx context.Context, key, version string, body []byte) (newVersion string, won bool, err error)
	// Prove checks that the store refuses writes whose conditions do not hold. It returns nil if the store does.
	Prove(ctx context.Context) error
}

// ErrLost means that another run has taken over the claim, so its former holder must not send.
var ErrLost = errors.New("another run has taken over the claim")

// Claim is a claim that this process holds.
type Claim struct {
	claims  *Claims
	key     string
	record  Record
	version string
	// since is the time just before the last write of the claim. No other run can have seen that write earlier.
	since time.Time
	// permitted is set when a request may have been sent.
	permitted bool
}

// Held is a claim that another process has written. If it is released, no process holds it: see [Record.State].
type Held struct {
	Record  Record
	key     string
	version string
	// unchangedSince is a time since which the claim has certainly been unchanged, by this process's clock.
	unchangedSince time.Time
}

// Acquire claims the key. Exactly one of all callers gets a claim. The others get a [Held], which says who holds the
// claim.
func (c *Claims) Acquire(ctx context.Context, key string, statement Statement) (*Claim, *Held, error) {
	return c.write(ctx, key, "", c.recordOf(statement))
}

// TakeOver takes over a claim of another process, if the claim is unchanged since it was read. The caller must know that
// the former holder can no longer send anything, or that it has released the claim.
func (c *Claims) TakeOver(ctx context.Context, held *Held, statement Statement) (*Claim, *Held, error) {
	return c.write(ctx, held.key, held.version, c.recordOf(statement))
}

// Look reads a claim. held is nil if there is none.
func (c *Claims) Look(ctx context.Context, key string) (held *Held, err error) {
	asked := time.Now()
	body, version, age, err := c.Store.Get(ctx, key)
	if err != nil || version == "" {
		return nil, err
	}
	return &Held{Record: decode(body), key: key, version: version, unchangedSince: asked.Add(-age)}, nil
}

func (c *Claims) recordOf(s Statement) Record {
	return Record{
		State: Claimed, Token: s.Token, Request: printable(s.Request), Run: s.Run, Attempt: s.Attempt, Written: time.Now().UTC(),
	}
}

// writes is the maximum number of attempts to write a claim.
const writes = 3

// write writes the record on the condition that the object has the version. "" means that there must be no object. If the
// response is lost, write reads the object: it was written if it contains the name of this write.
func (c *Claims) write(ctx context.Context, key, version string, record Record) (*Claim, *Held, error) {
	var err error
	if record.Write, err = newWrite(c.Random); err != nil {
		return nil, nil, err
	}
	body, err := json.Marshal(record)
	if err != nil {
		return nil, nil, fmt.Errorf("a claim cannot be written as JSON: %w", err)
	}
	since := time.Now()
	for range writes {
		written, won, failed := c.put(ctx, key, version, body)
		if won && failed == nil {
			return &Claim{claims: c, key: key, record: record, version: written, since: since}, nil, nil
		}
		if isPermanent(failed) || ctx.Err() != nil {
			return nil, nil, failed
		}
		held, unread := c.Look(ctx, key)
		switch {
		case unread != nil && failed != nil:
			return nil, nil, failed // the reading may fail only because S3 hides missing objects from a user without s3:ListBucket
		case unread != nil:
			return nil, nil, unread
		case held != nil && held.Record.Write == record.Write:
			return &Claim{claims: c, key: key, record: record, version: held.version, since: since}, nil, nil
		case held != nil && held.version != version:
			return nil, held, nil
		}
		if held == nil {
			version = "" // a user has deleted the object: the next run to write it gets the claim
		}
		err = failed
	}
	if err == nil {
		err = errors.New("the claim keeps changing")
	}
	return nil, nil, err
}

func (c *Claims) put(ctx context.Context, key, version string, body []byte) (string, bool, error) {
	if version == "" {
		return c.Store.Create(ctx, key, body)
	}
	return c.Store.Replace(ctx, key, version, body)
}

// Permit returns nil if the holder may send now. The holder must call it just before each request that it sends, because
// it may send only for [Claims.Lease] after its last write. After that time, Permit renews the claim. If another run has
// taken it over, the error is [ErrLost]. After any error, nothing may be sent.
func (c *Claim) Permit(ctx context.Context) error {
	for range writes {
		if elapsed(c.since) < c.claims.Lease {
			c.permitted = true
			return nil
		}
		err := c.rewrite(ctx, func(r *Record) { r.Written = time.Now().UTC() })
		if errors.Is(err, ErrLost) {
			return err
		}
		if err != nil {
			return c.claims.explain(ctx, c.key, err)
		}
	}
	return c.claims.explain(ctx, c.key, errors.New("it cannot be renewed in time: S3 is too slow"))
}

// elapsed returns the time since then by the clock that shows more: the monotonic clock stops while a machine sleeps, and
// the wall clock can be set back.
func elapsed(since time.Time) time.Duration {
	now := time.Now()
	return max(now.Sub(since), now.Round(0).Sub(since.Round(0)))
}

// Accepted records that the orchestrator has accepted the request, and which lifecycle the request is about. It may run
// in parallel with other requests: until it has ended, other runs look for the token.
func (c *Claim) Accepted(ctx context.Context, lifecycleID string) error {
	return c.rewrite(ctx, func(r *Record) { r.State, r.LifecycleID = Accepted, lifecycleID })
}

// adopt records that an earlier attempt has started the lifecycle without a claim.
func (c *Claim) adopt(ctx context.Context, trace Trace) error {
	return c.rewrite(ctx, func(r *Record) { r.State, r.LifecycleID, r.Token = Accepted, trace.LifecycleID, trace.Token })
}

// Release gives up the claim, so that the next run does not have to wait. The request must certainly not have been
// carried out.
func (c *Claim) Release(ctx context.Context) error {
	return c.rewrite(ctx, func(r *Record) { r.State = Released })
}

func (c *Claim) rewrite(ctx context.Context, change func(*Record)) error {
	record := c.record
	change(&record)
	renewed, _, err := c.claims.write(ctx, c.key, c.version, record)
	if err != nil {
		return err
	}
	if renewed == nil {
		return ErrLost
	}
	c.record, c.version, c.since = renewed.record, renewed.version, renewed.since
	return nil
}
