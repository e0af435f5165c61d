package action

import (
	"context"
	"fmt"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/watch"
)

// update runs further events on a new or a patched AMI.
func (r *run) update(ctx context.Context) error {
	wanted, err := lifecycle.EventsOf(r.Settings.Operation, r.Settings.Events)
	if err != nil {
		return err
	}
	return r.proceed(ctx, wanted, r.sendUpdate)
}

// sendUpdate asks for the events of a lifecycle that stood as before just now.
func (r *run) sendUpdate(ctx context.Context, before *lifecycle.Document, events []lifecycle.Event) error {
	s := r.Settings
	send := func(ctx context.Context) (orchestrator.Accepted, error) {
		if s.Operation == lifecycle.PatchUpdate {
			return r.Orchestrator.PatchUpdate(ctx, orchestrator.PatchUpdateRequest{
				LifecycleID: before.ID, StackTag: s.StackTag, Owner: s.Owner, CommitRef: s.CommitRef,
				Notifications: r.notifications(), Events: events, Properties: r.properties(),
			})
		}
		return r.Orchestrator.Update(ctx, orchestrator.UpdateRequest{
			LifecycleID: before.ID, StackTag: s.StackTag, Owner: s.Owner,
			Notifications: r.notifications(), Events: events, Properties: r.properties(),
		})
	}
	_, err := r.once(ctx, sending{send: send, find: r.findStarted(before, events)})
	return err
}

// findStarted looks whether a request for the events has left its token, or started the first of them.
// The server starts events before it answers, so a status without them is proof.
func (r *run) findStarted(before *lifecycle.Document, events []lifecycle.Event) func(context.Context) (*lifecycle.Document, certainty, error) {
	return func(ctx context.Context) (*lifecycle.Document, certainty, error) {
		document, err := r.look(ctx)
		if err != nil {
			return nil, uncertain, err
		}
		if r.token.isIn(document) || watch.Judge(before, document, events[:1])[0].State != watch.Waiting {
			return document, certain, nil
		}
		return nil, certain, nil
	}
}

// sender asks for events of a lifecycle that stood as before just now.
type sender func(ctx context.Context, before *lifecycle.Document, events []lifecycle.Event) error

// proceed looks at the lifecycle first, attaches to what is in progress already, asks for the rest and
// waits for all of it. It is the way of every operation on a lifecycle that exists (design.md, "Never
// twice").
func (r *run) proceed(ctx context.Context, wanted []lifecycle.Event, send sender) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, p, err := r.plan(ctx, wanted)
	if err != nil {
		return err
	}
	if r.Settings.DryRun {
		return r.showDryRun(p.start, r.properties())
	}
	r.identified(document.ID, wanted)
	r.take(nil, document)
	if len(p.done) > 0 {
		r.story.say("Completed already by an earlier attempt of this job: %s.", names(p.done))
	}
	if len(p.attach) > 0 {
		r.story.say("In progress already: going on with it (%s).", names(p.attach))
		if len(p.start) > 0 && !r.Settings.Wait {
			return &NotAllowedError{
				LifecycleID: document.ID,
				Reason:      fmt.Sprintf("%s is in progress, so %s cannot be asked for yet", p.attach[0], names(p.start)),
				Hint:        "leave out --wait=false, or ask again when it has ended",
			}
		}
		if len(p.start) == 0 {
			return r.wait(ctx, nil, wanted)
		}
		if err := r.wait(ctx, nil, p.attach); err != nil {
			return err
		}
		if document, p, err = r.plan(ctx, p.start); err != nil {
			return err
		}
	}
	if len(p.start) == 0 {
		return r.wait(ctx, nil, wanted)
	}
	r.story.say("Asking for %s.", names(p.start))
	if err := send(ctx, document, p.start); err != nil {
		return err
	}
	return r.wait(ctx, document, p.start)
}

// plan looks at the lifecycle and says what is left to do. Where the next event may be about to start by
// itself, it looks again until that moment has passed.
func (r *run) plan(ctx context.Context, wanted []lifecycle.Event) (*lifecycle.Document, plan, error) {
	for looks := 0; ; looks++ {
		document, err := r.look(ctx)
		if err != nil {
			return nil, plan{}, err
		}
		r.outcome.LifecycleID = document.ID
		p, err := planFor(document, wanted, r.token.isOurs(document))
		if err != nil || !p.unsettled || looks == looksBetween {
			return document, p, err
		}
		if err := sleep(ctx, r.Patience.Between/looksBetween); err != nil {
			return nil, plan{}, err
		}
	}
}

// looksBetween is how often the lifecycle is looked at again during Patience.Between.
const looksBetween = 3
