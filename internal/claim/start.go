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

// Mode says what is to be done where claims cannot be written.
type Mode string

// The modes.
const (
	// Require: nothing is sent without a claim.
	Require Mode = config.ClaimsRequire
	// Auto: a warning says what is not guaranteed, and the request is sent without a claim.
	Auto Mode = config.ClaimsAuto
	// Off: nothing is claimed.
	Off Mode = config.ClaimsOff
)

// The times of the protocol. See the package's documentation for why they fit together.
const (
	// DefaultSettle is how long after a claim was written its holder's request may still be at work: the time
	// to send it, the gateway's 30 seconds (docs/wire-contract.md, "Errors"), and 5 seconds on the way.
	DefaultSettle = 45 * time.Second
	// DefaultFence is how long after writing a claim its holder may send.
	DefaultFence = 10 * time.Second
)

// Story is told what happens.
type Story interface {
	Say(format string, arguments ...any)
	Warn(format string, arguments ...any)
}

// Claims decides who starts what.
type Claims struct {
	// Store is not used with the mode [Off].
	Store Store
	Mode  Mode
	Story Story
	// Random names the writes. It must be unique to each process, and need not be unpredictable.
	Random io.Reader
	// Settle and Fence are [DefaultSettle] and [DefaultFence] outside of tests. Settle must be longer than
	// Fence and the gateway's time-out together.
	Settle, Fence time.Duration
	// SecondWrite bounds the write that records what was started, and the one that releases a claim.
	SecondWrite time.Duration

	// proven is set once the store has proven itself, useless once it cannot be used for claims.
	proven, useless bool
}

// Standing says how the request of a claim's holder stands.
type Standing int

// A look at the orchestrator ends in one of these.
const (
	// Unproven: the look does not tell whether the request was carried out.
	Unproven Standing = iota
	// Absent: it was certainly not carried out when the look began; it may still be on its way.
	Absent
	// Started: it was carried out, and what it started is alive or done.
	Started
	// Failed: it was carried out, and what it started has failed in a way that lets another one start it anew.
	Failed
)

// Request is something that must be started once at most.
type Request struct {
	// Key is what is claimed: see [CreateKey] and [LifecycleKey]. With "" nothing is claimed.
	Key       string
	Statement Statement
	// Settle is how long a holder's request may still be at work without a trace, if that is longer than
	// [Claims.Settle]: a verdict that waits in a queue.
	Settle time.Duration
	// Look looks how the request of a claim's holder stands. It must believe nothing that the record says
	// unless the orchestrator's own document bears it out. The id is that of the lifecycle, for Started.
	Look func(ctx context.Context, record Record) (standing Standing, id string, err error)
	// Earlier looks for what an earlier attempt has started where there is no claim that could tell of it: nothing can
	// be claimed, or this run is the first that claims. It is not called without a key. nil means that there was none.
	Earlier func(ctx context.Context, isClaimed bool) (Trace, error)
	// Beside lets Earlier look beside the writing of a claim, for a run that is nearly always the first attempt: it
	// must not wait for a look.
	Beside bool
	// Send sends the request and returns the id of the lifecycle. It must ask permit just before each request
	// that goes out, and return its error if there is one.
	Send func(ctx context.Context, permit func(context.Context) error) (id string, err error)
	// IsUndone reports whether an error of Send proves that nothing was carried out: a refusal.
	IsUndone func(error) bool
}

// Trace is what an earlier attempt has started under no claim. The zero Trace is nothing.
type Trace struct {
	LifecycleID string
	// Token is the token that its request carried.
	Token string
}

// Result says who has started what was to be started.
type Result struct {
	LifecycleID string
	// Sent is set if this run has sent its request. Otherwise another one had, or an earlier attempt of this
	// one, and Holder is what its claim says; Same is set if it has asked for the very same.
	Sent, Same bool
	Holder     Record
	// Unclaimed is set if nothing was claimed.
	Unclaimed bool

	recorded chan struct{}
}

// Wait waits until the claim says what was started: that is written beside what the caller does meanwhile.
func (r Result) Wait() {
	if r.recorded != nil {
		<-r.recorded
	}
}

