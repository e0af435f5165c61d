package engine

import (
	"fmt"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/store"
)

// startRun stores what the execution does in AWS, and returns its fate. An execution with a fate never reports its end
// (docs/behind-the-document.md). isUnderstood is whether the state machine can read its input.
func (e *Engine) startRun(tx *store.Tx, lifecycleID string, execution store.Execution, at time.Time, isUnderstood bool) (store.Fate, error) {
	run := &store.Run{
		ARN: execution.ARN, LifecycleID: lifecycleID, Event: execution.Event, Input: execution.Input,
		Started: at, Ends: at.Add(e.Duration(execution.Event)), Manual: e.Manual, Failing: -1,
	}
	if e.Fate != nil {
		run.Fate = e.Fate(execution.Event)
	}
	if execution.Event == lifecycle.PatchAMI {
		if err := readComponent(tx, run); err != nil {
			return "", err
		}
	}
	if run.Failing >= 0 && run.Fate == "" {
		run.Fate = store.ImageFails
	}
	if !isUnderstood {
		// A state machine that cannot read its input fails at once.
		run.Stopped, run.Status = at, "FAILED"
	}
	return run.Fate, tx.PutRun(run)
}

// endRun stores the end of the execution. With a result the execution has succeeded, even if the result is FAILED.
func endRun(tx *store.Tx, arn string, ending Ending, at time.Time) error {
	run, err := tx.Run(arn)
	if err != nil || run == nil || !run.Stopped.IsZero() {
		return err
	}
	run.Stopped, run.Status = at, "SUCCEEDED"
	if ending.Status == lifecycle.Error {
		run.Status = "FAILED"
	}
	return tx.PutRun(run)
}

// ageRun moves the times of a run back, as [Engine.Age] does with the event in progress.
func ageRun(tx *store.Tx, arn string, by time.Duration) error {
	run, err := tx.Run(arn)
	if err != nil || run == nil {
		return err
	}
	run.Started, run.Ends = run.Started.Add(-by), run.Ends.Add(-by)
	if !run.FateAt.IsZero() {
		run.FateAt = run.FateAt.Add(-by)
	}
	return tx.PutRun(run)
}

// finalImageStatuses are the final statuses of an image with which the state machine polls until it times out, because
// it continues only at AVAILABLE.
var finalImageStatuses = []string{"FAILED", "CANCELLED", "DELETED", "DISABLED"}

// SetImage sets the status, in Image Builder's words, and its reason of the image of the build or patch in progress.
// With FAILED, CANCELLED, DELETED or DISABLED the event no longer ends by itself. With another status, an event whose
// image had failed does again.
// The error is [ErrNoSuchEvent] with the reason if no build and no patch is in progress.
func (e *Engine) SetImage(tx *store.Tx, id, status, reason string) error {
	at := e.Now().UTC()
	if err := e.Settle(tx, at); err != nil {
		return err
	}
	one, err := tx.Lifecycle(id)
	if err != nil {
		return err
	}
	if one == nil {
		return fmt.Errorf("%w: there is no lifecycle %s", ErrNoSuchEvent, id)
	}
	run, err := tx.Run(text(member(one.Document, "event_in_progress")["execution_arn"]))
	if err != nil {
		return err
	}
	if run == nil || run.Event != lifecycle.BuildAMI && run.Event != lifecycle.PatchAMI {
		return fmt.Errorf("%w: lifecycle %s has no build and no patch in progress", ErrNoSuchEvent, id)
	}
	run.ImageStatus, run.ImageReason = status, reason
	switch isFinal := slices.Contains(finalImageStatuses, status); {
	case isFinal:
		run.Fate, run.FateAt = store.ImageFails, at
		err = silence(tx, one, run.ARN)
	case run.Fate == store.ImageFails:
		run.Fate, run.FateAt = "", time.Time{}
		err = e.resume(tx, one, run, at)
	}
	if err != nil {
		return err
	}
	return tx.PutRun(run)
}

// silence removes the pending end of an execution and its outcome, so that it no longer ends by itself.
func silence(tx *store.Tx, one *store.Lifecycle, arn string) error {
	err := tx.Pending(func(due *store.Pending) error {
		if due.Kind != store.ExecutionEnds || due.ARN != arn {
			return nil
		}
		return tx.Dequeue(due)
	})
	if err != nil {
		return err
	}
	return setOutcome(tx, one, arn, "")
}

// resume makes a silenced execution end at its planned time, or at the time at if that has passed.
func (e *Engine) resume(tx *store.Tx, one *store.Lifecycle, run *store.Run, at time.Time) error {
	if e.Manual {
		return nil
	}
	if run.Ends.Before(at) {
		run.Ends = at
	}
	err := tx.Enqueue(store.Pending{At: run.Ends, Kind: store.ExecutionEnds, LifecycleID: one.ID, ARN: run.ARN})
	if err != nil {
		return err
	}
	return setOutcome(tx, one, run.ARN, e.Outcome(run.Event))
}

func setOutcome(tx *store.Tx, one *store.Lifecycle, arn string, outcome lifecycle.Status) error {
	for i := range one.Executions {
		if one.Executions[i].ARN == arn {
			one.Executions[i].Outcome = outcome
		}
	}
	return tx.PutLifecycle(one)
}
