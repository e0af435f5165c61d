// Package watch tells how the events of a lifecycle stand, and waits until those asked for have ended.
//
// [Judge] is the heart: a pure function of two status documents. [Until] is the loop around it, which
// has a clock and a schedule of polls and nothing else.
package watch

import (
	"fmt"
	"slices"

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
	Errored   State = "ERROR"     // ended without a result, or in a status that nobody knows
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

// Verdict is how all the events asked for stand, in the order they were asked for.
type Verdict []Judgement

// Succeeded reports whether every event has completed.
func (v Verdict) Succeeded() bool {
	return !slices.ContainsFunc(v, func(j Judgement) bool { return j.State != Completed })
}

// Cause returns the judgement that explains why the wait cannot succeed any more: the first event that
// failed or errored, else the first that is blocked; nil while all may still be well.
func (v Verdict) Cause() *Judgement {
	for _, states := range [][]State{{Failed, Errored}, {Blocked}} {
		if i := slices.IndexFunc(v, func(j Judgement) bool { return slices.Contains(states, j.State) }); i >= 0 {
			return &v[i]
		}
	}
	return nil
}

// Of returns the judgement of the event, or nil if it was not asked for.
func (v Verdict) Of(event lifecycle.Event) *Judgement {
	if i := slices.IndexFunc(v, func(j Judgement) bool { return j.Event == event }); i >= 0 {
		return &v[i]
	}
	return nil
}

// Judge says how each event of wanted stands in now. It reads nothing but its arguments.
//
// before is the document as it was just before the events were asked for: the server leaves an old
// result, or an old error, in place until something replaces it, so what was there already says nothing
// of what was asked for (orchestrator-api.md, "What a client must not be fooled by"). For a lifecycle
// that has just been created before is an empty document: there was nothing. nil means that nobody
// looked: then what stands there counts, unless the same event is running again.
func Judge(before, now *lifecycle.Document, wanted []lifecycle.Event) Verdict {
	look := sight{before: before, now: now}
	verdict := make(Verdict, 0, len(wanted))
	for _, event := range wanted {
		verdict = append(verdict, look.judge(event))
	}
	return verdict
}

// sight is what can be seen: the document now, against the one before.
type sight struct{ before, now *lifecycle.Document }

func (s sight) judge(event lifecycle.Event) Judgement {
	if result := s.freshResult(event); result != nil {
		return judgeResult(event, result)
	}
	running := s.now.Running
	if running != nil && running.Name == event && !s.isStaleError(running) {
		return judgeExecution(event, running)
	}
	for _, earlier := range event.Before() {
		if reason := s.obstacle(earlier); reason != "" {
			return Judgement{Event: event, State: Blocked, Reason: reason}
		}
	}
	return Judgement{Event: event, State: Waiting}
}

// freshResult returns the newest result of the event that answers what was asked for.
func (s sight) freshResult(event lifecycle.Event) *lifecycle.Result {
	running := s.now.Running
	if running != nil && running.Name == lifecycle.PatchAMI && event.Phase() == lifecycle.Patching {
		// A new patch takes the place of the current one only when it ends: until then the current
		// results are those of the patch before ("Order and versions").
		return nil
	}
	results := s.now.Results(event.Phase())
	for i := len(results) - 1; i >= 0; i-- {
		result := &results[i]
		if result.Name != event || s.wasThere(result) {
			continue
		}
		if s.before == nil && result.Status != lifecycle.Completed && running.IsRunning() && running.Name == event {
			// It failed, and somebody has asked for it again since.
			continue
		}
		return result
	}
	return nil
}

func (s sight) wasThere(result *lifecycle.Result) bool {
	old := s.before.Results(result.Name.Phase())
	return slices.ContainsFunc(old, func(o lifecycle.Result) bool { return o.SameAs(result) })
}

// isStaleError reports whether the execution had ended in its error before anything was asked for: it
// stays in the document until something else is started ("How an event goes", 2).
func (s sight) isStaleError(execution *lifecycle.EventInProgress) bool {
	if execution.IsRunning() || s.before == nil || s.before.Running == nil {
		return false
	}
	old := s.before.Running
	return !old.IsRunning() && old.ExecutionARN == execution.ExecutionARN && old.StatusDate == execution.StatusDate
}

// obstacle says why events after earlier cannot start, or "" if they still may.
func (s sight) obstacle(earlier lifecycle.Event) string {
	running := s.now.Running
	if running != nil && running.Name == earlier {
		if running.IsRunning() && !s.isLostForGood(earlier) {
			return ""
		}
		if !running.IsRunning() && !s.isStaleError(running) {
			judgement := judgeExecution(earlier, running)
			return fmt.Sprintf("%s before it ended in %s: %s", earlier, judgement.State, judgement.Reason)
		}
	}
	if running != nil && running.Name == lifecycle.PatchAMI && earlier.Phase() == lifecycle.Patching {
		return ""
	}
	result := s.now.ResultOf(earlier)
	switch {
	case s.isLostForGood(earlier):
		return fmt.Sprintf("%s before it FAILED, and a patch's test cannot be repeated: a new patch is needed", earlier)
	case result == nil || result.Status == lifecycle.Completed || s.now.HasCompleted(earlier):
		return ""
	case s.before != nil && s.wasThere(result):
		// It stood there when we asked, and the server did not refuse: the retry may be under way.
		return ""
	}
	return fmt.Sprintf("%s before it ended with %s", earlier, quoteStatus(result.Status))
}

// isLostForGood reports whether the event is a patch's test whose result is FAILED: the server never
// replaces it, and refuses what comes after ("What a client must not be fooled by").
func (s sight) isLostForGood(event lifecycle.Event) bool {
	return event.Phase() == lifecycle.Patching && event != lifecycle.PatchAMI &&
		slices.ContainsFunc(s.now.Results(lifecycle.Patching), func(r lifecycle.Result) bool {
			return r.Name == event && r.Status == lifecycle.Failed
		})
}

func judgeResult(event lifecycle.Event, result *lifecycle.Result) Judgement {
	judgement := Judgement{Event: event, Result: result}
	switch result.Status {
	case lifecycle.Completed:
		judgement.State = Completed
	case lifecycle.Failed:
		judgement.State, judgement.Reason = Failed, "its result is FAILED"
	case lifecycle.InProgress:
		judgement.State, judgement.Result = Running, nil
	default:
		judgement.State, judgement.Reason = Errored, "its result has the status "+quoteStatus(result.Status)
	}
	return judgement
}

func judgeExecution(event lifecycle.Event, execution *lifecycle.EventInProgress) Judgement {
	judgement := Judgement{Event: event, State: Errored, Reason: execution.ErrorMessage}
	switch execution.Status {
	case "", lifecycle.InProgress, lifecycle.Completed:
		// COMPLETED here has no result yet: the result is what counts.
		return Judgement{Event: event, State: Running}
	case lifecycle.Failed:
		judgement.State = Failed
	case lifecycle.Error:
	case lifecycle.ErrorEventTimeout:
		if judgement.Reason == "" {
			judgement.Reason = "it was in progress for over 240 minutes"
		}
	default:
		judgement.Reason = "it is in the status " + quoteStatus(execution.Status)
	}
	if judgement.Reason == "" {
		judgement.Reason = "the orchestrator gave no reason"
	}
	return judgement
}

func quoteStatus(status lifecycle.Status) string {
	switch status {
	case lifecycle.Completed, lifecycle.Failed, lifecycle.InProgress, lifecycle.Error, lifecycle.ErrorEventTimeout:
		return string(status)
	}
	return fmt.Sprintf("%q, which is none that this version knows", status)
}
