package action

import (
	"context"
	"fmt"
	"time"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/listing"
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
	result, err := r.claims().Start(ctx, claim.Request{
		Key:       claim.CreateKey(r.Pipeline.JobIdentity(), buildOf(s, events)),
		Statement: r.statement(fmt.Sprintf("%s of %s %s: %s", s.Operation, s.ProductName, s.ProductVer, lifecycle.Names(events))),
		Look:      r.lookAtCreate(events), IsUndone: isUndone,
		Earlier: r.earlierAttempt(events), EarlierInParallel: r.Pipeline.Attempt() == 0,
		Send: func(ctx context.Context, permit func(context.Context) error) (string, error) {
			r.progress.Say("Creating an AMI of %s %s, stack tag %s: %s.", s.ProductName, s.ProductVer, s.StackTag, lifecycle.Names(events))
			return r.send(ctx, request, permit, r.findByToken, r.createdAnyway)
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

// buildOf returns what a create with these settings builds. Its token and its claim are derived from this.
func buildOf(s *config.Settings, events []lifecycle.Event) claim.Build {
	return claim.Build{ProductName: s.ProductName, ProductVer: s.ProductVer, StackTag: s.StackTag, CommitRef: s.CommitRef, Events: events}
}

// sayAttached reports that the operation continues with a lifecycle that this job has started before.
func (r *run) sayAttached(result claim.Result) {
	if attempt := r.Pipeline.Attempt(); attempt > 0 && result.Holder.Attempt == attempt {
		r.progress.Say("This job has already started lifecycle %s: continuing with it.", result.LifecycleID)
	} else {
		r.progress.Say("An earlier attempt of this job started lifecycle %s: continuing with it.", result.LifecycleID)
	}
	if !r.Pipeline.DistinguishesMatrixJobs() {
		r.progress.Warn("If this job is part of a matrix, another job of the matrix may have started that lifecycle: set INPUT_MATRIX to ${{ toJSON(matrix) }} in the step's env, so that each job continues with its own.")
	}
}

// createdAnyway returns the lifecycle of a create that was refused but has started its build anyway, or nil. A
// lifecycle in which nothing runs does not count: a refused create often leaves one behind.
func (r *run) createdAnyway(ctx context.Context) (*lifecycle.Document, error) {
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

// earlierAttempt returns a function for [claim.Request.Earlier]. It looks for a lifecycle that an earlier attempt of this
// job started without a claim and that is in progress or has completed. A failed lifecycle does not count: the job builds
// again (docs/architecture.md, "Never twice"). For a first attempt, earlierAttempt returns nil.
//
// GitLab does not number attempts, so an attempt there may be a retry, but nearly all are not. If claims work, they show
// a retry, and one look at the list is enough. If they do not, the previous attempt may have been killed just now with its
// request in progress, so the function looks for a while.
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
				return 0, nil //nolint:nilerr // an earlier attempt would nearly always have left a claim
			case isUnproven:
				// A create must still work in a deployment whose list is larger than 1 MB.
				r.progress.Warn("The list of lifecycles is incomplete: if this job is a retry, check whether its first attempt started one.")
				return 0, nil //nolint:nilerr // the warning reports it
			case attempt > 1 && len(ours) < attempt-1, attempt == 0 && !isClaimed && r.claims().Mode != claim.Off:
				return r.patience(), nil // an attempt may have died while its request was in progress
			}
			return 0, nil
		})
		if !isClaimed { // otherwise the look may have run in parallel with the write of the claim
			r.looked = time.Since(begun)
		}
		if newest == nil {
			return claim.Trace{}, err
		}
		return claim.Trace{LifecycleID: newest.ID, Token: newest.Properties[tokenProperty]}, err
	}
}

// patience returns how long to look for what an earlier attempt may be starting. This time is part of the wait's timeout.
func (r *run) patience() time.Duration { return min(r.Limits.Settle, r.Settings.WaitTimeout/2) }

// newestAlive returns the newest of the lifecycles in which the events have completed or can still complete, or nil. It
// prefers a lifecycle of this owner to a newer one of another: two calls of a reusable workflow have the same job
// identity, and often differ only in the owner.
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

// isOrphan reports whether nothing was ever started in the lifecycle. A create that failed inside the server
// leaves such a lifecycle behind (docs/wire-contract.md, "Refused, and done all the same").
func isOrphan(document *lifecycle.Document) bool {
	return document.Running == nil && len(document.Results(lifecycle.Creation)) == 0
}

// statuses fetches the list of all lifecycles. complete is false if the list may have been cut.
func (r *run) statuses(ctx context.Context) (documents []*lifecycle.Document, complete bool, err error) {
	documents, err = r.Orchestrator.Statuses(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, document := range documents {
		r.earlier.Add(document)
	}
	return documents, listing.IsComplete(documents), nil
}

// lookAgain calls look until nothing can be starting that does not show yet. look returns how long after the first
// call something may still be starting, or 0 if the result is final.
func (r *run) lookAgain(ctx context.Context, look func() (time.Duration, error)) error {
	const looks = 6 // roughly: a look itself takes time
	begun := time.Now()
	for said := false; ; {
		wait, err := look()
		left := wait - time.Since(begun)
		if err != nil || left <= 0 {
			return err
		}
		if !said {
			said = true
			r.progress.Say("An earlier request may still be starting: checking again for %s.", progress.Short(wait))
		}
		if err := sleep.For(ctx, min(wait/looks, left)); err != nil {
			return err
		}
	}
}
