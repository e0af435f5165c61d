package claim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Store keeps objects that can be written on a condition, as S3 does. Objects are small.
type Store interface {
	// Get returns an object: its body, its version, and for how long at least it has stood as it does, by the
	// store's own clock. The version is "" where there is no object. A body that is too large to be a claim is nil.
	Get(ctx context.Context, key string) (body []byte, version string, age time.Duration, err error)
	// Create writes an object if there is none under the key, and returns its version. won is false if there
	// is one. After an error it is unknown whether it was written.
	Create(ctx context.Context, key string, body []byte) (version string, won bool, err error)
	// Replace writes an object if it still has the version, as [Store.Create] does.
	Replace(ctx context.Context, key, version string, body []byte) (newVersion string, won bool, err error)
	// Prove returns nil once the store has shown that it refuses writes whose conditions do not hold.
	Prove(ctx context.Context) error
}

// ErrLost says that somebody else has taken a claim over, so that its former holder must not send.
var ErrLost = errors.New("another run has taken the claim over")

// Claim is a claim that this process holds.
type Claim struct {
	claims  *Claims
	key     string
	record  Record
	version string
	// since is just before the write that holds now: others see a claim later than that, never earlier.
	since time.Time
	// permitted is set once a request may have been sent.
	permitted bool
}

// Held is a claim that somebody else holds, or nobody: see [Record.State].
type Held struct {
	Record  Record
	key     string
	version string
	// stands is when it has stood as it does at least since, by this process's clock.
	stands time.Time
}

// Acquire claims the key. One of claim and held is set, unless there is an error: exactly one of all callers
// gets a claim, the others learn who holds it.
func (c *Claims) Acquire(ctx context.Context, key string, statement Statement) (*Claim, *Held, error) {
	return c.write(ctx, key, "", c.recordOf(statement))
}

// TakeOver claims what somebody else held, if it still stands as it did. It is for the caller to know that
// the former holder can send nothing any more, or that it has released its claim.
func (c *Claims) TakeOver(ctx context.Context, held *Held, statement Statement) (*Claim, *Held, error) {
	return c.write(ctx, held.key, held.version, c.recordOf(statement))
}

// Look reads a claim again. held is nil where there is none.
func (c *Claims) Look(ctx context.Context, key string) (held *Held, err error) {
	asked := time.Now()
	body, version, age, err := c.Store.Get(ctx, key)
	if err != nil || version == "" {
		return nil, err
	}
	return &Held{Record: decode(body), key: key, version: version, stands: asked.Add(-age)}, nil
}

func (c *Claims) recordOf(s Statement) Record {
	return Record{
		State: Claimed, Token: s.Token, Request: printable(s.Request), Run: s.Run, Attempt: s.Attempt, Written: time.Now().UTC(),
	}
}

// writes bounds how often a claim is written whose write came to nothing.
const writes = 3

// write writes the record on the condition that the object has the version, "" for none. A write whose answer
// was lost is told from another's by its name: the object is read, and holds it or not.
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
			return nil, nil, failed // who may not list the bucket may not learn either that there is no object
		case unread != nil:
			return nil, nil, unread
		case held != nil && held.Record.Write == record.Write:
			return &Claim{claims: c, key: key, record: record, version: held.version, since: since}, nil, nil
		case held != nil && held.version != version:
			return nil, held, nil
		}
		if held == nil {
			version = "" // somebody has deleted it: the first to write it has it
		}
		err = failed
	}
	if err == nil {
		err = errors.New("the claim changes all the time")
	}
	return nil, nil, err
}

func (c *Claims) put(ctx context.Context, key, version string, body []byte) (string, bool, error) {
	if version == "" {
		return c.Store.Create(ctx, key, body)
	}
	return c.Store.Replace(ctx, key, version, body)
}

// Permit returns nil if the holder may send now, and must be asked just before each request that is sent: a
// claim lets its holder send for [Claims.Fence] only. After that time it renews the claim, if nobody has taken
// it over; the error is then [ErrLost]. With any error, nothing may be sent.
func (c *Claim) Permit(ctx context.Context) error {
	for range writes {
		if elapsed(c.since) < c.claims.Fence {
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

// elapsed is by the clock that has gone further: one stands still while a machine sleeps, the other can be set.
func elapsed(since time.Time) time.Duration {
	now := time.Now()
	return max(now.Sub(since), now.Round(0).Sub(since.Round(0)))
}

// Accepted records that the orchestrator has taken the request, and which lifecycle it is about. It may go out
// beside other requests: until it has, others look for the token.
func (c *Claim) Accepted(ctx context.Context, lifecycleID string) error {
	return c.rewrite(ctx, func(r *Record) { r.State, r.LifecycleID = Accepted, lifecycleID })
}

// adopt records that an earlier attempt has started the lifecycle, under no claim.
func (c *Claim) adopt(ctx context.Context, trace Trace) error {
	return c.rewrite(ctx, func(r *Record) { r.State, r.LifecycleID, r.Token = Accepted, trace.LifecycleID, trace.Token })
}

// Release gives the claim up: its request was certainly not carried out. The next run need not wait.
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
