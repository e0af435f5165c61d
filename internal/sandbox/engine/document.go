package engine

import (
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// maxItem is the size of an item that DynamoDB takes, and maxMessage that of a message that SNS takes:
// after each request the whole document is sent as a notification.
const (
	maxItem    = 400 << 10
	maxMessage = 256 << 10
)

// errUnknown is what looking for a lifecycle that is not there ends in: the handler raises an error of
// the SDK wrongly (docs/wire-contract.md, "Errors").
const errUnknown = python.Error("ClientError.__init__() missing 1 required positional argument: 'operation_name'")

// find returns the lifecycle of that id; any other value than a known id is an error.
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

// notify sends the document to the lifecycle's subscribers. The sandbox has none, but a document that
// is too long for a message makes the handler fail here, with its work done.
func notify(one *store.Lifecycle) error {
	if len(python.Dumps(one.Document)) > maxMessage {
		return python.Errorf("An error occurred (InvalidParameter) when calling the Publish operation: " +
			"Invalid parameter: Message too long")
	}
	return nil
}

// objects returns the elements of a list that are objects.
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

// member returns the object under the key, or nil.
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

// imagesOf returns the images that the event's results made in the deployment's own account, one a region.
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

// amiOf returns the first of these images, or nil.
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

// amiOrDump dumps the whole document, secrets included, into the error when there is no image, as the
// server does.
func amiOrDump(document python.Dict, results []python.Dict, event lifecycle.Event, text string) (python.Dict, error) {
	if detail := amiOf(results, event); detail != nil {
		return detail, nil
	}
	if err := python.Dumpable(document); err != nil {
		return nil, err
	}
	return nil, python.Error(text + python.Dumps(document))
}

// latestVersion is the version that a patch counts on from: the current patch's, else the build's.
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

// ancestry is the chain of images that a patch descends from: the build, then the historical patches.
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
