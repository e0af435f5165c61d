// Package once sends a request that must be carried out once at most, and finds out what became of it where
// its answer is lost: the API has no idempotency key (docs/wire-contract.md, "Errors").
package once

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/sleep"
)

// Certainty says whether a look at the server proves that a request was not carried out.
type Certainty bool

// A look proves it, or it proves nothing.
const (
	Certain   Certainty = true
	Uncertain Certainty = false
)

// Request is a request that must be carried out once at most.
type Request struct {
	Operation   lifecycle.Operation
	LifecycleID string // "" for a create
	Send        func(context.Context) (orchestrator.Accepted, error)
	// Find looks for the trace of the request: the document that it left, or nil, and whether nil proves
	// that it was not carried out. Its error proves nothing.
	Find func(context.Context) (*lifecycle.Document, Certainty, error)
	// Started looks whether a request that was refused has started its event all the same, as one does that takes
	// the document past 256 KB (docs/wire-contract.md, "Refused, and done all the same"). nil is not asked.
	Started func(context.Context) (*lifecycle.Document, error)
}

// Story is told what happens.
type Story interface {
	Say(format string, arguments ...any)
	Warn(format string, arguments ...any)
}

// Sender sends requests once.
type Sender struct {
	Story Story
	// Settle is how long a request whose answer was lost may still be at work.
	Settle time.Duration
	// GracePeriod is how long a request that is under way may go on after an interrupt.
	GracePeriod time.Duration
}

// attempts bounds how often a request is sent whose loss is proven each time.
const attempts = 3

// Send sends the request and returns the lifecycle's id. A request whose answer was lost is looked for:
// found, it is adopted; certainly not carried out, it is sent again; else the error is an [outcome.Error] of
// the kind [outcome.Unknown]. A refusal is the client's own error.
func (s Sender) Send(ctx context.Context, r Request) (id string, err error) {
	for attempt := 1; ; attempt++ {
		sent := time.Now()
		accepted, err := s.write(ctx, r.Send)
		if err == nil {
			return accepted.LifecycleID, nil
		}
		lost, ok := errors.AsType[*orchestrator.UncertainError](err)
		if !ok {
			return s.refused(ctx, r, err)
		}
		unknown := &outcome.Error{
			Kind: outcome.Unknown, LifecycleID: r.LifecycleID,
			Reason: fmt.Sprintf("it is unknown whether the orchestrator did what %s asked for: %s", r.Operation, lost.Reason),
			Hint:   "look at the status before you run this again; it was not sent again",
		}
		if ctx.Err() != nil {
			return "", unknown
		}
		s.Story.Warn("No usable answer (%s). Checking whether it was done anyway.", lost.Reason)
		document, proof := s.search(ctx, r, sent.Add(s.Settle))
		switch {
		case document != nil:
			s.Story.Say("It was done: lifecycle %s.", document.ID)
			return document.ID, nil
		case proof == Uncertain:
			return "", unknown
		case attempt == attempts:
			return "", &outcome.Error{
				Kind: outcome.Unavailable, LifecycleID: r.LifecycleID,
				Reason: fmt.Sprintf("%s was sent %d times, and was lost each time", r.Operation, attempts),
				Hint:   "nothing was started: check the network between this machine and the orchestrator, then run this again",
			}
		}
		s.Story.Say("It was not done: sending it again.")
	}
}

// refused returns the refusal, unless the event has started all the same.
func (s Sender) refused(ctx context.Context, r Request, err error) (id string, _ error) {
	refusal, ok := errors.AsType[*orchestrator.RefusedError](err)
	if !ok || r.Started == nil || ctx.Err() != nil {
		return "", err
	}
	document, lookErr := r.Started(ctx)
	if lookErr != nil || document == nil {
		return "", err
	}
	s.Story.Warn("The orchestrator refused (%s), but has started it anyway.", refusal.Text)
	return document.ID, nil
}

// search looks for the trace of a lost request until it is found, or until nothing can come any more.
func (s Sender) search(ctx context.Context, r Request, until time.Time) (*lifecycle.Document, Certainty) {
	for pause := s.Settle / 32; ; pause *= 2 {
		over := !time.Now().Before(until)
		document, proof, err := r.Find(ctx)
		if document != nil {
			return document, Certain
		}
		if err != nil {
			s.Story.Warn("Cannot tell yet: %v", err)
		}
		if over {
			return nil, proof
		}
		if sleep.For(ctx, min(pause, max(time.Until(until), 0))) != nil {
			return nil, Uncertain
		}
	}
}

// write sends a request that changes something. An interrupt does not tear it apart at once: a request
// that is under way gets a moment to be answered, because a lost answer is worse than a late end.
func (s Sender) write(
	ctx context.Context, send func(context.Context) (orchestrator.Accepted, error),
) (orchestrator.Accepted, error) {
	if ctx.Err() != nil {
		return orchestrator.Accepted{}, context.Cause(ctx)
	}
	detached, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	answered := make(chan struct{})
	defer cancel(nil)
	defer close(answered)
	go func() {
		select {
		case <-answered:
			return
		case <-ctx.Done():
		}
		select {
		case <-answered:
		case <-time.After(s.GracePeriod):
			cancel(context.Cause(ctx))
		}
	}()
	return send(detached)
}
