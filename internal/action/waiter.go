package action

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/rules"
	"github.com/org/ami-action/internal/watch"
)

// waiter waits for the events of an operation.
type waiter struct {
	settings     *config.Settings
	orchestrator Orchestrator
	insight      Insight // may be nil
	pipeline     Pipeline
	limits       Limits
	jitter       func() float64
	earlier      *watch.History // how long events take
	result       *result
	// searched is how long the search for an earlier attempt took. It counts against the timeout of the wait.
	searched time.Duration
}

// wait waits until the events have ended, unless the settings say not to wait. before is the document
// just before the events were asked for; see [watch.Judge].
func (w *waiter) wait(ctx context.Context, before *lifecycle.Document, events []lifecycle.Event) error {
	w.result.waitedFor, w.result.underWay = events, true
	if !w.settings.Wait && w.settings.Operation != lifecycle.Wait {
		w.result.record.Status = outcome.StatusStarted
		w.result.outputs.SetRecord(&w.result.record)
		w.result.progress.Say("Not waiting. To wait for it later: %s", w.result.resumption().CommandLine())
		return nil
	}
	observer := w.newObserver(ctx)
	defer observer.close()
	options := w.watchOptions(before, events)
	options.FindingOf, options.Wake, options.Earlier = observer.behind, observer.wake, w.earlier
	var last watch.Poll
	looks := 0
	for found, err := range watch.Polls(ctx, w.orchestrator, options) {
		last = found
		looks++
		w.result.onlyLooked = w.settings.Operation == lifecycle.Wait && looks == 1
		if found.Document != nil && found.Err == nil {
			w.result.take(found.Judgements, found.Document)
		}
		w.result.progress.Observe(found)
		if gate := w.checkGate(found.Judgements, found.Document); gate != nil {
			return gate // events after the scan cannot change the findings
		}
		if err != nil {
			return w.unfinished(err)
		}
	}
	if cause := last.Judgements.Cause(); cause != nil {
		failure := &outcome.Error{
			Kind: outcome.EventFailed, LifecycleID: last.Document.ID, Event: cause.Event, State: cause.State,
			Reason: cause.Reason, Hint: rules.HintFor(cause, last.Document, w.settings.Platform),
		}
		if rules.IsRepeated(cause, last.Document) {
			failure.Resume = w.result.resumption().CommandLine()
		}
		observer.close() // after this, w.result.steps does not change any more
		w.explain(failure, last.Document)
		return failure
	}
	return nil
}

func (w *waiter) watchOptions(before *lifecycle.Document, events []lifecycle.Event) watch.Options {
	schedule := watch.Adaptive(w.limits.PollFloor, w.jitter)
	if w.pipeline.JobIdentity() != "" {
		schedule = schedule.Together() // other jobs of the pipeline may begin to wait at the same time
	}
	if w.settings.PollInterval > 0 {
		schedule = watch.Every(w.settings.PollInterval)
	}
	stall := w.limits.Stall
	if v := verdictOf(w.settings); w.settings.Operation == lifecycle.ApprovalPatch && v.word == lifecycle.Refused {
		stall = w.limits.LostVerdict // the only verdict that the server can lose
	}
	return watch.Options{
		LifecycleID: w.result.record.LifecycleID, Before: before, Wanted: events, Timeout: w.settings.WaitTimeout - w.searched,
		Stall: stall, PollBudget: w.limits.PollBudget, Schedule: schedule,
	}
}

// checkGate returns an error if the scan of the operation's image found vulnerabilities that the settings do not allow.
// The scan counts even if another job asked for it or if it completed earlier.
func (w *waiter) checkGate(judged watch.Judgements, document *lifecycle.Document) error {
	if w.settings.FailOnSeverity == "" || document == nil {
		return nil
	}
	version := w.result.version(judged, document)
	findings := version.Findings()
	if findings == nil {
		return nil
	}
	gate := findings.Against(w.settings.FailOnSeverity)
	if gate.Passed() {
		return nil
	}
	return &outcome.Error{
		Kind: outcome.GateNotPassed, LifecycleID: document.ID, Event: version.Scan.Name,
		Reason: fmt.Sprintf("%s of version %s found %s", version.Scan.Name, cmp.Or(version.SemanticVersion(), "(unknown)"), gate),
		Hint:   fmt.Sprintf("fix the image, or change %s", config.FailOnSeverity.On(w.settings.Platform)),
	}
}

// unfinished adds to the error of a wait that ended before its events how to continue it and, if the wait timed out or
// stalled, what happens to the events.
func (w *waiter) unfinished(err error) error {
	e := *outcome.Of(err)
	e.LifecycleID, e.Resume = w.result.record.LifecycleID, w.result.resumption().CommandLine()
	switch e.Kind {
	case outcome.Stalled:
		e.Reason = "the event has stalled: " + e.Reason + "; the orchestrator does not report an event that its rules forbid or that fails to start"
		e.Hint = "check the status, then request the event again"
	case outcome.TimedOut:
		e.Reason += "; the event continues"
		e.Hint = "continue the wait as below, or raise " + config.WaitTimeout.On(w.settings.Platform)
	}
	return &e
}

// explain adds what a look behind the event has shown to its error: the end of the log, links to further pages,
// how long the document continues to show the event as in progress, and what to do.
func (w *waiter) explain(e *outcome.Error, document *lifecycle.Document) {
	running := document.Running
	if w.insight == nil || !running.IsRunning() || running.Name != e.Event {
		return
	}
	report := w.insight.Latest(insightEvent(document))
	if report.Final == nil {
		return
	}
	w.result.record.SetEventEnd(running.Name, endOf(report))
	w.result.steps.take(report)
	e.Log = report.Log
	for _, link := range []outcome.Link{
		{Title: "Image", URL: report.Links.Image}, {Title: "Build log", URL: report.Links.Log}, {Title: "Execution", URL: report.Links.Execution},
	} {
		if link.URL != "" {
			e.Links = append(e.Links, link)
		}
	}
	if report.Final.Hint != "" {
		e.Hint = report.Final.Hint
	}
	if !running.Started.IsZero() {
		e.Reason += fmt.Sprintf("; the orchestrator continues to show %s as in progress until %s UTC",
			running.Name, running.Started.Add(lifecycle.MaxEvent).Format("15:04"))
	}
	if len(e.Log) == 0 {
		return
	}
	w.pipeline.Group(fmt.Sprintf("The last %d lines of the build's log", len(e.Log)))
	for _, line := range e.Log {
		w.pipeline.Say(pipeline.Info, "  "+line)
	}
	w.pipeline.EndGroup()
}
