package action

import (
	"context"
	"fmt"
	"time"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/once"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/rules"
	"github.com/org/ami-action/internal/watch"
)

// update runs further events on a new or a patched AMI.
func (r *run) update(ctx context.Context) error {
	wanted, err := lifecycle.EventsOf(r.Settings.Operation, r.Settings.Events)
	if err != nil {
		return err
	}
	return r.proceed(ctx, wanted, step{
		request: r.updateRequest, find: r.findStarted,
		statement: func(events []lifecycle.Event) string {
			return fmt.Sprintf("%s: %s", r.Settings.Operation, lifecycle.Names(events))
		},
	})
}

// updateRequest returns the request for the events. before is the lifecycle's current document.
func (r *run) updateRequest(before *lifecycle.Document, events []lifecycle.Event) orchestrator.Request {
	s := r.Settings
	if s.Operation == lifecycle.PatchUpdate {
		return orchestrator.PatchUpdateRequest{
			LifecycleID: before.ID, StackTag: s.StackTag, Owner: s.Owner, CommitRef: s.CommitRef,
			Notifications: s.Notifications, Events: events, Properties: r.properties(),
		}
	}
	return orchestrator.UpdateRequest{
		LifecycleID: before.ID, StackTag: s.StackTag, Owner: s.Owner,
		Notifications: s.Notifications, Events: events, Properties: r.properties(),
	}
}

// finder looks for the trace of a request; see Find in [once.Request].
type finder func(context.Context) (*lifecycle.Document, once.Certainty, error)

// findStarted returns a finder that checks whether the request has left its token or started the first of the events.
// The server starts events before it answers, so a status without them proves that it was not carried out.
func (r *run) findStarted(before *lifecycle.Document, events []lifecycle.Event) finder {
	return func(ctx context.Context) (*lifecycle.Document, once.Certainty, error) {
		document, err := r.look(ctx)
		if err != nil {
			return nil, once.Uncertain, err
		}
		if r.token.isIn(document) || watch.Judge(before, document, events[:1], watch.Finding{})[0].State != watch.Waiting {
			return document, once.Certain, nil
		}
		return nil, once.Certain, nil
	}
}

// startedSince returns a function that checks whether the first of the events has started, even if the orchestrator has
// refused the request. The token proves nothing here, because the orchestrator stores the properties of a refused request.
func (r *run) startedSince(before *lifecycle.Document, events []lifecycle.Event) func(context.Context) (*lifecycle.Document, error) {
	return func(ctx context.Context) (*lifecycle.Document, error) {
		document, err := r.look(ctx)
		if err != nil || watch.Judge(before, document, events[:1], watch.Finding{})[0].State == watch.Waiting {
			return nil, err
		}
		return document, nil
	}
}

// step is the specific part of an operation on an existing lifecycle: how it asks for events, and how it looks for the
// trace of its request. In each function, before is the lifecycle's document just before the request.
type step struct {
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
func (s step) prepare(
	ctx context.Context, before *lifecycle.Document, events []lifecycle.Event, permit func(context.Context) error,
) (orchestrator.Request, error) {
	request := s.request(before, events)
	if s.ready == nil {
		return request, nil
	}
	return s.ready(ctx, request, before, permit)
}

// proceed looks at the lifecycle, attaches to the events that are already in progress, asks for the rest and
// waits for all of them. Updates, certifications and approvals work this way (docs/architecture.md,
// "Never twice").
func (r *run) proceed(ctx context.Context, wanted []lifecycle.Event, s step) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, p, done, err := r.plan(ctx, wanted, s.check)
	if err != nil || done {
		return err
	}
	if r.Settings.DryRun {
		return r.showDryRun(s.request(document, p.Start))
	}
	r.identified(document.ID, wanted)
	r.take(nil, document)
	if len(p.Done) > 0 {
		r.progress.Say("Already completed by an earlier attempt of this job: %s.", lifecycle.Names(p.Done))
	}
	return r.start(ctx, s, document, p, wanted)
}

// start asks for the remaining events when those in progress have ended, or continues with what another run has asked
// for. It looks at the lifecycle again before each round.
func (r *run) start(ctx context.Context, s step, document *lifecycle.Document, p rules.Plan, wanted []lifecycle.Event) (err error) {
	var holder claim.Record
	for len(p.Start) > 0 {
		if len(p.Attach) > 0 {
			r.progress.Say("Already in progress: continuing with it (%s).", lifecycle.Names(p.Attach))
			if !r.Settings.Wait {
				return rules.NotAllowed(document.ID,
					fmt.Sprintf("%s is in progress, so %s cannot be started yet", p.Attach[0], lifecycle.Names(p.Start)),
					"remove --wait=false, or run this again when it has ended")
			}
			if err := r.wait(ctx, nil, p.Attach); err != nil {
				return err
			}
		} else {
			r.progress.Say("Requesting %s.", lifecycle.Names(p.Start))
			result, err := r.claimed(ctx, s, document, p.Start)
			defer result.Wait()
			if err != nil {
				return err
			}
			if result.Sent || r.isAttached(ctx, result, document, p.Start) {
				return r.wait(ctx, document, p.Start)
			}
			holder = result.Holder
		}
		var done bool
		if document, p, done, err = r.plan(ctx, p.Start, s.check); err != nil || done {
			return withHolder(err, holder)
		}
	}
	if len(p.Attach) > 0 {
		r.progress.Say("Already in progress: continuing with it (%s).", lifecycle.Names(p.Attach))
	}
	return r.wait(ctx, nil, wanted)
}

// isAttached reports whether this run can continue with the request of another run, which it names: whether that run has
// asked for the same, and the first of the events has begun since the document before.
func (r *run) isAttached(ctx context.Context, result claim.Result, before *lifecycle.Document, events []lifecycle.Event) bool {
	r.progress.Say("%s has requested %s.", result.Holder.Holder(), result.Holder.Request)
	if !result.Same {
		return false
	}
	now, err := r.look(ctx)
	return err == nil && watch.Judge(before, now, events[:1], watch.Finding{})[0].State != watch.Waiting
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

// plan looks at the lifecycle and returns what is left to do; done is true if check says that the document already shows
// what was asked for. If something may be starting that does not show yet, it looks again until enough time has passed.
func (r *run) plan(
	ctx context.Context, wanted []lifecycle.Event, check func(*lifecycle.Document) (bool, error),
) (document *lifecycle.Document, p rules.Plan, done bool, err error) {
	err = r.lookAgain(ctx, func() (time.Duration, error) {
		if document, err = r.look(ctx); err != nil {
			return 0, err
		}
		r.lookBehind(ctx, document)
		if check != nil {
			if done, err = check(document); err != nil || done {
				return 0, err
			}
		}
		ours := r.token.isOurs(document)
		isRerun := r.Pipeline.Attempt() > 1
		if p, err = rules.PlanFor(document, wanted, ours || isRerun && !r.leavesToken()); err != nil || len(p.Start) == 0 {
			return 0, err
		}
		if isRerun && !ours {
			return r.Limits.Settle, nil // the previous attempt may have died while its request was in progress
		}
		if p.Unsettled {
			return r.Limits.Handover, nil
		}
		return 0, nil
	})
	return document, p, done, err
}

// leavesToken reports whether the server keeps the properties of the operation, and so its token. If it does not, a
// re-run treats completed events as the work of its first attempt, because they are what was asked for.
func (r *run) leavesToken() bool {
	switch r.Settings.Operation {
	case lifecycle.CreateUpdate, lifecycle.QACertification:
		return true
	}
	return false
}
