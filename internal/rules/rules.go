// Package rules says what the orchestrator's rules allow on a lifecycle in the state of its status document: which
// operations and events, what is left of those that were asked for, and what to do about an event that did not complete
// (docs/wire-contract.md, "Order and versions"). Its functions read only their arguments.
package rules

import (
	"slices"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
)

// Refusal returns the reason why the rules do not allow the operation on a lifecycle in the state of the document, or
// nil if they allow it. events are the wire's events that an update would ask for; the other operations ignore them.
// Refusal reads only its arguments. The operation itself checks again before it sends anything.
func Refusal(document *lifecycle.Document, operation lifecycle.Operation, events []lifecycle.Event) *outcome.Error {
	var err error
	switch operation {
	case lifecycle.Patch:
		err = CheckPatchable(document)
	case lifecycle.CreateUpdate, lifecycle.PatchUpdate:
		err = refusalOf(document, events)
	case lifecycle.QACertification:
		err = refusalOf(document, []lifecycle.Event{lifecycle.QACertificationResponse})
	case lifecycle.ApprovalCreate:
		err = refusalOf(document, []lifecycle.Event{lifecycle.MarkForProductionCreate})
	case lifecycle.ApprovalPatch:
		err = refusalOf(document, []lifecycle.Event{lifecycle.MarkForProductionPatch})
	case lifecycle.TimelinePatch:
		if document.InputsPatch == nil {
			err = NotAllowed(document.ID, "it has never been patched", "")
		}
	}
	return outcome.Of(err)
}

func refusalOf(document *lifecycle.Document, events []lifecycle.Event) error {
	_, err := PlanFor(document, events, false)
	return err
}

// Choice is a value of --events, and the reason if the lifecycle does not allow it.
type Choice struct {
	Word    string
	Event   lifecycle.Event
	Refusal *outcome.Error // nil if the choice is allowed
}

// Choices returns the events that an update of the lifecycle can ask for, in the order of the lifecycle. Each one is
// judged as if all open events before it were asked for in the same request.
func Choices(document *lifecycle.Document, operation lifecycle.Operation) []Choice {
	var choices []Choice
	var open []lifecycle.Event
	for _, word := range operation.Choices() {
		named := lifecycle.EventsNamed(word)
		event := named[slices.IndexFunc(named, func(e lifecycle.Event) bool { return e.Phase() == operation.Phase() })]
		choice := Choice{Word: word, Event: event}
		if document.HasCompleted(event) {
			choice.Refusal = Refusal(document, operation, []lifecycle.Event{event})
		} else {
			open = append(open, event)
			choice.Refusal = Refusal(document, operation, open)
		}
		choices = append(choices, choice)
	}
	return choices
}

// Next returns the operations that the rules allow on a lifecycle in the state of the document. It is never nil. While
// an event is in progress or about to start, that is AMI_WAIT, and AMI_PATCH if a new patch need not wait for the event.
func Next(document *lifecycle.Document, state lifecycle.Stage) []lifecycle.Operation {
	next := []lifecycle.Operation{}
	if document.Running.IsRunning() || state == lifecycle.StageInProgress {
		next = append(next, lifecycle.Wait)
		if state == lifecycle.StageInProgress || CheckPatchable(document) != nil {
			return next
		}
		return append(next, lifecycle.Patch) // the orchestrator repeats a failed test of a patch forever; a new patch ends that
	}
	for _, operation := range lifecycle.Operations() {
		isOld := operation.Phase() == lifecycle.Patching && operation != lifecycle.Patch && document.IsPatching()
		if operation.Writes() && operation != lifecycle.Create && !isOld && isAllowed(document, operation) {
			next = append(next, operation)
		}
	}
	return next
}

// isAllowed reports whether the operation is allowed. An update is allowed if any of its events is.
func isAllowed(document *lifecycle.Document, operation lifecycle.Operation) bool {
	if !operation.TakesEvents() || operation == lifecycle.Patch {
		return Refusal(document, operation, nil) == nil
	}
	return slices.ContainsFunc(Choices(document, operation), func(c Choice) bool { return c.Refusal == nil })
}
