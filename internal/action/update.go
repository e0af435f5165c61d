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
			return fmt.Sprintf("%s: %s", r.Settings.Operation, names(events))
		},
	})
}

// updateRequest asks for the events of a lifecycle that stood as before just now.
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

// finder looks for the trace of a request; see [once.Request].
type finder func(context.Context) (*lifecycle.Document, once.Certainty, error)

// findStarted looks whether a request for the events has left its token, or started the first of them.
// The server starts events before it answers, so a status without them is proof.
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

// startedSince looks whether the first of the events has started, although the orchestrator may have refused. A token proves
// nothing here: what a refused request sends is stored.
func (r *run) startedSince(before *lifecycle.Document, events []lifecycle.Event) func(context.Context) (*lifecycle.Document, error) {
	return func(ctx context.Context) (*lifecycle.Document, error) {
		document, err := r.look(ctx)
		if err != nil || watch.Judge(before, document, events[:1], watch.Finding{})[0].State == watch.Waiting {
			return nil, err
		}
		return document, nil
	}
}

// step is what an operation on a lifecycle that exists does: it asks for events of a lifecycle that stood as before
// just now, and looks for the trace of that request.
type step struct {
	request func(before *lifecycle.Document, events []lifecycle.Event) orchestrator.Request
	// ready prepares the request just before it goes out; nil sends it as it is. It asks permit before it changes
	// anything.
	ready func(ctx context.Context, request orchestrator.Request, before *lifecycle.Document, permit func(context.Context) error) (orchestrator.Request, error)
	find  func(before *lifecycle.Document, events []lifecycle.Event) finder
	// check is asked after each look whether the request may be sent; nil allows it. done says that nothing is
	// left to do.
	check func(document *lifecycle.Document) (done bool, err error)
	// statement says what is asked for, in the same words for every run that asks for the same.
	statement func(events []lifecycle.Event) string
	// settle is how long nothing may show of a request that was taken.
	settle time.Duration
}

// prepare returns the request that goes out.
func (s step) prepare(
	ctx context.Context, before *lifecycle.Document, events []lifecycle.Event, permit func(context.Context) error,
) (orchestrator.Request, error) {
	request := s.request(before, events)
	if s.ready == nil {
		return request, nil
	}
	return s.ready(ctx, request, before, permit)
}

// proceed looks at the lifecycle first, attaches to what is in progress already, asks for the rest and
// waits for all of it. It is the way of every operation on a lifecycle that exists (docs/architecture.md,
// "Never twice").
func (r *run) proceed(ctx context.Context, wanted []lifecycle.Event, s step) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, p, err := r.plan(ctx, wanted, s.check)
	if err != nil || p.nothing {
		return err
	}
	if r.Settings.DryRun {
		return r.showDryRun(s.request(document, p.start))
	}
	r.identified(document.ID, wanted)
	r.take(nil, document)
	if len(p.done) > 0 {
		r.story.Say("Completed already by an earlier attempt of this job: %s.", names(p.done))
	}
	return r.start(ctx, s, document, p, wanted)
}

// start asks for what is left to do, once what is in progress has ended, or goes on with what another run has asked
// for. Each time round it has looked at the lifecycle anew.
func (r *run) start(ctx context.Context, s step, document *lifecycle.Document, p plan, wanted []lifecycle.Event) (err error) {
	var holder claim.Record
	for len(p.start) > 0 {
		if len(p.attach) > 0 {
			r.story.Say("In progress already: continuing with it (%s).", names(p.attach))
			if !r.Settings.Wait {
				return notAllowed(document.ID,
					fmt.Sprintf("%s is in progress, so %s cannot be asked for yet", p.attach[0], names(p.start)),
					"leave out --wait=false, or ask again when it has ended")
			}
			if err := r.wait(ctx, nil, p.attach); err != nil {
				return err
			}
		} else {
			r.story.Say("Asking for %s.", names(p.start))
			result, err := r.claimed(ctx, s, document, p.start)
			defer result.Wait()
			if err != nil {
				return err
			}
			if result.Sent || r.isAttached(ctx, result, document, p.start) {
				return r.wait(ctx, document, p.start)
			}
			holder = result.Holder
		}
		if document, p, err = r.plan(ctx, p.start, s.check); err != nil || p.nothing {
			return withHolder(err, holder)
		}
	}
	if len(p.attach) > 0 {
		r.story.Say("In progress already: continuing with it (%s).", names(p.attach))
	}
	return r.wait(ctx, nil, wanted)
}

// isAttached reports whether another run has asked for the very same, and the first of the events has begun since
// the document: then this run goes on with it. It says who was faster.
func (r *run) isAttached(ctx context.Context, result claim.Result, before *lifecycle.Document, events []lifecycle.Event) bool {
	r.story.Say("%s has asked for %s.", result.Holder.Holder(), result.Holder.Request)
	if !result.Same {
		return false
	}
	now, err := r.look(ctx)
	return err == nil && watch.Judge(before, now, events[:1], watch.Finding{})[0].State != watch.Waiting
}

// withHolder adds to a refusal who has asked for what stands in the way.
func withHolder(err error, holder claim.Record) error {
	refusal := outcome.Of(err)
	if refusal == nil || refusal.Kind != outcome.Refused || holder.Request == "" {
		return err
	}
	named := *refusal
	named.Reason += fmt.Sprintf("; %s has asked for %s", holder.Holder(), holder.Request)
	return &named
}

// plan looks at the lifecycle and says what is left to do. Where something may be under way that does
// not show yet, it looks again until that time has passed.
func (r *run) plan(
	ctx context.Context, wanted []lifecycle.Event, check func(*lifecycle.Document) (bool, error),
) (document *lifecycle.Document, p plan, err error) {
	err = r.lookAgain(ctx, func() (time.Duration, error) {
		if document, err = r.look(ctx); err != nil {
			return 0, err
		}
		r.lookBehind(ctx, document)
		if check != nil {
			if done, err := check(document); err != nil || done {
				p = plan{nothing: done}
				return 0, err
			}
		}
		ours := r.token.isOurs(document)
		isRerun := r.Pipeline.Attempt() > 1
		if p, err = planFor(document, wanted, ours || isRerun && !r.leavesToken()); err != nil || len(p.start) == 0 {
			return 0, err
		}
		if isRerun && !ours {
			return r.Limits.Settle, nil // the attempt before may have died with its request under way
		}
		if p.unsettled {
			return r.Limits.Handover, nil
		}
		return 0, nil
	})
	return document, p, err
}

// leavesToken reports whether the server keeps the properties of the operation, and so its token. Where it
// does not, a re-run takes what has completed as its first attempt's work: it is what was asked for.
func (r *run) leavesToken() bool {
	switch r.Settings.Operation {
	case lifecycle.CreateUpdate, lifecycle.QACertification:
		return true
	}
	return false
}
