// Package once sends a request that must be carried out at most once. If the response is lost, it finds out whether the
// request was carried out, because the API has no idempotency key (docs/wire-contract.md, "Errors").
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

// Certainty says whether a search that found nothing proves that the request was not carried out.
type Certainty bool

// The two values of Certainty.
const (
	Certain   Certainty = true
	Uncertain Certainty = false
)

// Request is a request that must be carried out at most once.
type Request struct {
	Operation   lifecycle.Operation
	LifecycleID string // "" for a create
	Send        func(context.Context) (orchestrator.Accepted, error)
	// Find searches for the effect of the request. It returns the lifecycle's document if the request was carried out,
	// or nil and whether nil proves that it was not. With an error it must return Uncertain.
	Find func(context.Context) (*lifecycle.Document, Certainty, error)
	// Started returns the lifecycle's document if a refused request has started its event anyway, or nil. A request
	// that takes the document past 256 KB does so (docs/wire-contract.md, "Refused, and done all the same"). If Started
	// is nil, a refusal is final.
	Started func(context.Context) (*lifecycle.Document, error)
}

// Reporter reports progress to the user.
type Reporter interface {
	Say(format string, arguments ...any)
	Warn(format string, arguments ...any)
}

// Sender sends requests at most once.
type Sender struct {
	Progress Reporter
	// Settle is how long the orchestrator may still be working on a request whose response was lost.
	Settle time.Duration
	// GracePeriod is how long a request in progress may continue after an interrupt.
	GracePeriod time.Duration
}

// attempts is how often a request is sent if each attempt before was certainly not carried out.
const attempts = 3

// Send sends the request and returns the lifecycle's id. If the response is lost, Send searches for the effect of the
// request. If it finds one, it returns that lifecycle's id. If the request was certainly not carried out, it sends the
// request again. Otherwise it returns an [outcome.Error] of the kind [outcome.Unknown]. Any other error of Request.Send,
// such as a refusal, is returned unchanged.
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
			Reason: fmt.Sprintf("it is unknown whether the orchestrator carried out %s: %s", r.Operation, lost.Reason),
			Hint:   "check the status before you run this again; the request was not repeated",
		}
		if ctx.Err() != nil {
			return "", unknown
		}
		s.Progress.Warn("No usable response (%s). Checking whether it was done anyway.", lost.Reason)
		document, proof := s.search(ctx, r, sent.Add(s.Settle))
		switch {
		case document != nil:
			s.Progress.Say("It was done: lifecycle %s.", document.ID)
			return document.ID, nil
		case proof == Uncertain:
			return "", unknown
		case attempt == attempts:
			return "", &outcome.Error{
				Kind: outcome.Unavailable, LifecycleID: r.LifecycleID,
				Reason: fmt.Sprintf("%s was sent %d times without a usable response, and was not carried out", r.Operation, attempts),
				Hint:   "nothing was started: check the network between this machine and the orchestrator, then run this again",
			}
		}
		s.Progress.Say("It was not done: sending it again.")
	}
}

// refused returns err, or the id of the lifecycle if err is a refusal but the event has started anyway.
func (s Sender) refused(ctx context.Context, r Request, err error) (id string, _ error) {
	refusal, ok := errors.AsType[*orchestrator.RefusedError](err)
	if !ok || r.Started == nil || ctx.Err() != nil {
		return "", err
	}
	document, lookErr := r.Started(ctx)
	if lookErr != nil || document == nil {
		return "", err
	}
	s.Progress.Warn("The orchestrator refused (%s), but has started it anyway.", refusal.Text)
	return document.ID, nil
}

// search calls Find until it finds the lost request, or until the time is over after which the orchestrator cannot still
// be working on it.
func (s Sender) search(ctx context.Context, r Request, until time.Time) (*lifecycle.Document, Certainty) {
	for pause := s.Settle / 32; ; pause *= 2 {
		over := !time.Now().Before(until)
		document, proof, err := r.Find(ctx)
		if document != nil {
			return document, Certain
		}
		if err != nil {
			s.Progress.Warn("Not known yet: %v", err)
		}
		if over {
			return nil, proof
		}
		if sleep.For(ctx, min(pause, max(time.Until(until), 0))) != nil {
			return nil, Uncertain
		}
	}
}

// write calls send. An interrupt does not cancel it at once: a request in progress gets the grace period to finish,
// because a lost response is worse than a later exit.
func (s Sender) write(
	ctx context.Context, send func(context.Context) (orchestrator.Accepted, error),
) (orchestrator.Accepted, error) {
	if ctx.Err() != nil {
		return orchestrator.Accepted{}, context.Cause(ctx)
	}
	detached, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	returned := make(chan struct{})
	defer cancel(nil)
	defer close(returned)
	go func() {
		select {
		case <-returned:
			return
		case <-ctx.Done():
		}
		select {
		case <-returned:
		case <-time.After(s.GracePeriod):
			cancel(context.Cause(ctx))
		}
	}()
	return send(detached)
}
