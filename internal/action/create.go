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
	"github.com/org/ami-action/internal/progress"
	"github.com/org/ami-action/internal/sleep"
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
		CommitRef: s.CommitRef, Notifications: s.Notifications, Events: events, Properties: r.properties(),
	}
	if s.DryRun {
		return r.showDryRun(request)
	}
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	build := claim.Build{
		ProductName: s.ProductName, ProductVer: s.ProductVer, StackTag: s.StackTag, CommitRef: s.CommitRef, Events: events,
	}
	result, err := r.claims().Start(ctx, claim.Request{
		Key:       claim.CreateKey(r.Pipeline.JobIdentity(), build),
		Statement: r.statement(fmt.Sprintf("%s of %s %s: %s", s.Operation, s.ProductName, s.ProductVer, names(events))),
		Look:      r.lookAtCreate(events), IsUndone: isUndone,
		Earlier: r.earlierAttempt(events), Beside: r.Pipeline.Attempt() == 0,
		Send: func(ctx context.Context, permit func(context.Context) error) (string, error) {
			r.story.Say("Creating an AMI of %s %s, stack tag %s: %s.", s.ProductName, s.ProductVer, s.StackTag, names(events))
			return r.send(ctx, request, permit, r.findByToken, r.createdAllTheSame)
		},
	})
	defer result.Wait()
	if err != nil {
		return err
	}
	r.identified(result.LifecycleID, events)
	if result.Sent {
		return r.wait(ctx, &lifecycle.Document{}, events)
	}
	r.sayAttached(result)
	return r.wait(ctx, nil, events)
}

// sayAttached says that another run has started what this one goes on with.
func (r *run) sayAttached(result claim.Result) {
	if attempt := r.Pipeline.Attempt(); attempt > 0 && result.Holder.Attempt == attempt {
		r.story.Say("This job has started lifecycle %s before: continuing with it.", result.LifecycleID)
	} else {
		r.story.Say("An earlier attempt of this job started lifecycle %s: continuing with it.", result.LifecycleID)
	}
	if !r.Pipeline.TellsLegsApart() {
		r.story.Warn("If this job has a matrix, another leg of it may have started that lifecycle: set INPUT_MATRIX to ${{ toJSON(matrix) }} in the step's env, which tells the legs apart.")
	}
}

// createdAllTheSame looks whether a create that was refused has started its build: a refused one often leaves a
// lifecycle behind in which nothing runs.
func (r *run) createdAllTheSame(ctx context.Context) (*lifecycle.Document, error) {
	document, _, err := r.findByToken(ctx)
	if err != nil || document == nil || isOrphan(document) {
		return nil, err
	}
	return document, nil
}

// findByToken looks for the lifecycle that this process's own create left behind.
func (r *run) findByToken(ctx context.Context) (*lifecycle.Document, once.Certainty, error) {
	documents, complete, err := r.statuses(ctx)
	if err != nil {
		return nil, once.Uncertain, err
	}
	if document := findBuild(documents, r.token.String()); document != nil {
		return document, once.Certain, nil
	}
	return nil, once.Certainty(complete), nil
}

