package engine

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// certify queues the verdict of the QA team. Its result appears when the queue has delivered it. Any status other than
// CERTIFIED counts as a failure.
func (e *Engine) certify(tx *store.Tx, body python.Dict, at time.Time) (any, error) {
	const request = "lifecycle qa certification request"
	if err := validateVerdict(body, "certification_status", request); err != nil {
		return nil, err
	}
	one, err := find(tx, body["lifecycle_id"])
	if err != nil {
		return nil, err
	}
	for _, result := range creationResults(one.Document) {
		if result["name"] == any(string(lifecycle.QACertificationResponse)) &&
			result["status"] == any(string(lifecycle.Completed)) && result["certification_status"] == any("CERTIFIED") {
			return nil, python.Errorf("A QA Certification CERTIFIED response has already been received for this AMI " +
				"lifecycle. Lifecycle events are immutable. There is no need to attempt to recertify this AMI.")
		}
	}
	if err := mayProceed(one.Document, lifecycle.QACertificationResponse); err != nil {
		return nil, err
	}
	status := lifecycle.Failed
	if body["certification_status"] == any("CERTIFIED") {
		status = lifecycle.Completed
	}
	verdict := python.Dict{
		"name": string(lifecycle.QACertificationResponse), "status": string(status), "status_date": date(at),
		"certification_status": body["certification_status"], "lifecycle_id": body["lifecycle_id"],
		"api_key": tx.Key(createReceiverKey),
	}
	if properties, ok := body["properties"]; ok {
		verdict["properties"] = properties
	}
	if err := e.enqueueVerdict(tx, createReceiver, verdict, at); err != nil {
		return nil, err
	}
	return acceptedVerdict(one)
}

// approve starts the backup of an approved image, or queues a refusal. The refusal of a patch has the key of the wrong
// receiver, so it is lost (docs/wire-contract.md, "What a client must not be fooled by").
func (e *Engine) approve(tx *store.Tx, body python.Dict, operation lifecycle.Operation, at time.Time) (any, error) {
	const request = "lifecycle mark for production approval request"
	if err := validateVerdict(body, "approval_status", request); err != nil {
		return nil, err
	}
	one, err := find(tx, body["lifecycle_id"])
	if err != nil {
		return nil, err
	}
	event, receiver, image := lifecycle.MarkForProductionCreate, createReceiver, builtAMI
	if operation == lifecycle.ApprovalPatch {
		event, receiver, image = lifecycle.MarkForProductionPatch, patchReceiver, patchedAMI
	} else if isApproved(one.Document) {
		return nil, python.Errorf("A Mark for Production APPROVED response has already been received for this AMI " +
			"lifecycle. Lifecycle events are immutable. There is no need to attempt to re-approve this AMI.")
	}
	if err := mayProceed(one.Document, event); err != nil {
		return nil, err
	}
	if body["approval_status"] == any("APPROVED") {
		ami, err := image(one.Document)
		if err != nil {
			return nil, err
		}
		test := e.test(one.Document, ami, event)
		if err := python.Dumpable(dict(test.input)); err != nil {
			return nil, err
		}
		if err := e.start(tx, one, event, test.input, test.properties, at); err != nil {
			return nil, err
		}
		return acceptedVerdict(one)
	}
	properties := python.Dict{}
	if sent, ok := body["properties"]; ok {
		if properties, ok = sent.(python.Dict); !ok {
			return nil, python.Errorf("'%s' object does not support item assignment", python.TypeName(sent))
		}
	}
	properties["approval_status"] = body["approval_status"]
	properties["s3_bucket"], properties["s3_object_key"] = "NOT_APPLICABLE", "NOT_APPLICABLE"
	err = e.enqueueVerdict(tx, receiver, python.Dict{
		"name": string(event), "status": string(lifecycle.Failed), "status_date": date(at),
		"properties": properties, "lifecycle_id": body["lifecycle_id"], "api_key": tx.Key(createReceiverKey),
	}, at)
	if err != nil {
		return nil, err
	}
	return acceptedVerdict(one)
}

func isApproved(document python.Dict) bool {
	for _, result := range creationResults(document) {
		if result["name"] == any(string(lifecycle.MarkForProductionCreate)) &&
			result["status"] == any(string(lifecycle.Completed)) &&
			member(result, "properties")["approval_status"] == any("APPROVED") {
			return true
		}
	}
	return false
}

func acceptedVerdict(one *store.Lifecycle) (any, error) {
	response, err := acceptedWithChannels(one, one.Document["creation_date"])
	if err != nil {
		return nil, err
	}
	return response, python.Dumpable(response)
}

// enqueueVerdict queues a verdict for its receiver. It is delivered after the queue's delay or, while the queue is held,
// only on request.
func (e *Engine) enqueueVerdict(tx *store.Tx, receiver string, verdict python.Dict, at time.Time) error {
	id, err := e.randomText(15, upperCase+digits)
	if err != nil {
		return err
	}
	token, err := e.randomText(15, upperCase+digits)
	if err != nil {
		return err
	}
	message := store.Pending{
		At: at.Add(e.QueueDelay), Kind: store.MessageArrives, LifecycleID: fmt.Sprint(verdict["lifecycle_id"]),
		Receiver: receiver,
		Message: python.Dict{"id": id, "task_details": python.Dict{
			"type": json.Number("0"), "value": verdict, "task_token": token,
		}},
	}
	if tx.Setting(queueSetting) == queueHeld {
		message.At = time.Time{}
	}
	return tx.Enqueue(message)
}
