package action

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
		err = checkPatchable(document)
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
			err = notAllowed(document.ID, "it has never been patched", "")
		}
	}
	return outcome.Of(err)
}

func refusalOf(document *lifecycle.Document, events []lifecycle.Event) error {
	_, err := planFor(document, events, false)
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
