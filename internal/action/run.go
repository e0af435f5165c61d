package action

import (
	"context"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/progress"
)

// Run carries out the operation of the settings and reports its progress. When it returns, everything has been
// written: outputs, summary, report and error message. It returns the error that decides the exit code
// ([outcome.ExitCode]).
func Run(ctx context.Context, o Options) error {
	r := newRun(o)
	err := r.recovered(func() error { return r.operate(ctx) })
	r.progress.Close()
	err = r.interrupted(ctx, err)
	concluded := false
	err = r.recovered(func() error {
		err := r.publisher.conclude(err)
		concluded = true
		return err
	})
	if !concluded {
		outcome.Report(r.Pipeline, err)
	}
	return err
}

// interrupted replaces an error that a signal caused by one of kind [outcome.Interrupted]. An error of kind
// [outcome.Unknown] stays as it is: it is still unknown whether the request was carried out.
func (r *result) interrupted(ctx context.Context, err error) error {
	interrupt := outcome.InterruptOf(ctx)
	if err == nil || interrupt == nil || outcome.Of(err).Kind == outcome.Unknown {
		return err
	}
	e := &outcome.Error{
		Kind: outcome.Interrupted, Signal: interrupt.Signal,
		Reason: interrupt.Error() + "; nothing was started",
	}
	if r.underWay {
		e.LifecycleID, e.Resume = r.record.LifecycleID, r.resumption().CommandLine()
		e.Reason = interrupt.Error() + "; the event continues"
	}
	return e
}

// run is an operation in progress: what it has found out, and the parts that the workflows share.
type run struct {
	Options
	*result
	lifecycles *reader
	requests   *sender
	waiter     *waiter
	publisher  *publisher
}

func newRun(o Options) *run {
	found := newResult(o, progress.New(o.Pipeline, o.Limits.Heartbeat))
	lifecycles := &reader{
		settings: o.Settings, orchestrator: o.Orchestrator, insight: o.Insight, progress: found.progress, result: found,
	}
	return &run{
		Options: o, result: found, lifecycles: lifecycles,
		requests: &sender{
			settings: o.Settings, orchestrator: o.Orchestrator, pipeline: o.Pipeline, limits: o.Limits,
			claims: newClaims(o, found.progress), lifecycles: lifecycles, result: found,
		},
		waiter: &waiter{
			settings: o.Settings, orchestrator: o.Orchestrator, insight: o.Insight, pipeline: o.Pipeline, limits: o.Limits,
			jitter: o.Jitter, earlier: &lifecycles.earlier, result: found,
		},
		publisher: &publisher{result: found, files: o.Files},
	}
}

func (r *run) operate(ctx context.Context) (err error) {
	if err := checkFiles(r.Options); err != nil {
		return err
	}
	if r.requests.token, err = newToken(r.Pipeline.JobIdentity(), r.Settings, r.Random); err != nil {
		return err
	}
	switch r.Settings.Operation {
	case lifecycle.Create:
		return r.create(ctx)
	case lifecycle.CreateUpdate, lifecycle.PatchUpdate:
		return r.update(ctx)
	case lifecycle.Patch:
		return r.patch(ctx)
	case lifecycle.QACertification, lifecycle.ApprovalCreate, lifecycle.ApprovalPatch:
		return r.recordVerdict(ctx)
	case lifecycle.Wait:
		return r.resumeWait(ctx)
	case lifecycle.GetStatus:
		return r.showStatus(ctx)
	case lifecycle.GetStatuses:
		return r.showStatuses(ctx)
	case lifecycle.Select:
		return r.selectImage(ctx)
	case lifecycle.TimelineCreate, lifecycle.TimelinePatch:
		return r.saveTimeline(ctx)
	case lifecycle.Doctor:
		return r.examine(ctx)
	}
	panic("action: no workflow for operation " + string(r.Settings.Operation))
}

// prefetch looks up what the operation needs from its first request to the end of its wait.
//
// The bucket for claims is looked up in parallel, and its errors are ignored here. The claim reports them, because the
// operation may be able to continue without the bucket.
func (r *run) prefetch(ctx context.Context) error {
	claims := r.Claims != nil && r.Settings.Operation.Writes() &&
		(r.Settings.Operation != lifecycle.Create || r.requests.token.job != "")
	if claims && r.Settings.APIEndpoint != "" {
		go func() { _ = r.Deployment.Prefetch(ctx, nil, true) }()
	}
	return r.Deployment.Prefetch(ctx, orchestrator.KeysFor(r.Settings.Operation), r.Settings.Operation == lifecycle.Patch)
}
