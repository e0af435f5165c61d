package action

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// plan is what is left to do for the events asked for, of a lifecycle as it stands. The server checks
// neither whether something is in progress nor, in time, whether something is done: a request sent twice
// makes a lifecycle unpatchable for ever (orchestrator-api.md, "Order and versions"). So we look first.
type plan struct {
	// done are events that an earlier attempt of this very job has completed.
	done []lifecycle.Event
	// attach are events that are in progress, or that the server will start by itself after that.
	attach []lifecycle.Event
	// start are the events to ask for, once those of attach have completed.
	start []lifecycle.Event
	// unsettled is set when the first event to start may be about to start by itself: between two events
	// there is a moment without event_in_progress ("How an event goes", 3). Look again.
	unsettled bool
}

// NotAllowedError says that a request was not sent, because the lifecycle does not allow it as it
// stands: the orchestrator could only have refused it, or it would have done harm.
type NotAllowedError struct {
	LifecycleID string
	Reason      string
	Hint        string
}

func (e *NotAllowedError) Error() string {
	text := fmt.Sprintf("lifecycle %s: %s", e.LifecycleID, e.Reason)
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

// planFor says what is left to do for the wanted events, all of one phase and in its order.
// ours says that an earlier attempt of this very job has recorded itself in the lifecycle: what it
// completed is done, and no fault.
//
// The error is a [NotAllowedError].
func planFor(document *lifecycle.Document, wanted []lifecycle.Event, ours bool) (plan, error) {
	refuse := func(reason, hint string) (plan, error) {
		return plan{}, &NotAllowedError{LifecycleID: document.ID, Reason: reason, Hint: hint}
	}
	var p plan
	remaining := slices.Clone(wanted)
	completed := slices.DeleteFunc(slices.Clone(wanted), func(e lifecycle.Event) bool { return !document.HasCompleted(e) })
	switch {
	case len(completed) > 0 && !ours:
		return refuse(fmt.Sprintf("%s has been completed already, and completed events are immutable", names(completed)),
			"ask only for events that have not completed")
	case len(completed) > 0:
		p.done = completed
		remaining = slices.DeleteFunc(remaining, document.HasCompleted)
	}
	if len(remaining) == 0 {
		return p, nil
	}
	if running := document.Running; running.IsRunning() {
		return p.beside(document, running.Name, remaining)
	}
	if reason, hint := obstacle(document, remaining); reason != "" {
		return refuse(reason, hint)
	}
	p.start = remaining
	first := remaining[0]
	p.unsettled = document.ResultOf(first) == nil && document.Running == nil &&
		slices.Contains(document.Enabled(first.Phase()), first)
	return p, nil
}

// beside plans for remaining while another execution is in progress: a second one is never started.
func (p plan) beside(document *lifecycle.Document, running lifecycle.Event, remaining []lifecycle.Event) (plan, error) {
	enabled := document.Enabled(running.Phase())
	first := remaining[0]
	comesByItself := slices.Contains(first.Before(), running) &&
		!slices.ContainsFunc(remaining, func(e lifecycle.Event) bool { return !slices.Contains(enabled, e) })
	if running != first && !comesByItself {
		return plan{}, &NotAllowedError{
			LifecycleID: document.ID,
			Reason:      fmt.Sprintf("%s is in progress, and a second execution must not run beside it", running),
			Hint:        "wait for it with AMI_WAIT, then ask again",
		}
	}
	p.attach = []lifecycle.Event{first}
	for _, event := range remaining[1:] {
		if slices.Contains(enabled, event) && len(p.start) == 0 {
			p.attach = append(p.attach, event)
		} else {
			p.start = append(p.start, event)
		}
	}
	return p, nil
}

// obstacle says why the rules can only refuse the first of the events, or "" if they do not. A refused
// request is no harmless one: its events are stored, and start by themselves later ("Refused, and done
// all the same").
func obstacle(document *lifecycle.Document, events []lifecycle.Event) (reason, hint string) {
	const newPatch = "a patch's failed test cannot be repeated: start a new patch with AMI_PATCH"
	for _, event := range append(events[0].Before(), events...) {
		result := document.ResultOf(event)
		if event.Phase() == lifecycle.Patching && event != lifecycle.PatchAMI &&
			result != nil && result.Status == lifecycle.Failed && event != lifecycle.MarkForProductionPatch {
			return fmt.Sprintf("%s ended FAILED in the current patch", event), newPatch
		}
	}
	for _, earlier := range events[0].Before() {
		if document.HasCompleted(earlier) {
			continue
		}
		reason = fmt.Sprintf("%s cannot start before %s has completed, and that %s",
			events[0], earlier, standing(document, earlier))
		switch earlier {
		case lifecycle.BuildAMI:
			return reason, "a build cannot be repeated: create a new lifecycle with AMI_CREATE"
		case lifecycle.PatchAMI:
			return reason, "patch it first with AMI_PATCH"
		case lifecycle.QACertificationResponse:
			return reason, "certify it first with AMI_QA_CERTIFICATION"
		}
		return reason, fmt.Sprintf("complete %s first with %s", earlier, updateOf(earlier.Phase()))
	}
	return "", ""
}

func updateOf(phase lifecycle.Phase) lifecycle.Operation {
	if phase == lifecycle.Patching {
		return lifecycle.PatchUpdate
	}
	return lifecycle.CreateUpdate
}

// standing says how an event that has not completed stands.
func standing(document *lifecycle.Document, event lifecycle.Event) string {
	if running := document.Running; running != nil && running.Name == event {
		return fmt.Sprintf("ended in %s", running.Status)
	}
	if result := document.ResultOf(event); result != nil {
		return fmt.Sprintf("ended %s", result.Status)
	}
	return "has not run"
}

// checkPatchable says why the lifecycle cannot be patched, or nil: a patch needs exactly six creation
// results, all COMPLETED ("Order and versions").
func checkPatchable(document *lifecycle.Document) error {
	results := document.Results(lifecycle.Creation)
	if running := document.Running; running.IsRunning() {
		return &NotAllowedError{
			LifecycleID: document.ID,
			Reason:      fmt.Sprintf("%s is in progress, and a patch must not run beside it", running.Name),
			Hint:        "wait for it with AMI_WAIT, then ask again",
		}
	}
	for _, event := range lifecycle.Creation.Order() {
		if !document.HasCompleted(event) {
			return &NotAllowedError{
				LifecycleID: document.ID,
				Reason:      fmt.Sprintf("only a certified and approved AMI can be patched, and %s %s", event, standing(document, event)),
				Hint:        "complete its creation first",
			}
		}
	}
	if len(results) != len(lifecycle.Creation.Order()) {
		return &NotAllowedError{
			LifecycleID: document.ID,
			Reason: fmt.Sprintf("it has %d creation results where the orchestrator patches only with exactly %d",
				len(results), len(lifecycle.Creation.Order())),
			Hint: "an event of it was completed twice, which cannot be undone: create a new lifecycle with AMI_CREATE",
		}
	}
	return nil
}

func names(events []lifecycle.Event) string {
	texts := make([]string, len(events))
	for i, event := range events {
		texts[i] = string(event)
	}
	return strings.Join(texts, ", ")
}
