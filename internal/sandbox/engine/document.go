package engine

import (
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// maxItem is the greatest size of an item in DynamoDB, in bytes, and maxMessage that of an SNS message: after each
// request the whole document is sent as a notification.
const (
	maxItem    = 400 << 10
	maxMessage = 256 << 10
)

// errUnknown is the error for an unknown lifecycle. The handler creates an exception of the SDK with a missing argument
// (docs/wire-contract.md, "Errors").
const errUnknown = python.Error("ClientError.__init__() missing 1 required positional argument: 'operation_name'")

// find returns the lifecycle with the id, which comes from a request and can be of any type. The error for anything but
// a known id is errUnknown.
func find(tx *store.Tx, id any) (*store.Lifecycle, error) {
	text, ok := id.(string)
	if !ok {
		return nil, errUnknown
	}
	one, err := tx.Lifecycle(text)
	if err == nil && one == nil {
		err = errUnknown
	}
	return one, err
}

func put(tx *store.Tx, one *store.Lifecycle) error {
	if err := python.Storable(one.Document); err != nil {
		return err
	}
	if len(python.Dumps(one.Document)) > maxItem {
		return python.Errorf("An error occurred (ValidationException) when calling the PutItem operation: " +
			"Item size has exceeded the maximum allowed size")
	}
	return tx.PutLifecycle(one)
}

// notify stands for the notification of the lifecycle's subscribers, which the sandbox does not send. If the document
// is too long for a message, the handler fails here, after its work is done.
func notify(one *store.Lifecycle) error {
	if len(python.Dumps(one.Document)) > maxMessage {
		return python.Errorf("An error occurred (InvalidParameter) when calling the Publish operation: " +
			"Invalid parameter: Message too long")
	}
	return nil
}

// objects returns those elements of a list that are objects.
func objects(value any) []python.Dict {
	list, _ := value.(python.List)
	found := make([]python.Dict, 0, len(list))
	for _, element := range list {
		if object, ok := element.(python.Dict); ok {
			found = append(found, object)
		}
	}
	return found
}

// member returns the object under the key, or nil if there is none.
func member(object python.Dict, key string) python.Dict {
	value, _ := object[key].(python.Dict)
	return value
}

func creationResults(document python.Dict) []python.Dict {
	return objects(member(document, "outputs_ami_creation")["events"])
}

func currentPatchResults(document python.Dict) []python.Dict {
	return objects(member(patchHistory(document), "current")["events"])
}

func patchHistory(document python.Dict) python.Dict {
	return member(member(document, "outputs_ami_patch"), "patch_history")
}

// imagesOf returns the images in the event's results that are in the deployment's own account, one per region.
func imagesOf(results []python.Dict, event lifecycle.Event) []python.Dict {
	var images []python.Dict
	for _, result := range results {
		if result["name"] != any(string(event)) {
			continue
		}
		for _, detail := range objects(member(result, "properties")["ami_details"]) {
			if detail["accountId"] == any(accountID) {
				images = append(images, detail)
			}
		}
	}
	return images
}

// amiOf returns the first image that imagesOf returns, or nil.
func amiOf(results []python.Dict, event lifecycle.Event) python.Dict {
	if images := imagesOf(results, event); len(images) > 0 {
		return images[0]
	}
	return nil
}

func builtAMI(document python.Dict) (python.Dict, error) {
	return amiOrDump(document, creationResults(document), lifecycle.BuildAMI,
		"Unable to get the detail of the created ami. ")
}

func patchedAMI(document python.Dict) (python.Dict, error) {
	return amiOrDump(document, currentPatchResults(document), lifecycle.PatchAMI,
		"Unable to get the details of the patched ami. ")
}

// amiOrDump returns the first image of the event's results. If there is none, the error holds the whole document,
// secrets included, as the server's does.
func amiOrDump(document python.Dict, results []python.Dict, event lifecycle.Event, text string) (python.Dict, error) {
	if detail := amiOf(results, event); detail != nil {
		return detail, nil
	}
	if err := python.Dumpable(document); err != nil {
		return nil, err
	}
	return nil, python.Error(text + python.Dumps(document))
}

// latestVersion returns the version that a patch raises: that of the current patch, else of the build, else the first.
func latestVersion(document python.Dict) string {
	for _, from := range []struct {
		results []python.Dict
		event   lifecycle.Event
	}{
		{currentPatchResults(document), lifecycle.PatchAMI},
		{creationResults(document), lifecycle.BuildAMI},
	} {
		for _, result := range from.results {
			if result["name"] != any(string(from.event)) {
				continue
			}
			for _, detail := range objects(member(result, "properties")["ami_details"]) {
				if version, ok := detail["ami_semver"].(string); ok {
					return version
				}
			}
		}
	}
	return firstVersion
}

// ancestry returns the chain of images from which a patch descends: the build, then the historical patches.
func ancestry(document python.Dict) (string, error) {
	built, err := builtAMI(document)
	if err != nil {
		return "", err
	}
	chain := []python.Dict{built}
	for _, patch := range objects(patchHistory(document)["historical"]) {
		if detail := amiOf(objects(patch["events"]), lifecycle.PatchAMI); detail != nil {
			chain = append(chain, detail)
		}
	}
	var names []string
	for _, detail := range chain {
		names = append(names, text(detail["image"])+" (v"+text(detail["ami_semver"])+")")
	}
	return strings.Join(names, " -> "), nil
}

func text(value any) string {
	text, _ := value.(string)
	return text
}
