package engine

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/pattern"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// write handles the requests that have a body.
func (e *Engine) write(tx *store.Tx, call Call, at time.Time) (any, error) {
	body, err := e.authorized(tx, call)
	if err != nil {
		return nil, err
	}
	switch call.Operation {
	case lifecycle.Create:
		return e.create(tx, body, at)
	case lifecycle.CreateUpdate:
		return e.update(tx, body, at)
	case lifecycle.Patch:
		return e.patch(tx, body, at)
	case lifecycle.PatchUpdate:
		return e.updatePatch(tx, body, at)
	case lifecycle.QACertification:
		return e.certify(tx, body, at)
	}
	return e.approve(tx, body, call.Operation, at)
}

// authorized decodes the body and checks its key, before anything else is checked.
func (e *Engine) authorized(tx *store.Tx, call Call) (python.Dict, error) {
	posts := call.Operation == lifecycle.Create || call.Operation == lifecycle.Patch
	if len(call.Body) == 0 {
		if posts {
			// The code that handles errors fails because it quotes the missing request.
			return nil, errCrash
		}
		return nil, python.KeyError("body")
	}
	value, err := python.Loads(call.Body)
	if err != nil {
		return nil, err
	}
	if err := accesses[call.Operation].checkBody(tx, value); err != nil {
		if _, isObject := value.(python.Dict); !isObject && posts && python.TypeName(value) != "list" && python.TypeName(value) != "str" {
			return nil, errCrash
		}
		return nil, err
	}
	return value.(python.Dict), nil
}

// create stores a lifecycle and starts its build. An error after the lifecycle is stored leaves an orphan
// (docs/wire-contract.md, "Refused, and done all the same").
func (e *Engine) create(tx *store.Tx, body python.Dict, at time.Time) (any, error) {
	if err := validateCreate(body); err != nil {
		return nil, err
	}
	id, err := e.newID()
	if err != nil {
		return nil, err
	}
	body["lifecycle_id"] = id
	body["creation_date"] = date(at)
	body["inputs_ami_creation"] = python.Dict{"events": body["events"]}
	body["timeline"] = python.Dict{"ami_creation": e.timelineURL(tx, id, lifecycle.Creation)}
	delete(body, "api_key")
	delete(body, "events")
	one := &store.Lifecycle{ID: id, Document: body}
	if err := put(tx, one); err != nil {
		return nil, err
	}
	if err := subscribe(body["notifications"]); err != nil {
		return nil, err
	}
	for _, key := range []string{"product_ver", "product_name", "commit_ref"} {
		if _, err := python.Item(body, key); err != nil {
			return nil, err
		}
	}
	pipeline := imageBuilderARN("image-pipeline/ami-lifecycle-pipeline")
	err = e.start(tx, one, lifecycle.BuildAMI, []python.Member{
		{Key: "imagebuilder_pipeline_arn", Value: pipeline},
		{Key: "lifecycle_id", Value: id},
		{Key: "api_endpoint", Value: e.BaseURL},
		{Key: "product_ver", Value: body["product_ver"]},
		{Key: "product_name", Value: body["product_name"]},
		{Key: "commit_ref", Value: body["commit_ref"]},
		{Key: "cfn_stack_name", Value: body["stack_tag"]},
	}, python.Dict{
		"imagebuilder_pipeline_arn": pipeline, "product_ver": body["product_ver"],
		"product_name": body["product_name"], "commit_ref": body["commit_ref"],
	}, at)
	if err != nil {
		return nil, err
	}
	return accepted(one, body["creation_date"]), notify(one)
}

func validateCreate(body python.Dict) error {
	if err := validateEvents(body, lifecycle.Creation); err != nil {
		return err
	}
	if err := requireEnabled(body, lifecycle.BuildAMI, true); err != nil {
		return err
	}
	// The server checks these attributes only if the last event of the list is BUILD_AMI, so it seldom notices here
	// that one is missing.
	events := objects(body["events"])
	if events[len(events)-1]["name"] != any(string(lifecycle.BuildAMI)) {
		return nil
	}
	for _, key := range []string{"product_ver", "product_name", "commit_ref"} {
		if _, ok := body[key]; !ok {
			return python.Errorf("An AMI Build request requires that the %s attribute is defined.", key)
		}
	}
	return nil
}

