package engine

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// start starts the event's state machine with the input and makes the event the lifecycle's event in progress, even if
// another one is in progress (docs/wire-contract.md, "How an event goes").
func (e *Engine) start(tx *store.Tx, one *store.Lifecycle, event lifecycle.Event,
	input []python.Member, properties python.Dict, at time.Time) error {
	text := machineInput(input)
	var inner string
	if json.Unmarshal([]byte(text), &inner) != nil {
		return python.Errorf("An error occurred (InvalidExecutionInput) when calling the StartExecution operation: " +
			"Invalid State Machine Execution Input: the input is not JSON")
	}
	id, err := e.newID()
	if err != nil {
		return err
	}
	execution := store.Execution{ARN: machines[event].execution(id), Event: event, Input: dict(input)}
	read, isRead := readInput(inner)
	if isRead {
		execution.Input = read
	}
	fate, err := e.startRun(tx, one.ID, execution, at, isRead)
	if err != nil {
		return err
	}
	if !e.Manual && isRead && fate == "" {
		execution.Outcome = e.Outcome(event)
		if missing(execution) != "" {
			execution.Outcome = lifecycle.Error
		}
		err := tx.Enqueue(store.Pending{
			At: at.Add(e.Duration(event)), Kind: store.ExecutionEnds, LifecycleID: one.ID, ARN: execution.ARN,
		})
		if err != nil {
			return err
		}
	}
	one.Executions = append(one.Executions, execution)
	one.Document["event_in_progress"] = python.Dict{
		"name": string(event), "description": machines[event].description,
		"statemachine_arn": machines[event].arn(), "statemachine_input": text,
		"execution_arn": execution.ARN, "execution_startdate": date(at),
		"properties": properties,
	}
	return put(tx, one)
}

// machineInput returns the input as the server sends it: JSON in quotes, in which only the quotes are escaped. A quote
// inside a value therefore ends the string, and a backslash inside a value loses its escape, so that the state machine
// decodes it together with the next character.
func machineInput(input []python.Member) string {
	return `"` + strings.ReplaceAll(python.DumpsCompact(input), `"`, `\"`) + `"`
}

// readInput returns the input as the state machine reads it: base\tools has become base, a tab and ools. It returns
// false if the state machine cannot read it. The state machine then fails without a report, and its event stays in
// progress (docs/wire-contract.md, "Refused, and done all the same").
func readInput(inner string) (python.Dict, bool) {
	read, err := python.Loads([]byte(inner))
	input, isObject := read.(python.Dict)
	return input, err == nil && isObject
}

// missing returns the name of a required input of a build that is empty, or "" (docs/wire-contract.md, "Refused, and
// done all the same").
func missing(execution store.Execution) string {
	if execution.Event != lifecycle.BuildAMI {
		return ""
	}
	for _, key := range []string{"product_name", "product_ver", "commit_ref"} {
		if execution.Input[key] == any("") {
			return key
		}
	}
	return ""
}

func dict(members []python.Member) python.Dict {
	object := python.Dict{}
	for _, one := range members {
		object[one.Key] = one.Value
	}
	return object
}

// testOf holds the input and the properties of an event that works on an existing image.
type testOf struct {
	input      []python.Member
	properties python.Dict
}

func (e *Engine) test(document, ami python.Dict, event lifecycle.Event) testOf {
	input := []python.Member{{Key: "lifecycle_id", Value: document["lifecycle_id"]}}
	add := func(key string, value any) { input = append(input, python.Member{Key: key, Value: value}) }
	if event != lifecycle.QACertificationRequest {
		add("operation_type", wirePhase(event.Phase()))
	}
	approval := event == lifecycle.MarkForProductionCreate || event == lifecycle.MarkForProductionPatch
	if !approval {
		add("cfn_stack_name", document["stack_tag"])
	}
	if event == lifecycle.QACertificationRequest {
		add("api_url", e.BaseURL)
	}
	add("ami_id", ami["image"])
	add("ami_name", ami["name"])
	add("ami_region", ami["region"])
	add("ami_owner", ami["accountId"])
	if approval {
		add("ami_semver", ami["ami_semver"])
		add("cfn_stack_name", document["stack_tag"])
		add("commit_ref", document["commit_ref"])
		add("product_ver", document["product_ver"])
		add("product_name", document["product_name"])
	}
	prefix := propertyPrefix(event)
	return testOf{input, python.Dict{
		prefix + "id": ami["image"], prefix + "name": ami["name"],
		prefix + "region": ami["region"], prefix + "owner": ami["accountId"],
	}}
}

func propertyPrefix(event lifecycle.Event) string {
	switch event {
	case lifecycle.SmokeTestsCreate, lifecycle.SmokeTestsPatch:
		return "smoke_test_ami_"
	case lifecycle.QACertificationRequest:
		return "qa_certification_request_ami_"
	case lifecycle.MarkForProductionCreate, lifecycle.MarkForProductionPatch:
		return "mark_for_production_ami_"
	}
	return "vulnerability_scan_ami_"
}
