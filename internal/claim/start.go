package claim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/outcome"
)

// Mode says whether claims are used, and what happens if they cannot be written.
type Mode string

// The modes.
const (
	// Require: nothing is sent without a claim.
	Require Mode = config.ClaimsRequire
	// Auto: if claims cannot be written, a warning says what is not guaranteed, and the request is sent without one.
	Auto Mode = config.ClaimsAuto
	// Off: nothing is claimed.
	Off Mode = config.ClaimsOff
)

// The times of the protocol. The package's documentation explains how they fit together.
const (
	// DefaultSettle is how long after a claim was written its holder's request may still be in progress: the time
	// to send it ([DefaultLease]), the gateway's 30 seconds (docs/wire-contract.md, "Errors"), and 5 seconds of network
	// time.
	DefaultSettle = 45 * time.Second
	// DefaultLease is how long after writing a claim its holder may send.
	DefaultLease = 10 * time.Second
)

// Reporter reports progress to the user.
type Reporter interface {
	Say(format string, arguments ...any)
	Warn(format string, arguments ...any)
}

// Claims decides which of several runs may start something.
type Claims struct {
	// Store may be nil with the mode [Off].
	Store    Store
	Mode     Mode
	Progress Reporter
	// Random is the source of the names of writes. They must be unique, but need not be unpredictable.
	Random io.Reader
	// Settle and Lease are [DefaultSettle] and [DefaultLease], except in tests. Settle must be longer than
	// Lease and the gateway's timeout together.
	Settle, Lease time.Duration
	// FinishTimeout is the time limit of the write that records what was started, and of the one that releases a claim.
	FinishTimeout time.Duration

	// proven is set when the store has proved that it honours conditions. useless is set when it cannot be used for
	// claims.
	proven, useless bool
}

// RequestState is the state of the request of a claim's holder, as the orchestrator's own documents show it.
type RequestState int

// The results of a look at the orchestrator.
const (
	// Unproven: the look does not show whether the request was carried out.
	Unproven RequestState = iota
	// Absent: the request had certainly not been carried out when the look began. It may still be in progress.
	Absent
	// Started: the request was carried out, and what it started is in progress or has completed.
	Started
	// Failed: the request was carried out, and what it started has failed, so that another run may start it again.
	Failed
)

// Request describes something that must be started at most once.
type Request struct {
	// Key is the key to claim: see [CreateKey] and [LifecycleKey]. If it is "", nothing is claimed.
	Key       string
	Statement Statement
	// Settle is how long a holder's request may be in progress without a trace, if that is longer than
	// [Claims.Settle]. A verdict that waits in a queue is an example.
	Settle time.Duration
	// Look returns the state of the request of a claim's holder. It must not trust the record unless the orchestrator's
	// own document confirms it. For Started, id is the id of the lifecycle.
	Look func(ctx context.Context, record Record) (state RequestState, id string, err error)
	// Earlier looks for what an earlier attempt has started without a claim. It is called if claims cannot be used, with
	// isClaimed false, and if this run is the first to write the claim, with isClaimed true. It is not called if Key is
	// "". It is nil if there was no earlier attempt.
	Earlier func(ctx context.Context, isClaimed bool) (Trace, error)
	// EarlierInParallel makes Earlier run in parallel with the write of the claim. It is for a run that is nearly always a
	// first attempt, so that the run is not delayed.
	EarlierInParallel bool
	// Send sends the request and returns the id of the lifecycle. It must call permit just before each request
	// that it sends, and return the error of permit if there is one.
	Send func(ctx context.Context, permit func(context.Context) error) (id string, err error)
	// IsUndone reports whether an error of Send proves that nothing was carried out, as a refusal does.
	IsUndone func(error) bool
}

// Trace is what an earlier attempt has started without a claim. The zero Trace means that there is nothing.
type Trace struct {
	LifecycleID string
	// Token is the token that the request of the earlier attempt carried.
	Token string
}

// Result says who has started what the request asks for.
type Result struct {
	LifecycleID string
	// Sent is set if this run has sent its request. Otherwise another run, or an earlier attempt, has sent one. Holder
	// is then what its claim says, and Same is set if it has asked for the same.
	Sent, Same bool
	Holder     Record
	// Unclaimed is set if nothing was claimed.
	Unclaimed bool

	recorded chan struct{}
}

// Wait waits until the result has been recorded in the claim, which happens in the background.
func (r Result) Wait() {
	if r.recorded != nil {
		<-r.recorded
	}
}

