package action

import (
	"context"
	"fmt"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/once"
	"github.com/org/ami-action/internal/orchestrator"
)

// creation is an AMI_CREATE in progress.
type creation struct {
	*run
	events []lifecycle.Event
}

// create starts a new lifecycle, or attaches to the one that an earlier attempt of this job started.
func (r *run) create(ctx context.Context) error {
	events, err := lifecycle.EventsOf(lifecycle.Create, r.Settings.Events)
	if err != nil {
		return err
	}
	c := creation{run: r, events: events}
	if r.Settings.DryRun {
		return r.showDryRun(c.request())
	}
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	started, err := c.start(ctx)
	defer started.Wait()
	if err != nil {
		return err
	}
	r.identified(started.LifecycleID, events)
	if started.Sent {
		return r.waiter.wait(ctx, &lifecycle.Document{}, events)
	}
	c.sayAttached(started)
	return r.waiter.wait(ctx, nil, events)
}

func (c creation) request() orchestrator.CreateRequest {
	s := c.Settings
	return orchestrator.CreateRequest{
		StackTag: s.StackTag, Owner: s.Owner, ProductVer: s.ProductVer, ProductName: s.ProductName,
		CommitRef: s.CommitRef, Notifications: s.Notifications, Events: c.events, Properties: c.requests.properties(),
	}
}

// start sends the request, unless this job has started its lifecycle before.
func (c creation) start(ctx context.Context) (claim.Result, error) {
	s, request, names := c.Settings, c.request(), lifecycle.Names(c.events)
	claimed := claim.Request{
		Key:       claim.CreateKey(c.Pipeline.JobIdentity(), buildOf(s, c.events)),
		Statement: c.requests.statement(fmt.Sprintf("%s of %s %s: %s", s.Operation, s.ProductName, s.ProductVer, names)),
		Look:      c.requestState, IsUndone: isUndone,
		Send: func(ctx context.Context, permit func(context.Context) error) (string, error) {
			c.progress.Say("Creating an AMI of %s %s, stack tag %s: %s.", s.ProductName, s.ProductVer, s.StackTag, names)
			return c.requests.send(ctx, request, permit, c.findByToken, c.createdAnyway)
		},
	}
	if attempt := c.Pipeline.Attempt(); attempt != 1 {
		claimed.Earlier, claimed.EarlierInParallel = c.earlierAttempt, attempt == 0
	}
	return c.requests.claims.Start(ctx, claimed)
}

// buildOf returns what a create with these settings builds. Its token and its claim are derived from this.
func buildOf(s *config.Settings, events []lifecycle.Event) claim.Build {
	return claim.Build{ProductName: s.ProductName, ProductVer: s.ProductVer, StackTag: s.StackTag, CommitRef: s.CommitRef, Events: events}
}

// sayAttached reports that the operation continues with a lifecycle that this job has started before.
func (c creation) sayAttached(started claim.Result) {
	if attempt := c.Pipeline.Attempt(); attempt > 0 && started.Holder.Attempt == attempt {
		c.progress.Say("This job has already started lifecycle %s: continuing with it.", started.LifecycleID)
	} else {
		c.progress.Say("An earlier attempt of this job started lifecycle %s: continuing with it.", started.LifecycleID)
	}
	if !c.Pipeline.DistinguishesMatrixJobs() {
		c.progress.Warn("If this job is part of a matrix, another job of the matrix may have started that lifecycle: set INPUT_MATRIX to ${{ toJSON(matrix) }} in the step's env, so that each job continues with its own.")
	}
}

// createdAnyway returns the lifecycle of a create that was refused but has started its build anyway, or nil. A
// lifecycle in which nothing runs does not count: a refused create often leaves one behind.
func (c creation) createdAnyway(ctx context.Context) (*lifecycle.Document, error) {
	document, _, err := c.findByToken(ctx)
	if err != nil || document == nil || isOrphan(document) {
		return nil, err
	}
	return document, nil
}

// findByToken looks for the lifecycle that this process's own create left behind.
func (c creation) findByToken(ctx context.Context) (*lifecycle.Document, once.Certainty, error) {
	documents, complete, err := c.lifecycles.list(ctx)
	if err != nil {
		return nil, once.Uncertain, err
	}
	if document := findBuild(documents, c.requests.token.String()); document != nil {
		return document, once.Certain, nil
	}
	return nil, once.Certainty(complete), nil
}
