package action

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/watch"
)

// create starts a new lifecycle, or attaches to the one that an earlier attempt of this job started.
func (r *run) create(ctx context.Context) error {
	s := r.Settings
	events, err := lifecycle.EventsOf(lifecycle.Create, s.Events)
	if err != nil {
		return err
	}
	request := orchestrator.CreateRequest{
		StackTag: s.StackTag, Owner: s.Owner, ProductVer: s.ProductVer, ProductName: s.ProductName,
		CommitRef: s.CommitRef, Notifications: r.notifications(), Events: events, Properties: r.properties(),
	}
	if s.DryRun {
		return r.showDryRun(events, request.Properties)
	}
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	earlier, err := r.earlierAttempt(ctx, events)
	if err != nil {
		return err
	}
	if earlier != nil {
		r.story.say("An earlier attempt of this job started lifecycle %s: going on with it.", earlier.ID)
		r.identified(earlier.ID, events)
		r.take(nil, earlier)
		return r.wait(ctx, nil, events)
	}

	r.story.say("Creating an AMI of %s %s, stack tag %s: %s.", s.ProductName, s.ProductVer, s.StackTag, names(events))
	id, err := r.once(ctx, sending{
		send: func(ctx context.Context) (orchestrator.Accepted, error) { return r.Orchestrator.Create(ctx, request) },
		find: r.findByToken,
	})
	if err != nil {
		return err
	}
	r.identified(id, events)
	return r.wait(ctx, &lifecycle.Document{}, events)
}

// findByToken looks for the lifecycle that this process's own create left behind.
func (r *run) findByToken(ctx context.Context) (*lifecycle.Document, certainty, error) {
	documents, complete, err := r.statuses(ctx)
	if err != nil {
		return nil, uncertain, err
	}
	if i := slices.IndexFunc(documents, r.token.isIn); i >= 0 {
		return documents[i], certain, nil
	}
	if !complete {
		return nil, uncertain, nil
	}
	return nil, certain, nil
}

// earlierAttempt finds the lifecycle that an earlier attempt of this very job started, if it is alive or
// done. A lifecycle that failed is no reason not to build anew (design.md, "Never twice").
func (r *run) earlierAttempt(ctx context.Context, events []lifecycle.Event) (newest *lifecycle.Document, err error) {
	attempt := r.Pipeline.Attempt()
	if r.token.job == "" || attempt == 1 {
		return nil, nil
	}
	err = r.lookAgain(ctx, func() (time.Duration, error) {
		documents, complete, err := r.statuses(ctx)
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		ours := slices.DeleteFunc(documents, func(d *lifecycle.Document) bool { return !r.token.isOurs(d) })
		newest = newestAlive(ours, events)
		switch {
		case newest != nil:
			return 0, nil
		case (err != nil || !complete) && attempt > 1:
			return 0, &UnknownError{
				Reason: "this is a re-run, and the list of lifecycles that would tell what the attempt before it started is unusable",
				Hint: "give the lifecycle id of that attempt to AMI_WAIT, or start a new run instead of repeating this one; " +
					"nothing was sent",
				Err: err,
			}
		case err != nil || !complete:
			// GitLab does not say whether a job is a retry. Nearly all are not, and a deployment whose list
			// has outgrown 1 MB must not lose its creates for that.
			r.story.warn("The list of lifecycles is incomplete: if this job is a retry, look whether its first attempt started one.")
			return 0, nil //nolint:nilerr // the warning tells of it
		case len(ours) < attempt-1:
			return r.Patience.Settle, nil // an attempt may have died with its request under way
		}
		return 0, nil
	})
	return newest, err
}

// newestAlive returns the newest of the lifecycles in which all may still be well, or nil.
func newestAlive(documents []*lifecycle.Document, events []lifecycle.Event) (newest *lifecycle.Document) {
	for _, document := range documents {
		if isOrphan(document) || watch.Judge(nil, document, events).Cause() != nil {
			continue
		}
		if newest == nil || newest.Created.Before(document.Created.Time) {
			newest = document
		}
	}
	return newest
}

// isOrphan reports whether nothing was ever started in the lifecycle: a create that the server broke on
// leaves such ones ("Refused, and done all the same").
func isOrphan(document *lifecycle.Document) bool {
	return document.Running == nil && len(document.Results(lifecycle.Creation)) == 0
}

// listLimit is the size from which a list of statuses may have been cut: DynamoDB scans at most 1 MB, and
// the rest is silently missing (orchestrator-api.md, "The status document"). JSON and DynamoDB measure
// differently, so the limit keeps its distance.
const listLimit = 700_000

// statuses fetches the list of all lifecycles. complete is false where it may have been cut.
func (r *run) statuses(ctx context.Context) (documents []*lifecycle.Document, complete bool, err error) {
	documents, err = r.Orchestrator.Statuses(ctx)
	if err != nil {
		return nil, false, err
	}
	size := 0
	for _, document := range documents {
		r.Redactor.Learn(document.Raw)
		size += len(document.Raw)
	}
	return documents, size < listLimit, nil
}

// identified makes the lifecycle's id known to everyone, before anything else can go wrong.
func (r *run) identified(id string, events []lifecycle.Event) {
	r.outcome.LifecycleID = id
	r.Settings.LifecycleID = id
	r.waitedFor = events
	r.output("lifecycle_id", id)
	r.setStatus(statusRunning)
	if len(events) > 0 {
		r.setEvent(events[0])
	}
	if !r.printsJSON() {
		fmt.Fprintln(r.Pipeline.Stdout(), id)
	}
	r.story.say("Lifecycle %s.", id)
}