// update stores the inputs of an update and starts the next event. If the rules refuse that, the inputs are already
// stored (docs/wire-contract.md, "Refused, and done all the same").
func (e *Engine) update(tx *store.Tx, body python.Dict, at time.Time) (any, error) {
	if _, ok := body["lifecycle_id"]; !ok {
		return nil, python.Error(creationWording.missingID)
	}
	if err := validateEvents(body, lifecycle.Creation); err != nil {
		return nil, err
	}
	if err := requireEnabled(body, lifecycle.BuildAMI, false); err != nil {
		return nil, err
	}
	one, err := find(tx, body["lifecycle_id"])
	if err != nil {
		return nil, err
	}
	document := one.Document
	document["owner"] = body["owner"]
	document["update_date"] = date(at)
	document["notifications"] = body["notifications"]
	inputs, err := python.Item(document, "inputs_ami_creation")
	if err != nil {
		return nil, err
	}
	inputs.(python.Dict)["events"] = body["events"]
	if properties, ok := body["properties"]; ok {
		if old, has := document["properties"]; has {
			// The server keeps the old value of a key.
			if document["properties"], err = python.Merge(properties, old); err != nil {
				return nil, err
			}
		} else {
			document["properties"] = properties
		}
	}
	if err := put(tx, one); err != nil {
		return nil, err
	}
	if err := e.startNext(tx, one, lifecycle.Creation, at); err != nil {
		return nil, err
	}
	return acceptedWithChannels(one, document["update_date"])
}

// accepted returns the body of a successful response.
func accepted(one *store.Lifecycle, date any) python.Dict {
	return python.Dict{
		"lifecycle_id": one.ID, "owner": one.Document["owner"],
		"creation_date": date, "notification_channels": one.Document["notifications"],
	}
}

// acceptedWithChannels returns the body of a successful response with the method and target of each channel. A channel
// that lacks one is an error here, after the work is done.
func acceptedWithChannels(one *store.Lifecycle, date any) (python.Dict, error) {
	if err := notify(one); err != nil {
		return nil, err
	}
	entries, err := python.Elements(one.Document["notifications"])
	if err != nil {
		return nil, err
	}
	channels := python.List{}
	for _, entry := range entries {
		channel := python.Dict{}
		for _, key := range []string{"method", "target"} {
			if channel[key], err = python.Item(entry, key); err != nil {
				return nil, err
			}
		}
		channels = append(channels, channel)
	}
	response := accepted(one, date)
	response["notification_channels"] = channels
	return response, nil
}

// emailAddress matches the addresses that SNS accepts for a subscription.
var emailAddress = pattern.Lazy(`^[^@\s]+@[^@\s]+$`)

// subscribe returns the error with which the server fails to subscribe the channels of a new lifecycle or patch to its
// topic. Only channels with the method EMAIL, in upper case, are subscribed (docs/wire-contract.md, "Notifications").
func subscribe(notifications any) error {
	entries, err := python.Elements(notifications)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		method, err := python.Item(entry, "method")
		if err != nil {
			return err
		}
		if method != any("EMAIL") {
			continue
		}
		target, err := python.Item(entry, "target")
		if err != nil {
			return err
		}
		address, ok := target.(string)
		if !ok {
			return python.Errorf("Parameter validation failed:\nInvalid type for parameter Endpoint, "+
				"type: <class '%s'>, valid types: <class 'str'>", python.TypeName(target))
		}
		if !emailAddress().MatchString(address) {
			return python.Errorf("An error occurred (InvalidParameter) when calling the Subscribe operation: " +
				"Invalid parameter: Email address")
		}
	}
	return nil
}
