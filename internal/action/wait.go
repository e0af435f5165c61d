package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/watch"
)

// resumeWait waits for what another job has started: for the events given, else for what is in progress
// and what was asked for last.
func (r *run) resumeWait(ctx context.Context) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, err := r.look(ctx)
	if err != nil {
		return err
	}
	phase := document.CurrentPhase()
	wanted, err := lifecycle.WaitedFor(r.Settings.Events, phase)
	if err != nil {
		return err
	}
	if len(wanted) == 0 {
		wanted = openEvents(document, phase)
	}
	r.identified(document.ID, wanted)
	r.take(nil, document)
	if gate := r.gate(nil, document); gate != nil {
		return gate // a scan that completed before anybody waited counts too
	}
	if len(wanted) == 0 {
		r.story.say("Nothing is in progress, and all that was asked for has completed.")
		r.setStatus(string(watch.Completed))
		return nil
	}
	return r.wait(ctx, nil, wanted)
}

// openEvents returns what a lifecycle is still to do: the events asked for last that have not completed,
// and the one in progress.
func openEvents(document *lifecycle.Document, phase lifecycle.Phase) []lifecycle.Event {
	asked := document.Enabled(phase)
	running := document.Running
	return slices.DeleteFunc(phase.Order(), func(event lifecycle.Event) bool {
		if running != nil && running.Name == event {
			return false
		}
		newPatch := running.IsRunning() && running.Name == lifecycle.PatchAMI
		return !slices.Contains(asked, event) || document.HasCompleted(event) && !newPatch
	})
}

// wait waits until the events have ended, unless the settings say not to wait. before is the document
// just before they were asked for; see [watch.Judge].
func (r *run) wait(ctx context.Context, before *lifecycle.Document, events []lifecycle.Event) error {
	r.waitedFor, r.underWay = events, true
	if !r.Settings.Wait && r.Settings.Operation != lifecycle.Wait {
		r.setStatus(statusStarted)
		r.story.say("Not waiting. To wait for it later: %s", r.resume())
		return nil
	}
	schedule := watch.Adaptive(r.Jitter)
	if r.Settings.PollInterval > 0 {
		schedule = watch.Every(r.Settings.PollInterval)
	}
	watching, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	verdict, document, err := watch.Until(watching, r.Orchestrator, watch.Options{
		LifecycleID: r.Settings.LifecycleID, Before: before, Wanted: events,
		Timeout: r.Settings.WaitTimeout, Stall: r.stall(), PollBudget: r.Patience.Polls, Schedule: schedule,
		Observe: func(o watch.Observation) {
			if o.Document != nil && o.Err == nil {
				r.Redactor.Learn(o.Document.Raw)
				r.take(o.Verdict, o.Document)
			}
			r.story.observe(o)
			if gate := r.gate(o.Verdict, o.Document); gate != nil {
				// The image has not passed: what comes after the scan cannot make that good.
				stop(gate)
			}
		},
	})
	if gate := r.gate(verdict, document); gate != nil {
		return gate
	}
	if err != nil {
		return r.unfinished(err)
	}
	if cause := verdict.Cause(); cause != nil {
		return &EventError{
			LifecycleID: document.ID, Event: cause.Event, State: cause.State, Reason: cause.Reason,
			Hint: hintFor(cause, document),
		}
	}
	return nil
}

// stall is how long nothing may be in progress: shorter for the one verdict that the server loses.
func (r *run) stall() time.Duration {
	if r.Settings.Operation == lifecycle.ApprovalPatch && r.Settings.ApprovalStatusAMIPatch != approved {
		return r.Patience.Lost
	}
	return r.Patience.Stall
}

// gate says whether the scan of the operation's image has found what the settings do not let pass,
// whoever asked for that scan, and whenever it completed.
func (r *run) gate(verdict watch.Verdict, document *lifecycle.Document) error {
	least := r.Settings.FailOnSeverity
	if least == "" || document == nil {
		return nil
	}
	scan := scanOf(r.Settings.Operation, verdict, document)
	if scan == nil || !scan.Findings.Unreadable && scan.Findings.AtLeast(least) == 0 {
		return nil
	}
	return &GateError{
		LifecycleID: document.ID, Event: scan.Name, Least: least, Findings: scan.Findings,
		Setting: config.FailOnSeverity.On(r.Settings.Face),
	}
}

// unfinished says of a wait that ended before its events did how to go on with it.
func (r *run) unfinished(err error) error {
	if _, stalled := errors.AsType[*watch.StalledError](err); stalled {
		return &StalledError{LifecycleID: r.outcome.LifecycleID, Err: err, Resume: r.resume()}
	}
	return &UnfinishedError{LifecycleID: r.outcome.LifecycleID, Err: err, Resume: r.resume()}
}

// hintFor says what to do about an event that did not complete.
func hintFor(cause *watch.Judgement, document *lifecycle.Document) string {
	event := cause.Event
	switch {
	case event == lifecycle.BuildAMI:
		return "a build cannot be repeated in its lifecycle: create a new one with AMI_CREATE"
	case event == lifecycle.PatchAMI:
		return "mend the component and patch again with AMI_PATCH"
	case event.Phase() == lifecycle.Patching && cause.State == watch.Failed:
		return "a patch's failed test cannot be repeated: mend the component and start a new patch with AMI_PATCH"
	case event == lifecycle.QACertificationResponse:
		return "the QA team did not certify the image: create a new one with AMI_CREATE, or certify it after all with AMI_QA_CERTIFICATION"
	case cause.State == watch.Failed && document.Running.IsRunning() && document.Running.Name == event:
		return fmt.Sprintf("the orchestrator has started %s again by itself: AMI_WAIT waits for that", event)
	case cause.State == watch.Blocked:
		return "run the event that did not complete again first"
	}
	return fmt.Sprintf("see the event's log in AWS, then ask for it again with %s", retryOperation(event))
}

func retryOperation(event lifecycle.Event) lifecycle.Operation {
	switch event {
	case lifecycle.MarkForProductionCreate:
		return lifecycle.ApprovalCreate
	case lifecycle.MarkForProductionPatch:
		return lifecycle.ApprovalPatch
	}
	return updateOf(event.Phase())
}
