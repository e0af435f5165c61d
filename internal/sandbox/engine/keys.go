package engine

import (
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// The names of secrets that several functions use, as the deployment spells them (docs/wire-contract.md, "Finding it").
const (
	createReceiverKey = "ami_creation_recevier_api_key"
	patchReceiverKey  = "ami_patch_recevier_api_key"
	errorReceiverKey  = "ami_error_recevier_api_key"
	statusKey         = "ami_creation_status_api_key"
	createTimelineKey = "ami_creation_timeline_api_key"
	patchTimelineKey  = "ami_patch_timeline_api_key"
)

// access is how an operation or a receiver is protected: the secret with its key, and its name in the error for a wrong
// key.
type access struct{ secret, name string }

var accesses = map[lifecycle.Operation]access{
	lifecycle.Create:          {"ami_creation_post_api_key", "AMI Lifecycle Create POST"},
	lifecycle.CreateUpdate:    {"ami_creation_put_api_key", "AMI Lifecycle Create PUT"},
	lifecycle.Patch:           {"ami_patch_post_api_key", "AMI Lifecycle Patch POST"},
	lifecycle.PatchUpdate:     {"ami_patch_put_api_key", "AMI Lifecycle Patch PUT"},
	lifecycle.GetStatus:       {statusKey, "AMI Get Status"},
	lifecycle.GetStatuses:     {statusKey, "AMI Get Status"},
	lifecycle.TimelineCreate:  {createTimelineKey, "AMI Timeline"},
	lifecycle.TimelinePatch:   {patchTimelineKey, "AMI Patch Timeline"},
	lifecycle.QACertification: {"ami_creation_qa_certification_key", "AMI QA Certification"},
	lifecycle.ApprovalCreate:  {"ami_creation_mark_for_production_key", "AMI Creation Mark for Production Approval"},
	lifecycle.ApprovalPatch:   {"ami_patch_mark_for_production_key", "AMI Patch Mark for Production Approval"},
}

var receivers = map[string]access{
	createReceiver: {createReceiverKey, "AMI Creation Receiver"},
	patchReceiver:  {patchReceiverKey, "AMI Patch Receiver"},
	errorReceiver:  {errorReceiverKey, "AMI Error Receiver"},
}

// RotateKeys gives every endpoint and receiver a new key of 30 letters and digits, as a deployment does.
func (e *Engine) RotateKeys(tx *store.Tx) error {
	secrets := map[string]bool{}
	for _, one := range accesses {
		secrets[one.secret] = true
	}
	for _, one := range receivers {
		secrets[one.secret] = true
	}
	for secret := range secrets {
		key, err := e.randomText(30, lowerCase+upperCase+digits)
		if err != nil {
			return err
		}
		if err := tx.PutKey(secret, key); err != nil {
			return err
		}
	}
	return nil
}

func (a access) check(tx *store.Tx, key any) error {
	if key != any(tx.Key(a.secret)) {
		return python.Errorf("Invalid API Key for %s operation.", a.name)
	}
	return nil
}

// checkBody checks the api_key in the body of a request or message. The error is the handler's.
func (a access) checkBody(tx *store.Tx, body any) error {
	has, err := python.Has(body, "api_key")
	if err != nil {
		return err
	}
	if !has {
		return python.Errorf("An api_key must be included as part of the json payload of the request.")
	}
	key, err := python.Item(body, "api_key")
	if err != nil {
		return err
	}
	return a.check(tx, key)
}
