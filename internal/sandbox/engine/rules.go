package engine

import (
	"fmt"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
)

// notStarted is the state of an event without a result, as in the texts of the rules.
const notStarted = "NOT_STARTED"

var theOrder = fmt.Sprintf("AMI Lifecycle events are sequential and must be completed in order."+
	"The order for AMI_CREATION events are: %s. The order for AMI_PATCH events are: %s.",
	arrows(lifecycle.Creation), arrows(lifecycle.Patching))

func arrows(phase lifecycle.Phase) string {
	var names []string
	for _, event := range phase.Order() {
		names = append(names, string(event))
	}
	return strings.Join(names, " -> ")
}

func outOfOrder(event, previous lifecycle.Event, state string) error {
	return python.Errorf("Unable to proceed with %s event as a previous event %s is in %s state. %s",
		string(event), string(previous), state, theOrder)
}

func immutable(event lifecycle.Event) error {
	return python.Errorf("Unable to proceed with %s event as it has already been completed. "+
		"AMI Lifecycle events are immutable, once an event has been completed successfully it can not "+
		"be repeated. %s", string(event), theOrder)
}

// mayProceed returns an error if an earlier event of the phase has not completed, or if the event itself has
// (docs/wire-contract.md, "Order and versions"). The first result of an event counts.
func mayProceed(document python.Dict, event lifecycle.Event) error {
	results, err := resultsOf(document, event.Phase())
	if err != nil {
		return err
	}
	for _, previous := range event.Before() {
		state := stateOf(results, previous)
		if state == string(lifecycle.Completed) {
			continue
		}
		// The server names the wrong event here.
		if event == lifecycle.MarkForProductionPatch && previous == lifecycle.VulnerabilityScansPatch {
			previous = lifecycle.SmokeTestsPatch
		}
		return outOfOrder(event, previous, state)
	}
	if stateOf(results, event) == string(lifecycle.Completed) {
		return immutable(event)
	}
	return nil
}

// mayBePatched returns an error unless the lifecycle has exactly six creation results, all completed.
func mayBePatched(document python.Dict) error {
	const condition = "An AMI Patch request can only proceed when all AMI Creation events have completed " +
		"successfully. Ensure that the following AMI Creation events are completed: "
	order := arrows(lifecycle.Creation)
	outputs, ok := document["outputs_ami_creation"]
	if !ok {
		return python.Errorf("The outputs_ami_creation attribute is missing. %s%s", condition, order)
	}
	if has, err := python.Has(outputs, "events"); err != nil {
		return err
	} else if !has {
		return python.Errorf("The outputs_ami_creation attribute is missing the events array. %s%s", condition, order)
	}
	results := creationResults(document)
	if expected := len(lifecycle.Creation.Order()); len(results) != expected {
		return python.Errorf("Number of actual AMI Creation events: %d does not match the number of expected "+
			"AMI Creation events: %d. %s%s", len(results), expected, condition, order)
	}
	for _, result := range results {
		if state := result["status"]; state != any(string(lifecycle.Completed)) {
			return python.Errorf("AMI Creation event: %[1]v has status %[2]v. An AMI Patch operation can only be "+
				//nolint:misspell // spelt so by the server
				"peformed when all AMI Creation events have been completed. AMi Creation event: %[1]v has status %[2]v.",
				result["name"], state)
		}
	}
	return nil
}

// resultsOf returns the results of a phase as the rules read them: a missing member is a KeyError.
func resultsOf(document python.Dict, phase lifecycle.Phase) ([]python.Dict, error) {
	path := []string{"outputs_ami_creation", "events"}
	if phase == lifecycle.Patching {
		path = []string{"outputs_ami_patch", "patch_history", "current", "events"}
	}
	var value any = document
	for _, key := range path {
		var err error
		if value, err = python.Item(value, key); err != nil {
			return nil, err
		}
	}
	return objects(value), nil
}

func stateOf(results []python.Dict, event lifecycle.Event) string {
	for _, result := range results {
		if result["name"] == any(string(event)) {
			return fmt.Sprint(result["status"])
		}
	}
	return notStarted
}

func hasCompleted(results []python.Dict, event lifecycle.Event) bool {
	for _, result := range results {
		if result["name"] == any(string(event)) && result["status"] == any(string(lifecycle.Completed)) {
			return true
		}
	}
	return false
}
