package action

import (
	"context"
	"fmt"
	"maps"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/once"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/rules"
	"github.com/org/ami-action/internal/watch"
)

// sender sends the requests of an operation, each at most once among all runs that ask for the same.
type sender struct {
	settings     *config.Settings
	orchestrator Orchestrator
	pipeline     Pipeline
	limits       Limits
	claims       *claim.Claims // decides which of several runs may send
	token        token
	lifecycles   *reader
	result       *result
}

// finder looks for the trace of a request; see Find in [once.Request].
type finder func(context.Context) (*lifecycle.Document, once.Certainty, error)

// properties returns the properties of the request: the user's own, the pipeline's ids and this request's token. A
// create records the ids under their plain names. Every later request adds a suffix to the names, because the
// server keeps the old value of a key (docs/architecture.md, "What goes out").
func (s *sender) properties() map[string]string {
	suffix, tokenKey := "", tokenProperty
	if s.settings.Operation != lifecycle.Create {
		suffix, tokenKey = "_"+s.pipeline.RunKey(), tokenProperty+"_"+s.token.nonce
	}
	properties := map[string]string{}
	maps.Copy(properties, s.settings.Properties)
	for key, value := range s.pipeline.Properties() {
		properties[key+suffix] = value // the user's properties do not replace the run's ids
	}
	properties[tokenKey] = s.token.String()
	return properties
}

// statement returns who asks and for what. request is the same text for every run that asks for the same.
func (s *sender) statement(request string) claim.Statement {
	return claim.Statement{
		Token: s.token.String(), Request: request, Run: s.pipeline.Job().URL, Attempt: s.pipeline.Attempt(),
	}
}

// claimed sends the request of a change, unless another run that saw the same document has asked for something. Of all runs
// that saw it, only one sends. The claim alone does not prove that its holder has started something: the document must
// have changed.
func (s *sender) claimed(ctx context.Context, c change, before *lifecycle.Document, events []lifecycle.Event) (claim.Result, error) {
	digest := claim.Digest(before)
	request := claim.Request{
		Key: claim.LifecycleKey(before), Statement: s.statement(c.statement(events)), Settle: c.settle, IsUndone: isUndone,
		Look: func(ctx context.Context, _ claim.Record) (claim.RequestState, string, error) {
			now, err := s.orchestrator.Status(ctx, before.ID)
			if err != nil {
				return claim.Unproven, "", err
			}
			if claim.Digest(now) != digest {
				return claim.Started, before.ID, nil
			}
			return claim.Absent, "", nil
		},
		Send: func(ctx context.Context, permit func(context.Context) error) (string, error) {
			request, err := c.prepare(ctx, before, events, permit)
			if err != nil {
				return "", err
			}
			return s.send(ctx, request, permit, c.find(before, events), s.startedSince(before, events))
		},
	}
	return s.claims.Start(ctx, request)
}

// send sends a request at most once. It calls permit before each attempt. If the response is lost, find looks for the trace
// of the request; if it was refused, started looks for its event.
func (s *sender) send(
	ctx context.Context, request orchestrator.Request, permit func(context.Context) error, find finder,
	started func(context.Context) (*lifecycle.Document, error),
) (id string, err error) {
	if err := s.checkSize(request); err != nil {
		return "", err
	}
	sender := once.Sender{Progress: s.result.progress, Settle: s.limits.Settle, GracePeriod: s.limits.GracePeriod}
	return sender.Send(ctx, once.Request{
		Operation: s.settings.Operation, LifecycleID: s.settings.LifecycleID, Find: find, Started: started,
		Send: func(ctx context.Context) (orchestrator.Accepted, error) {
			if err := permit(ctx); err != nil {
				return orchestrator.Accepted{}, err
			}
			s.result.sending = true
			return s.orchestrator.Send(orchestrator.BeforeSending(ctx, permit), request)
		},
	})
}

// findStarted returns a finder that checks whether the request has left its token or started the first of the events.
// The server starts events before it responds, so a status without them proves that it was not carried out.
func (s *sender) findStarted(before *lifecycle.Document, events []lifecycle.Event) finder {
	return func(ctx context.Context) (*lifecycle.Document, once.Certainty, error) {
		document, err := s.lifecycles.look(ctx)
		if err != nil {
			return nil, once.Uncertain, err
		}
		if s.token.isIn(document) || watch.Judge(before, document, events[:1], watch.Finding{})[0].State != watch.Waiting {
			return document, once.Certain, nil
		}
		return nil, once.Certain, nil
	}
}

// startedSince returns a function that checks whether the first of the events has started, even if the orchestrator has
// refused the request. The token proves nothing here, because the orchestrator stores the properties of a refused request.
func (s *sender) startedSince(before *lifecycle.Document, events []lifecycle.Event) func(context.Context) (*lifecycle.Document, error) {
	return func(ctx context.Context) (*lifecycle.Document, error) {
		document, err := s.lifecycles.look(ctx)
		if err != nil || watch.Judge(before, document, events[:1], watch.Finding{})[0].State == watch.Waiting {
			return nil, err
		}
		return document, nil
	}
}

// isAttached reports whether this run can continue with the request of another run, which it names: whether that run has
// asked for the same, and the first of the events has begun since the document before.
func (s *sender) isAttached(ctx context.Context, started claim.Result, before *lifecycle.Document, events []lifecycle.Event) bool {
	s.result.progress.Say("%s has requested %s.", started.Holder.Holder(), started.Holder.Request)
	if !started.Same {
		return false
	}
	now, err := s.lifecycles.look(ctx)
	return err == nil && watch.Judge(before, now, events[:1], watch.Finding{})[0].State != watch.Waiting
}

// checkSize returns an error if the request would make the lifecycle's document larger than the orchestrator can handle.
func (s *sender) checkSize(request orchestrator.Request) error {
	if s.result.document == nil {
		return nil
	}
	preview, err := orchestrator.PreviewOf(request)
	if err != nil {
		return err
	}
	if stored := len(s.result.document.Raw); stored+len(preview.Body) > lifecycle.MaxDocumentBytes {
		return rules.NotAllowed(s.result.document.ID,
			fmt.Sprintf("its document has %d KB, and with this request it would exceed the orchestrator's limit of %d KB", stored>>10, lifecycle.MaxDocumentBytes>>10),
			"use fewer or shorter properties, or create a new lifecycle with AMI_CREATE")
	}
	return nil
}

// isUndone reports whether an error proves that nothing was carried out.
func isUndone(err error) bool {
	switch outcome.Of(err).Kind {
	case outcome.Refused, outcome.Invalid, outcome.Unavailable:
		return true
	}
	return false
}
