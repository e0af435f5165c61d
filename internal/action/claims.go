package action

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/once"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
)

// finishTimeout is the time limit of the write that records or releases a claim. It fits between an interrupt and the
// kill that follows it.
const finishTimeout = 2 * time.Second

// claims returns the claims, which decide which of several runs may start something (package claim).
func (r *run) claims() *claim.Claims {
	if r.claiming != nil {
		return r.claiming
	}
	mode := claim.Mode(r.Settings.Claims)
	if r.Claims == nil {
		mode = claim.Off
	}
	r.claiming = &claim.Claims{
		Store: r.Claims, Mode: mode, Progress: r.progress, Random: r.Random,
		Settle: r.Limits.Settle, Lease: r.Limits.Lease, FinishTimeout: finishTimeout,
	}
	return r.claiming
}

// statement returns who asks and for what. request is the same text for every run that asks for the same.
func (r *run) statement(request string) claim.Statement {
	return claim.Statement{
		Token: r.token.String(), Request: request, Run: r.Pipeline.Job().URL, Attempt: r.Pipeline.Attempt(),
	}
}

// isUndone reports whether an error proves that nothing was carried out.
func isUndone(err error) bool {
	switch outcome.Of(err).Kind {
	case outcome.Refused, outcome.Invalid, outcome.Unavailable:
		return true
	}
	return false
}

// lookAtCreate returns a function that checks the state of the create for which a claim was written. It trusts the
// claim only if a lifecycle's own document holds the claim's token, and if the token belongs to this job: a user who can
// write to the bucket must not be able to substitute another image.
func (r *run) lookAtCreate(events []lifecycle.Event) func(context.Context, claim.Record) (claim.RequestState, string, error) {
	standing := func(ctx context.Context, document *lifecycle.Document) (claim.RequestState, string) {
		r.lookBehind(ctx, document)
		switch {
		case isOrphan(document):
			// Its create was refused or is still in progress. A later look will show which.
			return claim.Absent, ""
		case newestAlive([]*lifecycle.Document{document}, events, r.Settings.Owner) == nil:
			return claim.Failed, document.ID
		}
		return claim.Started, document.ID
	}
	return func(ctx context.Context, record claim.Record) (claim.RequestState, string, error) {
		isJobs := r.token.isSameJob(record.Token)
		if isJobs && record.LifecycleID != "" {
			document, err := r.Orchestrator.Status(ctx, record.LifecycleID)
			switch {
			case err == nil && isBuildOf(document, record.Token):
				how, id := standing(ctx, document)
				return how, id, nil
			case err != nil && outcome.Of(err).Kind != outcome.Refused: // if it is refused, there is no such lifecycle: the list decides
				return claim.Unproven, "", err
			}
		}
		documents, complete, err := r.statuses(ctx)
		if err != nil {
			return claim.Unproven, "", err
		}
		if isJobs {
			if found := findBuild(documents, record.Token); found != nil {
				how, id := standing(ctx, found)
				return how, id, nil
			}
		} else if alive := newestAlive(r.ownBuilds(documents), events, r.Settings.Owner); alive != nil {
			return claim.Started, alive.ID, nil // another job wrote the claim, but this job has started something before
		}
		if complete {
			return claim.Absent, "", nil
		}
		return claim.Unproven, "", nil
	}
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

// ownBuilds returns the lifecycles that attempts of this job have made, and leaves out those with a copied token.
func (r *run) ownBuilds(documents []*lifecycle.Document) []*lifecycle.Document {
	return slices.DeleteFunc(slices.Clone(documents), func(d *lifecycle.Document) bool {
		token := d.Properties[tokenProperty]
		return !r.token.isSameJob(token) || findBuild(documents, token) != d
	})
}

// claimed sends the step's request, unless another run that saw the same document has asked for something. Of all runs
// that saw it, only one sends. The claim alone does not prove that its holder has started something: the document must
// have changed.
func (r *run) claimed(ctx context.Context, s step, before *lifecycle.Document, events []lifecycle.Event) (claim.Result, error) {
	digest := claim.Digest(before)
	request := claim.Request{
		Key: claim.LifecycleKey(before), Statement: r.statement(s.statement(events)), Settle: s.settle, IsUndone: isUndone,
		Look: func(ctx context.Context, _ claim.Record) (claim.RequestState, string, error) {
			now, err := r.Orchestrator.Status(ctx, before.ID)
			if err != nil {
				return claim.Unproven, "", err
			}
			if claim.Digest(now) != digest {
				return claim.Started, before.ID, nil
			}
			return claim.Absent, "", nil
		},
		Send: func(ctx context.Context, permit func(context.Context) error) (string, error) {
			request, err := s.prepare(ctx, before, events, permit)
			if err != nil {
				return "", err
			}
			return r.send(ctx, request, permit, s.find(before, events), r.startedSince(before, events))
		},
	}
	return r.claims().Start(ctx, request)
}

// send sends a request at most once. It calls permit before each attempt. If the answer is lost, find looks for the trace
// of the request; if it was refused, started looks for its event.
func (r *run) send(
	ctx context.Context, request orchestrator.Request, permit func(context.Context) error, find finder,
	started func(context.Context) (*lifecycle.Document, error),
) (id string, err error) {
	if err := r.checkSize(request); err != nil {
		return "", err
	}
	sender := once.Sender{Progress: r.progress, Settle: r.Limits.Settle, GracePeriod: r.Limits.GracePeriod}
	return sender.Send(ctx, once.Request{
		Operation: r.Settings.Operation, LifecycleID: r.Settings.LifecycleID, Find: find, Started: started,
		Send: func(ctx context.Context) (orchestrator.Accepted, error) {
			if err := permit(ctx); err != nil {
				return orchestrator.Accepted{}, err
			}
			r.sending = true
			return r.Orchestrator.Send(orchestrator.BeforeSending(ctx, permit), request)
		},
	})
}

// isSameJob reports whether a token was made by any attempt of this job.
func (t token) isSameJob(token string) bool {
	return t.job != "" && strings.HasPrefix(token, t.job+".")
}