// earlierAttempt returns the look for the lifecycle that an earlier attempt of this very job started, if it is alive or
// done, where there is no claim that could tell; nil for a first attempt. A lifecycle that failed is no reason not to
// build anew (docs/architecture.md, "Never twice").
//
// Of an attempt that GitLab does not number nobody knows whether it is a retry, and nearly all are not. Where claims
// work they tell, and one look is enough. Where they do not, the attempt before may have been killed a moment ago with
// its request under way.
func (r *run) earlierAttempt(events []lifecycle.Event) func(context.Context, bool) (claim.Trace, error) {
	attempt := r.Pipeline.Attempt()
	if attempt == 1 {
		return nil
	}
	return func(ctx context.Context, isClaimed bool) (claim.Trace, error) {
		begun := time.Now()
		var newest *lifecycle.Document
		err := r.lookAgain(ctx, func() (time.Duration, error) {
			documents, complete, err := r.statuses(ctx)
			if ctx.Err() != nil {
				return 0, context.Cause(ctx)
			}
			ours := r.ownBuilds(documents)
			newest = newestAlive(ours, events, r.Settings.Owner)
			isUnproven := err != nil || !complete
			switch {
			case newest != nil:
				return 0, nil
			case isUnproven && attempt > 1 && !isClaimed:
				return 0, &outcome.Error{
					Kind:   outcome.Unknown,
					Reason: "this is a re-run, and the list of lifecycles does not show what the previous attempt started; nothing was sent",
					Hint:   "give the lifecycle id of that attempt to AMI_WAIT, or start a new run instead of re-running this one",
					Err:    err,
				}
			case isUnproven && attempt == 0 && isClaimed:
				return 0, nil //nolint:nilerr // had there been an attempt, it would nearly always have left a claim
			case isUnproven:
				// A deployment whose list has outgrown 1 MB must not lose its creates for that.
				r.story.Warn("The list of lifecycles is incomplete: if this job is a retry, check whether its first attempt started one.")
				return 0, nil //nolint:nilerr // the warning tells of it
			case attempt > 1 && len(ours) < attempt-1, attempt == 0 && !isClaimed && r.claims().Mode != claim.Off:
				return r.patience(), nil // an attempt may have died with its request under way
			}
			return 0, nil
		})
		if !isClaimed { // else it may have been beside something else
			r.looked = time.Since(begun)
		}
		if newest == nil {
			return claim.Trace{}, err
		}
		return claim.Trace{LifecycleID: newest.ID, Token: newest.Properties[tokenProperty]}, err
	}
}

// patience is how long to look for what an attempt before this one may be starting. It is part of the time that the
// settings allow.
func (r *run) patience() time.Duration { return min(r.Limits.Settle, r.Settings.WaitTimeout/2) }

// newestAlive returns the newest of the lifecycles in which all may still be well, or nil. One of this owner counts for
// more than a newer one: two calls of a reusable workflow are one job to us, and differ in the owner, if in anything.
func newestAlive(documents []*lifecycle.Document, events []lifecycle.Event, owner string) (newest *lifecycle.Document) {
	isOwn := func(document *lifecycle.Document) bool { return document.Owner == owner }
	for _, document := range documents {
		if isOrphan(document) || watch.Judge(nil, document, events, watch.Finding{}).Cause() != nil {
			continue
		}
		switch {
		case newest == nil, isOwn(document) && !isOwn(newest):
			newest = document
		case isOwn(document) == isOwn(newest) && newest.Created.Before(document.Created.Time):
			newest = document
		}
	}
	return newest
}

// isOrphan reports whether nothing was ever started in the lifecycle: a create that the server broke on
// leaves such ones (docs/wire-contract.md, "Refused, and done all the same").
func isOrphan(document *lifecycle.Document) bool {
	return document.Running == nil && len(document.Results(lifecycle.Creation)) == 0
}

// listLimit is the size from which a list of statuses may have been cut: DynamoDB scans at most 1 MB, and
// the rest is silently missing (docs/wire-contract.md, "The status document"). JSON and DynamoDB measure
// differently, so the limit keeps its distance.
const listLimit = 700_000

// statuses fetches the list of all lifecycles. complete is false where it may have been cut.
func (r *run) statuses(ctx context.Context) (documents []*lifecycle.Document, complete bool, err error) {
	documents, err = r.Orchestrator.Statuses(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, document := range documents {
		r.earlier.Add(document)
	}
	return documents, IsComplete(documents), nil
}

// IsComplete reports whether nothing can be missing from a list of all lifecycles.
func IsComplete(documents []*lifecycle.Document) bool {
	size := 0
	for _, document := range documents {
		size += len(document.Raw)
	}
	return size < listLimit
}

// lookAgain looks until nothing can be under way any more that does not show yet. look returns how long
// after the first look that may still be so, 0 where all is plain.
func (r *run) lookAgain(ctx context.Context, look func() (time.Duration, error)) error {
	const looks = 6 // about as many
	begun := time.Now()
	for said := false; ; {
		wait, err := look()
		left := wait - time.Since(begun)
		if err != nil || left <= 0 {
			return err
		}
		if !said {
			said = true
			r.story.Say("Something may be starting now: looking again for %s.", progress.Short(wait))
		}
		if err := sleep.For(ctx, min(wait/looks, left)); err != nil {
			return err
		}
	}
}
