// Package watch tells how the events of a lifecycle stand, and waits until those asked for have ended.
//
// [Judge] is the heart: a pure function of two status documents. [Until] is the loop around it, which
// has a clock and a schedule of polls and nothing else.
package watch

import (
	"fmt"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// State is how an event stands, seen by the one who asked for it.
type State string

// The states of an event. Completed, Failed, Errored and Blocked are final.
const (
	Waiting   State = "WAITING"   // not started yet
	Running   State = "RUNNING"   // in progress
	Completed State = "COMPLETED" // ended well
	Failed    State = "FAILED"    // ended with the result FAILED
	Errored   State = "ERROR"     // ended without a usable result, or in an unknown status
	Blocked   State = "BLOCKED"   // cannot start: an event before it failed or ended in an error
)

// IsFinal reports whether an event in this state stays in it.
func (s State) IsFinal() bool { return s != Waiting && s != Running }

// Judgement is how one event stands.
type Judgement struct {
	Event lifecycle.Event
	State State
	// Reason says why an event failed, errored or is blocked. It may hold the server's own text:
	// it needs redaction.
	Reason string
	// Result is the result that ended the event, nil where none did.
	Result *lifecycle.Result
}

// Finding is what a look behind the document has found: an execution that will not end well, although the
// document goes on saying that it is in progress (docs/behind-the-document.md). The zero Finding says nothing.
type Finding struct {
	// ExecutionARN names the execution that the finding is about.
	ExecutionARN string
	// Reason says why it cannot end well. It may hold text from outside: it needs redaction.
	Reason string
}

// Judgements is how all the events asked for stand, in the order they were asked for.
type Judgements []Judgement

// Succeeded reports whether every event has completed.
func (v Judgements) Succeeded() bool {
	return !slices.ContainsFunc(v, func(j Judgement) bool { return j.State != Completed })
}

// Cause returns the judgement that explains why the wait cannot succeed any more: the first event that
// failed or errored, else the first that is blocked; nil while all may still be well.
func (v Judgements) Cause() *Judgement {
	for _, states := range [][]State{{Failed, Errored}, {Blocked}} {
		if i := slices.IndexFunc(v, func(j Judgement) bool { return slices.Contains(states, j.State) }); i >= 0 {
			return &v[i]
		}
	}
	return nil
}

// Of returns the judgement of the event, or nil if it was not asked for.
func (v Judgements) Of(event lifecycle.Event) *Judgement {
	if i := slices.IndexFunc(v, func(j Judgement) bool { return j.Event == event }); i >= 0 {
		return &v[i]
	}
	return nil
}

// Judge says how each event of wanted stands in now. It reads nothing but its arguments.
//
// before is the document as it was just before the events were asked for: the server leaves an old
// result, or an old error, in place until something replaces it, so what was there already says nothing
// of what was asked for (docs/wire-contract.md, "What a client must not be fooled by"). For a lifecycle
// that has just been created before is an empty document: there was nothing. nil means that nobody
// looked: then what stands there counts, unless the same event is running again.
//
// found is what a look behind the document has found, the zero Finding where nobody looked.
func Judge(before, now *lifecycle.Document, wanted []lifecycle.Event, found Finding) Judgements {
	c := comparison{before: before, now: now, found: found}
	judged := make(Judgements, 0, len(wanted))
	for _, event := range wanted {
		judged = append(judged, c.judge(event))
	}
	return judged
}

// comparison is the document now, against the one before and what is known from behind it.
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

// freshResult returns the newest result of the event that answers what was asked for.
func (c comparison) freshResult(event lifecycle.Event) *lifecycle.Result {
	if c.now.IsPatching() && event.Phase() == lifecycle.Patching {
		// A new patch takes the place of the current one only when it ends: until then the current
		// results are those of the patch before (docs/wire-contract.md, "Order and versions").
		return nil
	}
	running := c.now.Running
	results := c.now.ResultsBeside(event)
	for i := range slices.Backward(results) {
		result := &results[i]
		if result.Name != event || c.wasThere(result) {
			continue
		}
		if c.before == nil && running != nil && running.Name == event && running.Status != lifecycle.Completed && !c.now.HasFailedForGood(event) {
			// A result makes the execution go away, so this one is of later: somebody has asked for it again since. The
			// server repeats the failed test of a patch by itself, and never replaces its result.
			return nil
		}
		return result
	}
	return nil
}

func (c comparison) wasThere(result *lifecycle.Result) bool {
	old := c.before.ResultsBeside(result.Name)
	return slices.ContainsFunc(old, func(o lifecycle.Result) bool { return o.SameAs(result) })
}

// isStaleError reports whether the execution had ended in its error before anything was asked for: it
// stays in the document until something else is started (docs/wire-contract.md, "How an event goes", 2).
func (c comparison) isStaleError(execution *lifecycle.EventInProgress) bool {
	if execution.IsRunning() || c.before == nil || c.before.Running == nil {
		return false
	}
	old := c.before.Running
	return !old.IsRunning() && old.ExecutionARN == execution.ExecutionARN && old.StatusDate == execution.StatusDate
}

// obstacle says why events after earlier cannot start, or "" if they still may.
func (c comparison) obstacle(earlier lifecycle.Event) string {
	running := c.now.Running
	if c.now.HasFailedForGood(earlier) && !c.now.IsPatching() {
		return fmt.Sprintf("%s before it FAILED, and a patch's test cannot be repeated", earlier)
	}
	if running != nil && running.Name == earlier && !c.isStaleError(running) {
		if judgement := c.judgeExecution(earlier, running); judgement.State != Running {
			return fmt.Sprintf("%s before it ended in %s: %s", earlier, judgement.State, judgement.Reason)
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
		// It stood there when we asked, and the server did not refuse: the retry may be under way.
		return ""
	}
	return fmt.Sprintf("%s before it ended with %s", earlier, describe(result.Status))
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
		// COMPLETED here has no result yet: the result is what counts.
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

// describe names a status in a sentence, and says so where this version does not know it.
func describe(status lifecycle.Status) string {
	switch status {
	case lifecycle.Completed, lifecycle.Failed, lifecycle.InProgress, lifecycle.Error, lifecycle.ErrorEventTimeout:
		return "the status " + string(status)
	}
	return fmt.Sprintf("the unknown status %q", status)
}
