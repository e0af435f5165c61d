package action

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
)

// certainty says whether a look at the server proves that a request was not carried out.
type certainty bool

const (
	certain   certainty = true
	uncertain certainty = false
)

// sending is a request that must be carried out once at most.
type sending struct {
	send func(context.Context) (orchestrator.Accepted, error)
	// find looks for the trace of the request: the document that it left, or nil, and whether nil
	// proves that it was not carried out. Its error proves nothing.
	find func(context.Context) (*lifecycle.Document, certainty, error)
}

// attempts bounds how often a request is sent whose loss is proven each time.
const attempts = 3

// once sends a request and returns the lifecycle's id. A request whose answer was lost is looked for:
// found, it is adopted; certainly not carried out, it is sent again; else the error is an
// [UnknownError] (design.md, "Never twice").
func (r *run) once(ctx context.Context, s sending) (id string, err error) {
	for attempt := 1; ; attempt++ {
		sent := time.Now()
		accepted, err := r.write(ctx, s.send)
		if err == nil {
			return accepted.LifecycleID, nil
		}
		lost, ok := errors.AsType[*orchestrator.UncertainError](err)
		if !ok {
			return "", err
		}
		unknown := &UnknownError{
			Reason: "it is not known whether the orchestrator did what was asked",
			Hint:   "look at the status before you run this again; it was not sent a second time",
			Err:    lost,
		}
		if ctx.Err() != nil {
			return "", unknown
		}
		r.story.warn("No usable answer (%s). Looking whether it was done all the same.", lost.Reason)
		document, proof := r.search(ctx, s, sent.Add(r.Patience.Settle))
		switch {
		case document != nil:
			r.story.say("It was done: lifecycle %s.", document.ID)
			return document.ID, nil
		case proof == uncertain:
			return "", unknown
		case attempt == attempts:
			return "", &orchestrator.UnavailableError{
				Operation: r.Settings.Operation, LifecycleID: r.Settings.LifecycleID,
				Reason: fmt.Sprintf("it was sent %d times, and was lost each time", attempts),
				Hint:   "nothing was started; run this again later",
			}
		}
		r.story.say("It was not done: sending it again.")
	}
}

// search looks for the trace of a lost request until it is found, or until nothing can come any more.
func (r *run) search(ctx context.Context, s sending, until time.Time) (*lifecycle.Document, certainty) {
	for pause := r.Patience.Settle / 32; ; pause *= 2 {
		over := !time.Now().Before(until)
		document, proof, err := s.find(ctx)
		if document != nil {
			return document, certain
		}
		if err != nil {
			r.story.warn("Cannot tell yet: %v", err)
		}
		if over {
			return nil, proof
		}
		if sleep(ctx, min(pause, max(time.Until(until), 0))) != nil {
			return nil, uncertain
		}
	}
}

// write sends a request that changes something. An interrupt does not tear it apart at once: a request
// that is under way gets a moment to be answered, because a lost answer is worse than a late end.
func (r *run) write(
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
		case <-time.After(r.Patience.Farewell):
			cancel(context.Cause(ctx))
		}
	}()
	return send(detached)
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