// Start starts what the request asks for, unless somebody has started it. Of all that call it with the same
// key at the same time, on any machine, one sends.
//
// Its own errors are of the kinds [outcome.Unknown] (a holder's request may have been carried out, and nobody
// can tell) and [outcome.Unavailable] (the claim cannot be read or written); in both cases this run has sent
// nothing. The errors of the request's functions come back as they are.
func (c *Claims) Start(ctx context.Context, r Request) (Result, error) {
	if c.Mode == Off || c.useless || r.Key == "" {
		return c.unclaimed(ctx, r)
	}
	beside, cancel := context.WithCancel(ctx)
	defer cancel()
	proof := async(c.proven, func() error { return c.Store.Prove(beside) })
	earlier := c.earlier(beside, r)
	claim, held, err := c.Acquire(ctx, r.Key, r.Statement)
	if err == nil {
		if err = proof(); err != nil && claim != nil && !isPermanent(err) {
			_ = c.secondWrite(ctx, claim.Release)
		}
	}
	if isPermanent(err) && c.Mode == Auto {
		c.useless = true
		c.Story.Warn("Claims cannot be written: %v. It is not guaranteed that two runs that ask for the same at the same time, or a repeated job, start it once only.", err)
		return c.unclaimed(ctx, r)
	}
	c.proven = err == nil
	if err == nil && claim != nil {
		switch result, failed := c.goOn(ctx, claim, earlier); {
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

// earlier returns the look for what an earlier attempt has started under no claim. It has begun if the request wants
// it beside the claim's write.
func (c *Claims) earlier(ctx context.Context, r Request) func() (Trace, error) {
	switch {
	case r.Earlier == nil:
		return func() (Trace, error) { return Trace{}, nil }
	case !r.Beside:
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

// goOn goes on with what an earlier attempt has started under no claim: this run is the first that has claimed. The
// result is nil where there is nothing.
func (c *Claims) goOn(ctx context.Context, claim *Claim, earlier func() (Trace, error)) (*Result, error) {
	trace, err := earlier()
	if err != nil {
		_ = c.secondWrite(ctx, claim.Release)
		return nil, err
	}
	if trace == (Trace{}) {
		return nil, nil
	}
	result := &Result{LifecycleID: trace.LifecycleID, Same: true}
	result.recorded = c.record(ctx, func(ctx context.Context) error { return claim.adopt(ctx, trace) })
	return result, nil
}

// async does it beside what the caller does meanwhile, unless it is done already. The function that it returns waits
// for it.
func async(isDone bool, do func() error) (wait func() error) {
	if isDone {
		return func() error { return nil }
	}
	ended := make(chan error, 1)
	go func() { ended <- do() }()
	return func() error { return <-ended }
}

// unclaimed sends without a claim, as well as that goes.
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

// record writes to a claim beside what the caller does next. Without it the others look for the token, which takes
// longer and comes to the same.
func (c *Claims) record(ctx context.Context, write func(context.Context) error) (recorded chan struct{}) {
	recorded = make(chan struct{})
	go func() {
		defer close(recorded)
		_ = c.secondWrite(ctx, write)
	}()
	return recorded
}

// send sends under the claim. What came of it is recorded beside what the caller does next.
func (c *Claims) send(ctx context.Context, claim *Claim, r Request) (Result, error) {
	id, err := r.Send(ctx, claim.Permit)
	switch {
	case err == nil:
		recorded := c.record(ctx, func(ctx context.Context) error { return claim.Accepted(ctx, id) })
		return Result{LifecycleID: id, Sent: true, recorded: recorded}, nil
	case errors.Is(err, ErrLost):
		c.Story.Say("Another run has taken over what this one was too slow to send.")
	case !claim.permitted || r.IsUndone != nil && r.IsUndone(err):
		// Without it the next run waits until the claim has settled.
		_ = c.secondWrite(ctx, claim.Release)
	}
	return Result{}, err
}

// secondWrite outlives an interrupt, but not for long.
func (c *Claims) secondWrite(ctx context.Context, write func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.SecondWrite)
	defer cancel()
	return write(ctx)
}

// explain gives an error of the store its kind.
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
		Kind: outcome.Unavailable, Reason: fmt.Sprintf("claim %s can neither be read nor written", key), Hint: hint, Err: err,
	}
}

// isPermanent reports whether an error of a store says that claims cannot be written there at all: a
// permission is missing, or there is no bucket.
func isPermanent(err error) bool {
	permanent, ok := errors.AsType[interface {
		error
		Permanent() bool
	}](err)
	return ok && permanent.Permanent()
}