// Start starts what the request asks for, unless another run has already started it. Of all runs that call it with the
// same key, on any machine, only one sends.
//
// Its own errors are of the kinds [outcome.Unknown] (it is unknown whether a holder's request was carried out) and
// [outcome.Unavailable] (the claim cannot be read or written). In both cases this run has sent
// nothing. The errors of the request's functions are returned unchanged.
func (c *Claims) Start(ctx context.Context, r Request) (Result, error) {
	if c.Mode == Off || c.useless || r.Key == "" {
		return c.unclaimed(ctx, r)
	}
	parallel, cancel := context.WithCancel(ctx)
	defer cancel()
	proof := async(c.proven, func() error { return c.Store.Prove(parallel) })
	earlier := c.earlier(parallel, r)
	claim, held, err := c.Acquire(ctx, r.Key, r.Statement)
	if err == nil {
		if err = proof(); err != nil && claim != nil && !isPermanent(err) {
			_ = c.finish(ctx, claim.Release)
		}
	}
	if isPermanent(err) && c.Mode == Auto {
		c.useless = true
		c.Progress.Warn("Claims cannot be written: %v. Concurrent runs, or a repeated job, may start the same operation twice.", err)
		return c.unclaimed(ctx, r)
	}
	c.proven = err == nil
	if err == nil && claim != nil {
		switch result, failed := c.adoptEarlier(ctx, claim, earlier); {
		case failed != nil:
			return Result{}, failed
		case result != nil:
			return *result, nil
		}
	}
	for err == nil {
		if claim == nil {
			var result *Result
			if claim, result, err = c.follow(ctx, held, r); result != nil {
				return *result, nil
			}
			if err != nil {
				break
			}
		}
		result, failed := c.send(ctx, claim, r)
		if !errors.Is(failed, ErrLost) {
			return result, failed
		}
		claim, held, err = c.Acquire(ctx, r.Key, r.Statement)
	}
	return Result{}, c.explain(ctx, r.Key, err)
}

// earlier returns a function that returns the result of r.Earlier. If the request asks for it, the look begins at once, in
// parallel with the write of the claim.
func (c *Claims) earlier(ctx context.Context, r Request) func() (Trace, error) {
	switch {
	case r.Earlier == nil:
		return func() (Trace, error) { return Trace{}, nil }
	case !r.EarlierInParallel:
		return func() (Trace, error) { return r.Earlier(ctx, true) }
	}
	var trace Trace
	look := async(false, func() (err error) {
		trace, err = r.Earlier(ctx, true)
		return err
	})
	return func() (Trace, error) {
		err := look()
		return trace, err
	}
}

// adoptEarlier records what an earlier attempt has started without a claim in the claim of this run, which is the first to
// write it, and returns that as the result. The result is nil if there is nothing.
func (c *Claims) adoptEarlier(ctx context.Context, claim *Claim, earlier func() (Trace, error)) (*Result, error) {
	trace, err := earlier()
	if err != nil {
		_ = c.finish(ctx, claim.Release)
		return nil, err
	}
	if trace == (Trace{}) {
		return nil, nil
	}
	result := &Result{LifecycleID: trace.LifecycleID, Same: true}
	result.recorded = c.record(ctx, func(ctx context.Context) error { return claim.adopt(ctx, trace) })
	return result, nil
}

// async calls do in a goroutine, unless isDone is set. The function that it returns waits for the result.
func async(isDone bool, do func() error) (wait func() error) {
	if isDone {
		return func() error { return nil }
	}
	ended := make(chan error, 1)
	go func() { ended <- do() }()
	return func() error { return <-ended }
}

// unclaimed sends without a claim, unless r.Earlier finds what an earlier attempt has started.
func (c *Claims) unclaimed(ctx context.Context, r Request) (Result, error) {
	if r.Key != "" && r.Earlier != nil {
		trace, err := r.Earlier(ctx, false)
		if err != nil || trace != (Trace{}) {
			return Result{LifecycleID: trace.LifecycleID, Same: true, Unclaimed: true}, err
		}
	}
	id, err := r.Send(ctx, func(context.Context) error { return nil })
	return Result{LifecycleID: id, Sent: err == nil, Unclaimed: true}, err
}

// record writes to a claim in the background. If the write fails, other runs look for the token instead, which takes
// longer but has the same result.
func (c *Claims) record(ctx context.Context, write func(context.Context) error) (recorded chan struct{}) {
	recorded = make(chan struct{})
	go func() {
		defer close(recorded)
		_ = c.finish(ctx, write)
	}()
	return recorded
}

// send sends the request under the claim, and records success in the background.
func (c *Claims) send(ctx context.Context, claim *Claim, r Request) (Result, error) {
	id, err := r.Send(ctx, claim.Permit)
	switch {
	case err == nil:
		recorded := c.record(ctx, func(ctx context.Context) error { return claim.Accepted(ctx, id) })
		return Result{LifecycleID: id, Sent: true, recorded: recorded}, nil
	case errors.Is(err, ErrLost):
		c.Progress.Say("Another run has taken over the claim, because this run was too slow.")
	case !claim.permitted || r.IsUndone != nil && r.IsUndone(err):
		// If this fails, the next run waits until the claim has settled.
		_ = c.finish(ctx, claim.Release)
	}
	return Result{}, err
}

// finish calls write with a context that an interrupt does not cancel, but that has the time limit FinishTimeout.
func (c *Claims) finish(ctx context.Context, write func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.FinishTimeout)
	defer cancel()
	return write(ctx)
}

// explain turns an error of the store into an [outcome.Error], or into the cause of an interrupt.
func (c *Claims) explain(ctx context.Context, key string, err error) error {
	if _, ok := errors.AsType[*outcome.Error](err); ok {
		return err
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	hint := "nothing was sent: run this again"
	if isPermanent(err) && c.Mode == Require {
		hint = "nothing was sent, because claims are required: fix that, or set --claims=auto"
	}
	return &outcome.Error{
		Kind: outcome.Unavailable, Reason: fmt.Sprintf("claim %s cannot be read or written", key), Hint: hint, Err: err,
	}
}

// isPermanent reports whether an error of a store means that claims cannot be written there at all, because a
// permission is missing or there is no bucket.
func isPermanent(err error) bool {
	permanent, ok := errors.AsType[interface {
		error
		Permanent() bool
	}](err)
	return ok && permanent.Permanent()
}
