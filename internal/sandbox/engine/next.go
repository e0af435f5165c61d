package engine

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// startNext starts the first event of the phase that the latest request enabled and that has not completed. If all have
// completed, it starts nothing and returns nil. It returns an error if there is no image yet or the rules forbid the
// event. Like the server it does not check whether another event is in progress.
func (e *Engine) startNext(tx *store.Tx, one *store.Lifecycle, phase lifecycle.Phase, at time.Time) error {
	ami, err := builtAMI(one.Document)
	inputs, results := member(one.Document, "inputs_ami_creation"), creationResults(one.Document)
	if phase == lifecycle.Patching {
		ami, err = patchedAMI(one.Document)
		inputs, results = member(one.Document, "inputs_ami_patch"), currentPatchResults(one.Document)
	}
	if err != nil {
		return err
	}
	// Only a POST starts the build, or the patch itself.
	for _, event := range phase.Requestable()[1:] {
		test := e.test(one.Document, ami, event)
		if err := python.Dumpable(dict(test.input)); err != nil {
			return err
		}
		enabled, err := isEnabled(inputs, event)
		if err != nil {
			return err
		}
		if !enabled {
			continue
		}
		if hasCompleted(results, event) {
			if err := python.Dumpable(inputs["events"]); err != nil {
				return err
			}
			continue
		}
		if err := mayProceed(one.Document, event); err != nil {
			return err
		}
		if err := e.start(tx, one, event, test.input, test.properties, at); err != nil {
			return err
		}
		return notify(one)
	}
	return python.Dumpable(inputs["events"])
}

func isEnabled(inputs python.Dict, event lifecycle.Event) (bool, error) {
	for _, entry := range objects(inputs["events"]) {
		if entry["name"] == any(string(event)) {
			return python.Truthy(entry["enabled"]), nil
		}
	}
	return false, python.Errorf("event_name: %s not be found in events list %s.", string(event), python.Dumps(inputs["events"]))
}
