package action

import (
	"context"
	"slices"
	"time"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/watch"
)

// requestState returns the state of the create for which a claim was written; see [claim.Request]. It trusts the
// claim only if a lifecycle's own document holds the claim's token, and if the token belongs to this job: a user who can
// write to the bucket must not be able to substitute another image.
func (c creation) requestState(ctx context.Context, record claim.Record) (claim.RequestState, string, error) {
	isJobs := c.requests.token.isSameJob(record.Token)
	if isJobs && record.LifecycleID != "" {
		document, err := c.Orchestrator.Status(ctx, record.LifecycleID)
		switch {
		case err == nil && isBuildOf(document, record.Token):
			return c.requestStateOf(ctx, document)
		case err != nil && outcome.Of(err).Kind != outcome.Refused: // if it is refused, there is no such lifecycle: the list decides
			return claim.Unproven, "", err
		}
	}
	documents, complete, err := c.lifecycles.list(ctx)
	if err != nil {
		return claim.Unproven, "", err
	}
	if isJobs {
		if found := findBuild(documents, record.Token); found != nil {
			return c.requestStateOf(ctx, found)
		}
	} else if alive := newestAlive(c.ownBuilds(documents), c.events, c.Settings.Owner); alive != nil {
		return claim.Started, alive.ID, nil // another job wrote the claim, but this job has started something before
	}
	if complete {
		return claim.Absent, "", nil
	}
	return claim.Unproven, "", nil
}

// requestStateOf returns the state of the create that made the document's lifecycle. Its error is always nil.
func (c creation) requestStateOf(ctx context.Context, document *lifecycle.Document) (claim.RequestState, string, error) {
	c.lifecycles.lookBehind(ctx, document)
	switch {
	case isOrphan(document):
		// Its create was refused or is still in progress. A later look will show which.
		return claim.Absent, "", nil
	case newestAlive([]*lifecycle.Document{document}, c.events, c.Settings.Owner) == nil:
		return claim.Failed, document.ID, nil
	}
	return claim.Started, document.ID, nil
}

// earlierAttempt looks for a lifecycle that an earlier attempt of this job started without a claim and that is in
// progress or has completed; see [claim.Request]. A failed lifecycle does not count: the job builds again
// (docs/architecture.md, "Never twice").
//
// GitLab does not number attempts, so an attempt there may be a retry, but nearly all are not. If claims work, they show
// a retry, and one look at the list is enough. If they do not, the previous attempt may have been killed just now with its
// request in progress, so earlierAttempt looks for a while.
func (c creation) earlierAttempt(ctx context.Context, isClaimed bool) (claim.Trace, error) {
	begun, attempt := time.Now(), c.Pipeline.Attempt()
	var newest *lifecycle.Document
	err := c.lifecycles.lookAgain(ctx, func() (time.Duration, error) {
		documents, complete, err := c.lifecycles.list(ctx)
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		ours := c.ownBuilds(documents)
		newest = newestAlive(ours, c.events, c.Settings.Owner)
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
			c.progress.Warn("The list of lifecycles is incomplete: if this job is a retry, check whether its first attempt started one.")
			return 0, nil //nolint:nilerr // the warning reports it
		case attempt > 1 && len(ours) < attempt-1, attempt == 0 && !isClaimed && c.requests.claims.Mode != claim.Off:
			return c.patience(), nil // an attempt may have died while its request was in progress
		}
		return 0, nil
	})
	if !isClaimed { // otherwise the look may have run in parallel with the write of the claim
		c.waiter.searched = time.Since(begun)
	}
	if newest == nil {
		return claim.Trace{}, err
	}
	return claim.Trace{LifecycleID: newest.ID, Token: newest.Properties[tokenProperty]}, err
}

// patience returns how long to look for what an earlier attempt may be starting. This time is part of the wait's timeout.
func (c creation) patience() time.Duration { return min(c.Limits.Settle, c.Settings.WaitTimeout/2) }

// ownBuilds returns the lifecycles that attempts of this job have made, and leaves out those with a copied token.
func (c creation) ownBuilds(documents []*lifecycle.Document) []*lifecycle.Document {
	return slices.DeleteFunc(slices.Clone(documents), func(d *lifecycle.Document) bool {
		token := d.Properties[tokenProperty]
		return !c.requests.token.isSameJob(token) || findBuild(documents, token) != d
	})
}

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

// findBuild returns the lifecycle that the create with the token made, or nil. If several have the token, it returns the
// oldest: a later one can only have copied the token.
func findBuild(documents []*lifecycle.Document, token string) (oldest *lifecycle.Document) {
	for _, document := range documents {
		if isBuildOf(document, token) && (oldest == nil || document.Created.Before(oldest.Created.Time)) {
			oldest = document
		}
	}
	return oldest
}

// isBuildOf reports whether the create with the token made the document's lifecycle, according to the document. The
// token is derived from the job and from what it asks for.
func isBuildOf(document *lifecycle.Document, token string) bool {
	return document.Properties[tokenProperty] == token
}
