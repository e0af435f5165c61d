package action

import (
	"context"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/resume"
	"github.com/org/ami-action/internal/rules"
	"github.com/org/ami-action/internal/watch"
)

// resumeWait waits for what another job has started: for the events in the settings, otherwise for the open events of the
// lifecycle.
func (r *run) resumeWait(ctx context.Context) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, err := r.look(ctx)
	if err != nil {
		return err
	}
	wanted, err := lifecycle.WaitedFor(r.Settings.Events, document.CurrentPhase())
	if err != nil {
		return err
	}
	if len(wanted) == 0 {
		wanted = document.OpenEvents()
	}
	r.identified(document.ID, wanted)
	r.take(nil, document)
	if len(wanted) == 0 {
		r.onlyLooked = true
		r.progress.Say("Nothing is in progress, and no event was requested.")
		return nil
	}
	return r.wait(ctx, nil, wanted)
}

// wait waits until the events have ended, unless the settings say not to wait. before is the document
// just before the events were asked for; see [watch.Judge].
func (r *run) wait(ctx context.Context, before *lifecycle.Document, events []lifecycle.Event) error {
	r.waitedFor, r.underWay = events, true
	if !r.Settings.Wait && r.Settings.Operation != lifecycle.Wait {
		r.record.Status = outcome.StatusStarted
		r.outputs.SetRecord(&r.record)
		r.progress.Say("Not waiting. To wait for it later: %s", r.resumption().CommandLine())
		return nil
	}
	observer := r.newObserver(ctx)
	defer observer.close()
	options := r.watchOptions(before, events)
	options.FindingOf, options.Wake, options.Earlier = observer.behind, observer.wake, &r.earlier
	var last watch.Poll
	looks := 0
	for found, err := range watch.Polls(ctx, r.Orchestrator, options) {
		last = found
		looks++
		r.onlyLooked = r.Settings.Operation == lifecycle.Wait && looks == 1
		if found.Document != nil && found.Err == nil {
			r.take(found.Judgements, found.Document)
		}
		r.progress.Observe(found)
		if gate := r.checkGate(found.Judgements, found.Document); gate != nil {
			return gate // events after the scan cannot change the findings
		}
		if err != nil {
			return r.unfinished(err)
		}
	}
	if cause := last.Judgements.Cause(); cause != nil {
		failure := &outcome.Error{
			Kind: outcome.EventFailed, LifecycleID: last.Document.ID, Event: cause.Event, State: cause.State,
			Reason: cause.Reason, Hint: rules.HintFor(cause, last.Document, r.Settings.Platform),
		}
		if rules.IsRepeated(cause, last.Document) {
			failure.Resume = r.resumption().CommandLine()
		}
		observer.close() // after this, r.steps does not change any more
		r.explain(failure, last.Document)
		return failure
	}
	return nil
}

func (r *run) watchOptions(before *lifecycle.Document, events []lifecycle.Event) watch.Options {
	schedule := watch.Adaptive(r.Limits.PollFloor, r.Jitter)
	if r.Pipeline.JobIdentity() != "" {
		schedule = schedule.Together() // other jobs of the pipeline may begin to wait at the same time
	}
	if r.Settings.PollInterval > 0 {
		schedule = watch.Every(r.Settings.PollInterval)
	}
	stall := r.Limits.Stall
	if v := verdictOf(r.Settings); r.Settings.Operation == lifecycle.ApprovalPatch && v.word == lifecycle.Refused {
		stall = r.Limits.LostVerdict // the only verdict that the server can lose
	}
	return watch.Options{
		LifecycleID: r.Settings.LifecycleID, Before: before, Wanted: events, Timeout: r.Settings.WaitTimeout - r.looked,
		Stall: stall, PollBudget: r.Limits.PollBudget, Schedule: schedule,
	}
}

// unfinished adds to the error of a wait that ended before its events how to continue it and, if the wait timed out or
// stalled, what happens to the events.
func (r *run) unfinished(err error) error {
	e := *outcome.Of(err)
	e.LifecycleID, e.Resume = r.record.LifecycleID, r.resumption().CommandLine()
	switch e.Kind {
	case outcome.Stalled:
		e.Reason = "the event has stalled: " + e.Reason + "; the orchestrator does not report an event that its rules forbid or that fails to start"
		e.Hint = "check the status, then request the event again"
	case outcome.TimedOut:
		e.Reason += "; the event continues"
		e.Hint = "continue the wait as below, or raise " + config.WaitTimeout.On(r.Settings.Platform)
	}
	return &e
}

// resumption describes the wait for a command that continues it.
func (r *run) resumption() resume.Wait {
	return resume.Wait{Settings: r.Settings, LifecycleID: r.record.LifecycleID, Events: r.waitedFor}
}
