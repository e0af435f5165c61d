package action

import (
	"context"
	"fmt"
	"time"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/rules"
)

// change is the specific part of an operation on an existing lifecycle: how it asks for events, and how it looks for the
// trace of its request. In each function, before is the lifecycle's document just before the request.
type change struct {
	request func(before *lifecycle.Document, events []lifecycle.Event) orchestrator.Request
	// ready prepares the request just before it is sent. It calls permit before it changes anything. If ready is nil,
	// the request is sent as it is.
	ready func(ctx context.Context, request orchestrator.Request, before *lifecycle.Document, permit func(context.Context) error) (orchestrator.Request, error)
	find  func(before *lifecycle.Document, events []lifecycle.Event) finder
	// check is called after each look. It returns an error if the request must not be sent, and done if nothing is left
	// to do. If check is nil, the request may be sent.
	check func(document *lifecycle.Document) (done bool, err error)
	// statement describes what is asked for. The text is the same for every run that asks for the same.
	statement func(events []lifecycle.Event) string
	// settle is how long an accepted request may have no visible effect.
	settle time.Duration
}

// prepare returns the request to send.
func (c change) prepare(
	ctx context.Context, before *lifecycle.Document, events []lifecycle.Event, permit func(context.Context) error,
) (orchestrator.Request, error) {
	request := c.request(before, events)
	if c.ready == nil {
		return request, nil
	}
	return c.ready(ctx, request, before, permit)
}

// changing is an operation in progress that changes an existing lifecycle.
type changing struct {
	*run
	change
	events []lifecycle.Event
}

// proceed looks at the lifecycle, attaches to the events that are already in progress, asks for the rest and
// waits for all of them. Updates, certifications and approvals work this way (docs/architecture.md,
// "Never twice").
func (c changing) proceed(ctx context.Context) error {
	if err := c.prefetch(ctx); err != nil {
		return err
	}
	document, p, done, err := c.plan(ctx, c.events)
	if err != nil || done {
		return err
	}
	if c.Settings.DryRun {
		return c.showDryRun(c.request(document, p.Start))
	}
	c.identified(document.ID, c.events)
	c.take(nil, document)
	if len(p.Done) > 0 {
		c.progress.Say("Already completed by an earlier attempt of this job: %s.", lifecycle.Names(p.Done))
	}
	return c.start(ctx, document, p)
}

// start asks for the remaining events when those in progress have ended, or continues with what another run has asked
// for. It looks at the lifecycle again before each round.
func (c changing) start(ctx context.Context, document *lifecycle.Document, p rules.Plan) (err error) {
	var holder claim.Record
	for len(p.Start) > 0 {
		if len(p.Attach) > 0 {
			c.progress.Say("Already in progress: continuing with it (%s).", lifecycle.Names(p.Attach))
			if !c.Settings.Wait {
				return rules.NotAllowed(document.ID,
					fmt.Sprintf("%s is in progress, so %s cannot be started yet", p.Attach[0], lifecycle.Names(p.Start)),
					"remove --wait=false, or run this again when it has ended")
			}
			if err := c.waiter.wait(ctx, nil, p.Attach); err != nil {
				return err
			}
		} else {
			c.progress.Say("Requesting %s.", lifecycle.Names(p.Start))
			started, err := c.requests.claimed(ctx, c.change, document, p.Start)
			defer started.Wait()
			if err != nil {
				return err
			}
			if started.Sent || c.requests.isAttached(ctx, started, document, p.Start) {
				return c.waiter.wait(ctx, document, p.Start)
			}
			holder = started.Holder
		}
		var done bool
		if document, p, done, err = c.plan(ctx, p.Start); err != nil || done {
			return withHolder(err, holder)
		}
	}
	if len(p.Attach) > 0 {
		c.progress.Say("Already in progress: continuing with it (%s).", lifecycle.Names(p.Attach))
	}
	return c.waiter.wait(ctx, nil, c.events)
}

// plan looks at the lifecycle and returns what is left to do for the events; done is true if check says that the document
// already shows what was asked for. If something may be starting that does not show yet, it looks again until enough time
// has passed.
func (c changing) plan(ctx context.Context, events []lifecycle.Event) (document *lifecycle.Document, p rules.Plan, done bool, err error) {
	err = c.lifecycles.lookAgain(ctx, func() (time.Duration, error) {
		if document, err = c.lifecycles.look(ctx); err != nil {
			return 0, err
		}
		c.lifecycles.lookBehind(ctx, document)
		if c.check != nil {
			if done, err = c.check(document); err != nil || done {
				return 0, err
			}
		}
		ours := c.requests.token.isOurs(document)
		isRerun := c.Pipeline.Attempt() > 1
		if p, err = rules.PlanFor(document, events, ours || isRerun && !leavesToken(c.Settings.Operation)); err != nil || len(p.Start) == 0 {
			return 0, err
		}
		if isRerun && !ours {
			return c.Limits.Settle, nil // the previous attempt may have died while its request was in progress
		}
		if p.Unsettled {
			return c.Limits.Handover, nil
		}
		return 0, nil
	})
	return document, p, done, err
}

// withHolder adds to a refusal which run has asked for what, if a claim has shown that another run was first.
func withHolder(err error, holder claim.Record) error {
	refusal := outcome.Of(err)
	if refusal == nil || refusal.Kind != outcome.Refused || holder.Request == "" {
		return err
	}
	named := *refusal
	named.Reason += fmt.Sprintf("; %s has requested %s", holder.Holder(), holder.Request)
	return &named
}

// leavesToken reports whether the server keeps the properties of the operation, and so its token. If it does not, a
// re-run treats completed events as the work of its first attempt, because they are what was asked for.
func leavesToken(operation lifecycle.Operation) bool {
	switch operation {
	case lifecycle.CreateUpdate, lifecycle.QACertification:
		return true
	}
	return false
}
