package action

import (
	"slices"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
)

// Refusal says why the rules do not allow the operation on a lifecycle that stands as in the document, or returns
// nil. events are those of the wire that an update would ask for; the other operations know their own. It reads
// nothing but its arguments, and the operation itself looks again before it sends.
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

// Choice is a word of --events, with why the lifecycle does not allow it.
type Choice struct {
	Word    string
	Event   lifecycle.Event
	Refusal *outcome.Error // nil where it is allowed
}

// Choices returns what an update of the lifecycle can ask for, in the order of the lifecycle. A choice is allowed if
// it is when all those before it that are still open are asked for with it.
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
