package claim

import (
	"context"
	"fmt"
	"time"

	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/sleep"
)

// follow finds out what the holder of a claim has started. It returns the result of attaching to that. If the holder has
// started nothing and can no longer start anything, it takes over the claim and returns it.
func (c *Claims) follow(ctx context.Context, held *Held, r Request) (*Claim, *Result, error) {
	settle := max(c.Settle, r.Settle)
	said := false
	for pause := settle / 32; ; pause = min(2*pause, settle/6) {
		// The order matters: when the claim has settled, nothing more can start under it, so only a look that begins after
		// that is a proof.
		left := settle - elapsed(held.unchangedSince)
		state, id, unknown := c.requestState(ctx, held, r)
		if ctx.Err() != nil {
			return nil, nil, context.Cause(ctx)
		}
		switch {
		case state == Started:
			c.help(ctx, held, id)
			return nil, &Result{LifecycleID: id, Holder: held.Record, Same: held.Record.Request == printable(r.Statement.Request)}, nil
		case held.Record.State == Released, state == Failed, state == Absent && left <= 0:
			claim, now, err := c.TakeOver(ctx, held, r.Statement)
			if claim != nil || err != nil {
				return claim, nil, err
			}
			held, pause = now, settle/32
			continue
		case left <= 0:
			return nil, nil, unknownStart(held, unknown)
		}
		if !said {
			said = true
			c.Progress.Say("%s is requesting %s: waiting for it.", held.Record.Holder(), held.Record.Request)
		}
		if err := sleep.For(ctx, min(pause, left)); err != nil {
			return nil, nil, err
		}
		// A claim that cannot be read now, or that a user has deleted, gives no new information: its holder may still be
		// sending.
		if now, err := c.Look(ctx, held.key); err == nil && now != nil && now.version != held.version {
			held = now
		}
	}
}

// requestState returns the state of the holder's request. For a released claim it does not look, because nothing was
// started under it.
func (c *Claims) requestState(ctx context.Context, held *Held, r Request) (RequestState, string, error) {
	if held.Record.State == Released {
		return Absent, "", nil
	}
	state, id, err := r.Look(ctx, held.Record)
	if err != nil {
		return Unproven, "", err
	}
	return state, id, nil
}

// help records what a holder has started if the holder has not recorded it, so that the next run need not look for it.
func (c *Claims) help(ctx context.Context, held *Held, id string) {
	if held.Record.State == Accepted && held.Record.LifecycleID == id {
		return
	}
	record := held.Record
	record.State, record.LifecycleID = Accepted, id
	_ = c.finish(ctx, func(ctx context.Context) error {
		_, _, err := c.write(ctx, held.key, held.version, record)
		return err
	})
}

func unknownStart(held *Held, err error) error {
	return &outcome.Error{
		Kind: outcome.Unknown, LifecycleID: held.Record.LifecycleID,
		Reason: fmt.Sprintf("%s has claimed %q at %s, and it is unknown whether that was started; nothing was sent",
			held.Record.Holder(), held.Record.Request, held.Record.Written.Format(time.DateTime)),
		Hint: fmt.Sprintf("check the statuses for the lifecycle that it started, and give the id to AMI_WAIT; "+
			"if it started nothing, delete the object %s from the bucket for patch components, and run this again", held.key),
		Err: err,
	}
}
