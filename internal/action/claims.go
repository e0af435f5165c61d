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

// secondWrite bounds the write that records or releases a claim: it fits between an interrupt and the kill that
// follows it.
const secondWrite = 2 * time.Second

// claims decides who of several runs starts what (package claim).
func (r *run) claims() *claim.Claims {
	if r.claiming != nil {
		return r.claiming
	}
	mode := claim.Mode(r.Settings.Claims)
	if r.Claims == nil {
		mode = claim.Off
	}
	r.claiming = &claim.Claims{
		Store: r.Claims, Mode: mode, Story: r.story, Random: r.Random,
		Settle: r.Limits.Settle, Fence: r.Limits.Fence, SecondWrite: secondWrite,
	}
	return r.claiming
}

// statement says who asks, and for what, in words that are the same for every run that asks for the same.
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

// lookAtCreate looks how the create of a claim's holder stands. What the claim says is believed only where a
// lifecycle's own document holds the claim's token, and the token is one of this job: somebody who can write to the
// bucket must not be able to slip another image in.
func (r *run) lookAtCreate(events []lifecycle.Event) func(context.Context, claim.Record) (claim.Standing, string, error) {
	standing := func(ctx context.Context, document *lifecycle.Document) (claim.Standing, string) {
		r.lookBehind(ctx, document)
		switch {
		case isOrphan(document):
			// Its create was refused, or is being carried out just now: time tells.
			return claim.Absent, ""
		case newestAlive([]*lifecycle.Document{document}, events, r.Settings.Owner) == nil:
			return claim.Failed, document.ID
		}
		return claim.Started, document.ID
	}
	return func(ctx context.Context, record claim.Record) (claim.Standing, string, error) {
		isJobs := r.token.isSameJob(record.Token)
		if isJobs && record.LifecycleID != "" {
			document, err := r.Orchestrator.Status(ctx, record.LifecycleID)
			switch {
			case err == nil && isBuildOf(document, record.Token):
				how, id := standing(ctx, document)
				return how, id, nil
			case err != nil && outcome.Of(err).Kind != outcome.Refused: // there is no such lifecycle: the list decides
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
			return claim.Started, alive.ID, nil // the claim is a stranger's, and the job has started something before
		}
		if complete {
			return claim.Absent, "", nil
		}
		return claim.Unproven, "", nil
	}
}

// findBuild returns the lifecycle that the create with the token made, or nil. Of several the oldest is it: a token
// can be copied from it afterwards.
func findBuild(documents []*lifecycle.Document, token string) (oldest *lifecycle.Document) {
	for _, document := range documents {
		if isBuildOf(document, token) && (oldest == nil || document.Created.Before(oldest.Created.Time)) {
			oldest = document
		}
	}
	return oldest
}

// isBuildOf reports whether the document says that it was made by the create with the token. The token is made of
// the job and of what it asks for.
func isBuildOf(document *lifecycle.Document, token string) bool {
	return document.Properties[tokenProperty] == token
}

// ownBuilds returns the lifecycles that attempts of this job have made, each once.
func (r *run) ownBuilds(documents []*lifecycle.Document) []*lifecycle.Document {
	return slices.DeleteFunc(slices.Clone(documents), func(d *lifecycle.Document) bool {
		token := d.Properties[tokenProperty]
		return !r.token.isSameJob(token) || findBuild(documents, token) != d
	})
}

// claimed sends a step's request, unless another run that saw the same document has asked for something: of all of
// them one sends. The holder has started something only if the document has changed; the claim alone does not prove it.
func (r *run) claimed(ctx context.Context, s step, before *lifecycle.Document, events []lifecycle.Event) (claim.Result, error) {
	digest := claim.Digest(before)
	request := claim.Request{
		Key: claim.LifecycleKey(before), Statement: r.statement(s.statement(events)), Settle: s.settle, IsUndone: isUndone,
		Look: func(ctx context.Context, _ claim.Record) (claim.Standing, string, error) {
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

// send sends a request once. permit is asked before each request that goes out, find looks for its trace where its
// answer is lost, started for its event where it was refused.
func (r *run) send(
	ctx context.Context, request orchestrator.Request, permit func(context.Context) error, find finder,
	started func(context.Context) (*lifecycle.Document, error),
) (id string, err error) {
	if err := r.checkSize(request); err != nil {
		return "", err
	}
	sender := once.Sender{Story: r.story, Settle: r.Limits.Settle, GracePeriod: r.Limits.GracePeriod}
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

// isSameJob reports whether a token is one of this job's, of any attempt.
func (t token) isSameJob(token string) bool {
	return t.job != "" && strings.HasPrefix(token, t.job+".")
}
