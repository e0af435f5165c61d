// Package watch determines the state of a lifecycle's events and waits until the requested events have ended.
//
// [Judge] makes every decision. It is a pure function of two status documents and of what is known from behind them.
// [Polls] is the loop around it, which adds only a clock and a schedule.
package watch

import (
	"fmt"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// State is the state of a requested event.
type State string

// The states of an event. Completed, Failed, Errored and Blocked are final.
const (
	Waiting   State = "WAITING"   // not started yet
	Running   State = "RUNNING"   // in progress
	Completed State = "COMPLETED" // ended successfully
	Failed    State = "FAILED"    // ended with the result FAILED
	Errored   State = "ERROR"     // ended without a usable result, or in an unknown status
	Blocked   State = "BLOCKED"   // cannot start: an event before it failed or ended in an error
)

// IsFinal reports whether the state is final: the event does not change any more.
func (s State) IsFinal() bool { return s != Waiting && s != Running }

// Judgement is the state of one event.
type Judgement struct {
	Event lifecycle.Event
	State State
	// Reason says why an event failed, errored or is blocked. It may contain text of the server and must be redacted
	// before it is shown.
	Reason string
	// Result is the result that ended the event, or nil if no result did.
	Result *lifecycle.Result
}

// Finding reports that an execution cannot succeed although the document still shows it as in progress. It comes from
// the services behind the document (docs/behind-the-document.md). The zero Finding reports nothing.
type Finding struct {
	// ExecutionARN is the execution that cannot succeed.
	ExecutionARN string
	// Reason says why. It may contain text from outside and must be redacted before it is shown.
	Reason string
}

// Judgements holds the states of all requested events, in the order of the request.
type Judgements []Judgement

// Succeeded reports whether every event has completed.
func (v Judgements) Succeeded() bool {
	return !slices.ContainsFunc(v, func(j Judgement) bool { return j.State != Completed })
}

// Cause returns the judgement that explains why the wait cannot succeed any more: the first event that
// failed or errored, else the first that is blocked. It returns nil while all events can still complete.
func (v Judgements) Cause() *Judgement {
	for _, states := range [][]State{{Failed, Errored}, {Blocked}} {
		if i := slices.IndexFunc(v, func(j Judgement) bool { return slices.Contains(states, j.State) }); i >= 0 {
			return &v[i]
		}
	}
	return nil
}

// Of returns the judgement of the event, or nil if the event was not requested.
func (v Judgements) Of(event lifecycle.Event) *Judgement {
	if i := slices.IndexFunc(v, func(j Judgement) bool { return j.Event == event }); i >= 0 {
		return &v[i]
	}
	return nil
}

// Judge returns the state of each event of wanted in the document now. It depends on its arguments only.
//
// before is the document just before the events were requested. The server keeps an old result or an old error until
// something replaces it, so a result or error that was already in before is not that of the request
// (docs/wire-contract.md, "What a client must not be fooled by"). For a lifecycle that has just been created, before is
// an empty document. If before is nil, the earlier state is unknown: the results in now count, unless the same event is
// running again.
//
// found reports an execution that cannot succeed. It is the zero Finding if none is known.
func Judge(before, now *lifecycle.Document, wanted []lifecycle.Event, found Finding) Judgements {
	c := comparison{before: before, now: now, found: found}
	judged := make(Judgements, 0, len(wanted))
	for _, event := range wanted {
		judged = append(judged, c.judge(event))
	}
	return judged
}

// comparison compares the current document with the one before, and holds the finding about its execution.
type comparison struct {
	before, now *lifecycle.Document
	found       Finding
}

func (c comparison) judge(event lifecycle.Event) Judgement {
	if result := c.freshResult(event); result != nil {
		return judgeResult(event, result)
	}
	running := c.now.Running
	if running != nil && running.Name == event && !c.isStaleError(running) {
		return c.judgeExecution(event, running)
	}
	for _, earlier := range event.Before() {
		if reason := c.obstacle(earlier); reason != "" {
			return Judgement{Event: event, State: Blocked, Reason: reason}
		}
	}
	return Judgement{Event: event, State: Waiting}
}

// freshResult returns the newest result of the event that belongs to the request, or nil if there is none yet.
func (c comparison) freshResult(event lifecycle.Event) *lifecycle.Result {
	if c.now.IsPatching() && event.Phase() == lifecycle.Patching {
		// A new patch replaces the current one only when it ends. Until then, the current results are those of the
		// previous patch (docs/wire-contract.md, "Order and versions").
		return nil
	}
	running := c.now.Running
	results := c.now.ResultsInPhaseOf(event)
	for i := range slices.Backward(results) {
		result := &results[i]
		if result.Name != event || c.wasThere(result) {
			continue
		}
		if c.before == nil && running != nil && running.Name == event && running.Status != lifecycle.Completed && !c.now.HasFailedPermanently(event) {
			// The server removes an execution when its result arrives, so this execution is newer than the result: the
			// event was requested again. A failed test of a patch is excluded, because the server repeats it on its own
			// and never replaces its result.
			return nil
		}
		return result
	}
	return nil
}

func (c comparison) wasThere(result *lifecycle.Result) bool {
	old := c.before.ResultsInPhaseOf(result.Name)
	return slices.ContainsFunc(old, func(o lifecycle.Result) bool { return o.SameAs(result) })
}

// isStaleError reports whether the execution had already ended in its error before the request. Such an error
// stays in the document until another event starts (docs/wire-contract.md, "How an event goes", 2).
func (c comparison) isStaleError(execution *lifecycle.EventInProgress) bool {
	if execution.IsRunning() || c.before == nil || c.before.Running == nil {
		return false
	}
	old := c.before.Running
	return !old.IsRunning() && old.ExecutionARN == execution.ExecutionARN && old.StatusDate == execution.StatusDate
}

// obstacle returns why the events after earlier cannot start, or "" if they still can.
func (c comparison) obstacle(earlier lifecycle.Event) string {
	running := c.now.Running
	if c.now.HasFailedPermanently(earlier) && !c.now.IsPatching() {
		return fmt.Sprintf("the earlier event %s FAILED, and a patch's test cannot be repeated", earlier)
	}
	if running != nil && running.Name == earlier && !c.isStaleError(running) {
		if judgement := c.judgeExecution(earlier, running); judgement.State != Running {
			return fmt.Sprintf("the earlier event %s ended in %s: %s", earlier, judgement.State, judgement.Reason)
		}
		return ""
	}
	if c.now.IsPatching() && earlier.Phase() == lifecycle.Patching {
		return ""
	}
	result := c.now.ResultOf(earlier)
	switch {
	case result == nil || result.Status == lifecycle.Completed || c.now.HasCompleted(earlier):
		return ""
	case c.before != nil && c.wasThere(result):
		// The failure is older than the request, and the server accepted the request: a retry may be in progress.
		return ""
	}
	return fmt.Sprintf("the earlier event %s ended with %s", earlier, describe(result.Status))
}

func judgeResult(event lifecycle.Event, result *lifecycle.Result) Judgement {
	judgement := Judgement{Event: event, Result: result}
	switch result.Status {
	case lifecycle.Completed:
		judgement.State = Completed
		if contradiction := result.Contradiction(); contradiction != "" {
			judgement.State, judgement.Reason = Errored, contradiction
		}
	case lifecycle.Failed:
		judgement.State, judgement.Reason = Failed, "its result is FAILED"
	case lifecycle.InProgress:
		judgement.State, judgement.Result = Running, nil
	default:
		judgement.State, judgement.Reason = Errored, "its result has "+describe(result.Status)
	}
	return judgement
}

func (c comparison) judgeExecution(event lifecycle.Event, execution *lifecycle.EventInProgress) Judgement {
	judgement := Judgement{Event: event, State: Errored, Reason: execution.ErrorMessage}
	switch execution.Status {
	case "", lifecycle.InProgress, lifecycle.Completed:
		// COMPLETED here is not the end: only the result is, and it is not there yet.
		if c.found.Reason != "" && c.found.ExecutionARN == execution.ExecutionARN {
			return Judgement{Event: event, State: Errored, Reason: c.found.Reason}
		}
		return Judgement{Event: event, State: Running}
	case lifecycle.Failed:
		judgement.State = Failed
	case lifecycle.Error:
	case lifecycle.ErrorEventTimeout:
		if judgement.Reason == "" {
			judgement.Reason = fmt.Sprintf("it was in progress for over %d minutes", lifecycle.MaxEvent/time.Minute)
		}
	default:
		judgement.Reason = "it has " + describe(execution.Status)
	}
	if judgement.Reason == "" {
		judgement.Reason = "the orchestrator gave no reason"
	}
	return judgement
}

// describe returns a phrase that names the status, and says if the status is unknown.
func describe(status lifecycle.Status) string {
	switch status {
	case lifecycle.Completed, lifecycle.Failed, lifecycle.InProgress, lifecycle.Error, lifecycle.ErrorEventTimeout:
		return "the status " + string(status)
	}
	return fmt.Sprintf("the unknown status %q", status)
}
