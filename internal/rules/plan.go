package rules

import (
	"fmt"
	"slices"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
)

// Plan is what is left to do for the events asked for, given the current state of the lifecycle. The server does not
// check whether an event is in progress, and checks too late whether one has completed: a request sent twice
// makes a lifecycle unpatchable forever (docs/wire-contract.md, "Order and versions"). So the client looks first.
type Plan struct {
	// Done are events that an earlier attempt of this job has completed.
	Done []lifecycle.Event
	// Attach are events that are in progress, or that the server will start by itself after those.
	Attach []lifecycle.Event
	// Start are the events to ask for when those of Attach have completed.
	Start []lifecycle.Event
	// Unsettled is set if the first event to start may be about to start by itself: between two events
	// there is a moment without event_in_progress (docs/wire-contract.md, "How an event goes", 3). The caller looks again.
	Unsettled bool
}

// NotAllowed returns the error for a request that was not sent because the state of the lifecycle does not allow it: the
// orchestrator would have refused it, or it would have done harm.
func NotAllowed(lifecycleID, reason, hint string) error {
	return &outcome.Error{Kind: outcome.Refused, LifecycleID: lifecycleID, Reason: reason, Hint: hint}
}

// PlanFor returns what is left to do for the wanted events, which are all of one phase and in its order.
// ours is true if an earlier attempt of this job has recorded itself in the lifecycle. An event that has completed is then
// done; otherwise it is an error.
//
// The error is an [outcome.Error] of the kind Refused.
func PlanFor(document *lifecycle.Document, wanted []lifecycle.Event, ours bool) (Plan, error) {
	refuse := func(reason, hint string) (Plan, error) {
		return Plan{}, NotAllowed(document.ID, reason, hint)
	}
	var p Plan
	remaining := slices.Clone(wanted)
	completed := slices.DeleteFunc(slices.Clone(wanted), func(e lifecycle.Event) bool { return !document.HasCompleted(e) })
	switch {
	case len(completed) > 0 && !ours:
		return refuse(fmt.Sprintf("%s has already completed, and completed events are immutable", lifecycle.Names(completed)),
			"request only events that have not completed yet")
	case len(completed) > 0:
		p.Done = completed
		remaining = slices.DeleteFunc(remaining, document.HasCompleted)
	}
	if len(remaining) == 0 {
		return p, nil
	}
	if running := document.Running; running.IsRunning() {
		return p.whileRunning(document, running.Name, remaining)
	}
	if reason, hint := obstacle(document, remaining); reason != "" {
		return refuse(reason, hint)
	}
	p.Start = remaining
	first := remaining[0]
	p.Unsettled = document.ResultOf(first) == nil && document.Running == nil &&
		slices.Contains(document.Enabled(first.Phase()), first)
	return p, nil
}

// whileRunning plans for remaining while another execution is in progress: a second one is never started.
func (p Plan) whileRunning(document *lifecycle.Document, running lifecycle.Event, remaining []lifecycle.Event) (Plan, error) {
	enabled := document.Enabled(running.Phase())
	first := remaining[0]
	comesByItself := slices.Contains(first.Before(), running) &&
		!slices.ContainsFunc(remaining, func(e lifecycle.Event) bool { return !slices.Contains(enabled, e) })
	if running != first && !comesByItself {
		return Plan{}, NotAllowed(document.ID, fmt.Sprintf("%s is in progress, and a second execution must not run at the same time", running), "wait for it with AMI_WAIT, then run this again")
	}
	p.Attach = []lifecycle.Event{first}
	for _, event := range remaining[1:] {
		if slices.Contains(enabled, event) && len(p.Start) == 0 {
			p.Attach = append(p.Attach, event)
		} else {
			p.Start = append(p.Start, event)
		}
	}
	return p, nil
}

// obstacle returns why the rules forbid the events, and what to do, or "" if they do not. A refused
// request does harm: its events are stored, and start by themselves later
// (docs/wire-contract.md, "Refused, and done all the same").
func obstacle(document *lifecycle.Document, events []lifecycle.Event) (reason, hint string) {
	for _, event := range append(events[0].Before(), events...) {
		if document.HasFailedPermanently(event) {
			return fmt.Sprintf("%s ended FAILED in the current patch", event), hintNewPatch
		}
	}
	for _, earlier := range events[0].Before() {
		if document.HasCompleted(earlier) {
			continue
		}
		reason = fmt.Sprintf("%s cannot start before %s has completed, but that event %s",
			events[0], earlier, stateOf(document, earlier))
		switch earlier {
		case lifecycle.BuildAMI:
			return reason, hintNewLifecycle
		case lifecycle.PatchAMI:
			return reason, "patch it first with AMI_PATCH"
		case lifecycle.QACertificationResponse:
			return reason, "certify it first with AMI_QA_CERTIFICATION"
		}
		return reason, fmt.Sprintf("complete %s first with %s", earlier, OperationFor(earlier))
	}
	return "", ""
}

// stateOf describes the state of an event that has not completed.
func stateOf(document *lifecycle.Document, event lifecycle.Event) string {
	if running := document.Running; running != nil && running.Name == event {
		return fmt.Sprintf("ended in %s", running.Status)
	}
	if result := document.ResultOf(event); result != nil {
		return fmt.Sprintf("ended %s", result.Status)
	}
	return "has not run"
}

// CheckPatchable returns an error if the lifecycle cannot be patched. A patch needs exactly six creation
// results, all COMPLETED (docs/wire-contract.md, "Order and versions").
func CheckPatchable(document *lifecycle.Document) error {
	if running := document.Running; running.IsRunning() && !document.HasFailedPermanently(running.Name) {
		return NotAllowed(document.ID,
			fmt.Sprintf("%s is in progress, and a patch must not run at the same time", running.Name),
			"wait for it with AMI_WAIT, then run this again")
	}
	for _, event := range lifecycle.Creation.Order() {
		if !document.HasCompleted(event) {
			return NotAllowed(document.ID,
				fmt.Sprintf("only a certified and approved AMI can be patched, but %s %s", event, stateOf(document, event)),
				"complete its creation first")
		}
	}
	if results, want := len(document.Results(lifecycle.Creation)), len(lifecycle.Creation.Order()); results != want {
		return NotAllowed(document.ID,
			fmt.Sprintf("it has %d creation results, but the orchestrator requires exactly %d for a patch", results, want),
			"an event of it was completed twice, which cannot be undone: create a new lifecycle with AMI_CREATE")
	}
	return nil
}
