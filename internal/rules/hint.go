package rules

import (
	"fmt"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/watch"
)

const (
	hintNewLifecycle = "a build cannot be repeated in its lifecycle: create a new one with AMI_CREATE"
	hintNewPatch     = "a patch's failed test cannot be repeated: fix the component, then start a new patch with AMI_PATCH"
)

// HintFor returns what to do about an event that did not complete. The advice must be possible in the current
// state of the lifecycle.
func HintFor(cause *watch.Judgement, document *lifecycle.Document, platform config.Platform) string {
	event := cause.Event
	if cause.State == watch.Blocked {
		for _, earlier := range event.Before() {
			if !document.HasCompleted(earlier) {
				event = earlier // the event that blocks it must be completed
				break
			}
		}
	}
	switch {
	case !event.IsKnown():
		return "this version of ami-action does not know that event: check its log in AWS; to wait for others only, name them in " +
			config.Events.On(platform)
	case cause.Result != nil && cause.Result.Status == lifecycle.Completed:
		if event.Phase() == lifecycle.Patching {
			return "the orchestrator counts it as completed and does not repeat it: start a new patch with AMI_PATCH"
		}
		return "the orchestrator counts it as completed and does not repeat it: create a new lifecycle with AMI_CREATE"
	case event == lifecycle.BuildAMI:
		return hintNewLifecycle
	case event == lifecycle.PatchAMI:
		return "fix the component, then patch again with AMI_PATCH"
	case document.HasFailedPermanently(event):
		return hintNewPatch
	case event == lifecycle.QACertificationResponse:
		return "the QA team did not certify the image: create a new one with AMI_CREATE, or certify it after all with AMI_QA_CERTIFICATION"
	case IsRepeated(cause, document):
		return fmt.Sprintf("the orchestrator has started %s again by itself: AMI_WAIT waits for that", event)
	}
	return fmt.Sprintf("check the event's log in AWS, then request %s again with %s", event, OperationFor(event))
}

// IsRepeated reports whether the event ended FAILED and the orchestrator itself has started it again.
func IsRepeated(cause *watch.Judgement, document *lifecycle.Document) bool {
	running := document.Running
	return cause.State == watch.Failed && running.IsRunning() && running.Name == cause.Event
}

// OperationFor returns the operation that asks for the event in an existing lifecycle.
func OperationFor(event lifecycle.Event) lifecycle.Operation {
	switch event {
	case lifecycle.QACertificationResponse:
		return lifecycle.QACertification
	case lifecycle.MarkForProductionCreate:
		return lifecycle.ApprovalCreate
	case lifecycle.MarkForProductionPatch:
		return lifecycle.ApprovalPatch
	}
	if event.Phase() == lifecycle.Patching {
		return lifecycle.PatchUpdate
	}
	return lifecycle.CreateUpdate
}
