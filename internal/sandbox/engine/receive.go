package engine

import (
	"errors"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// The names of the receivers inside the deployment.
const (
	createReceiver = "ami_creation_receiver"
	patchReceiver  = "ami_patch_receiver"
	errorReceiver  = "ami_error_receiver"
)

// receive delivers a message to its receiver and returns the response. A message that the receiver refuses is lost. If the
// receiver fails after it has stored the result, the next event does not start. Otherwise the next event starts after
// the delay, or at once if it is zero.
func (e *Engine) receive(tx *store.Tx, receiver string, message python.Dict, at time.Time,
	delay time.Duration) (Delivery, error) {
	delivery := Delivery{Receiver: receiver, Status: 200, Message: message}
	value := message
	take := e.receiveError
	if receiver != errorReceiver {
		value = member(member(message, "task_details"), "value")
		take = func(tx *store.Tx, value python.Dict) (python.Dict, error) {
			return e.receiveResult(tx, receiver, value, at, delay)
		}
	}
	// The receiver adds to the value, and the delivery must hold the message as it was sent.
	sent, err := clone(value)
	if err != nil {
		return delivery, err
	}
	err = receivers[receiver].checkBody(tx, value)
	if err == nil {
		delivery.Body, err = take(tx, sent)
	}
	if refusal, ok := errors.AsType[python.Error](err); ok {
		delivery.Status, delivery.Body, err = 500, python.Dict{"error": refusal.Error()}, nil
	}
	return delivery, err
}

func clone(value python.Dict) (python.Dict, error) {
	copied, err := python.Loads([]byte(python.Dumps(value)))
	if err != nil {
		return nil, err
	}
	return copied.(python.Dict), nil
}

// receiveError stores the error in the event that is in progress, whichever event the error is of.
func (e *Engine) receiveError(tx *store.Tx, value python.Dict) (python.Dict, error) {
	one, err := find(tx, value["lifecycle_id"])
	if err != nil {
		return nil, err
	}
	if event := member(one.Document, "event_in_progress"); event != nil {
		for _, key := range []string{"status", "status_date", "error_message", "stack_trace"} {
			event[key] = value[key]
		}
		if err := put(tx, one); err != nil {
			return nil, err
		}
	}
	return python.Dict{"lifecycle_id": one.ID, "action": "Error state notified"}, nil
}

func (e *Engine) receiveResult(tx *store.Tx, receiver string, result python.Dict, at time.Time,
	delay time.Duration) (python.Dict, error) {
	if err := propertiesNotEmpty(result, "lifecycle creation receiver request"); err != nil {
		return nil, err
	}
	one, err := find(tx, result["lifecycle_id"])
	if err != nil {
		return nil, err
	}
	phase, record := lifecycle.Creation, recordResult
	if receiver == patchReceiver {
		phase, record = lifecycle.Patching, recordPatchResult
	}
	if err := setVersion(tx, one.Document, result); err != nil {
		return nil, err
	}
	// As in the deployment, a result clears the event in progress, even if that belongs to another execution.
	delete(one.Document, "event_in_progress")
	if err := record(one.Document, result); err != nil {
		return nil, err
	}
	if err := put(tx, one); err != nil {
		return nil, err
	}
	if err := checkTags(one.Document, result, phase); err != nil {
		return nil, err
	}
	if err := listImages(tx, one, result, phase, at); err != nil {
		return nil, err
	}
	if delay > 0 {
		err = tx.Enqueue(store.Pending{At: at.Add(delay), Kind: store.NextStarts, LifecycleID: one.ID, Phase: phase})
	} else {
		err = e.startNext(tx, one, phase, at)
	}
	if err != nil {
		return nil, err
	}
	response := accepted(one, one.Document["creation_date"])
	return response, python.Dumpable(response)
}

// setVersion gives the images of a build the version in the stack tag's seed and raises the seed to the next major
// version. It gives the images of a patch the next version after their parent's (docs/wire-contract.md, "Order and
// versions").
func setVersion(tx *store.Tx, document, result python.Dict) error {
	var version string
	switch result["name"] {
	case any(string(lifecycle.BuildAMI)):
		tag := text(document["stack_tag"])
		if tag == "" || len(tag) > 2048 {
			return errUnknown // DynamoDB does not accept such a key.
		}
		if version = tx.Seed(tag); version == "" {
			version = firstVersion
		}
		next, err := bump(version, "major")
		if err != nil {
			return err
		}
		if err := tx.PutSeed(tag, next); err != nil {
			return err
		}
	case any(string(lifecycle.PatchAMI)):
		var err error
		if version, err = bump(latestVersion(document), text(result["semver_bump_type"])); err != nil {
			return err
		}
	default:
		return nil
	}
	for _, detail := range objects(member(result, "properties")["ami_details"]) {
		detail["ami_semver"] = version
	}
	return nil
}

// recordResult stores a result of a creation. It replaces an earlier result of the same event that has not completed;
// otherwise it is appended, so that an event can have two completed results.
func recordResult(document, result python.Dict) error {
	outputs := member(document, "outputs_ami_creation")
	if outputs == nil {
		outputs = python.Dict{"events": python.List{}}
		document["outputs_ami_creation"] = outputs
	}
	list, _ := outputs["events"].(python.List)
	i := slices.IndexFunc(list, func(element any) bool {
		earlier, _ := element.(python.Dict)
		return earlier["name"] == result["name"] && earlier["status"] != any(string(lifecycle.Completed))
	})
	if i >= 0 {
		list[i] = result
		return nil
	}
	outputs["events"] = append(list, result)
	return nil
}

// recordPatchResult stores a result of a patch. A result of PATCH_AMI makes its patch the current one and the previous
// one historical. A result of another event is added to the current patch, unless the event already has a result there:
// the first result stays, even if it is FAILED.
func recordPatchResult(document, result python.Dict) error {
	history := patchHistory(document)
	if history == nil {
		history = python.Dict{"historical": python.List{}}
		document["outputs_ami_patch"] = python.Dict{"patch_history": history}
	}
	if result["name"] == any(string(lifecycle.PatchAMI)) {
		if current, has := history["current"]; has {
			historical, _ := history["historical"].(python.List)
			history["historical"] = append(historical, current)
		}
		history["current"] = python.Dict{"events": python.List{result}}
		chain, err := ancestry(document)
		if err != nil {
			return errUnknown
		}
		member(result, "properties")["ami_ancestry"] = chain
		return nil
	}
	current := member(history, "current")
	if current == nil {
		return errUnknown
	}
	list, _ := current["events"].(python.List)
	if stateOf(objects(list), lifecycle.Event(text(result["name"]))) == notStarted {
		current["events"] = append(list, result)
	}
	return nil
}

// checkTags returns the error with which the server fails to tag the images: tags, and the items of the look-up table,
// must be strings, but values from requests can be of any type. The result is already stored.
func checkTags(document, result python.Dict, phase lifecycle.Phase) error {
	image := builtAMI
	if phase == lifecycle.Patching {
		image = patchedAMI
	}
	if _, err := image(document); err != nil {
		return err
	}
	for _, object := range []python.Dict{document, result} {
		for _, key := range []string{"product_ver", "product_name", "commit_ref", "certification_status"} {
			if value, has := object[key]; has {
				if _, ok := value.(string); !ok {
					return python.Errorf("'%s' object is not subscriptable", python.TypeName(value))
				}
			}
		}
	}
	return nil
}
