package engine

import (
	"net/url"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// patch stores the inputs of a patch and starts it on the image of the current patch, or of the build if there is no
// patch.
func (e *Engine) patch(tx *store.Tx, body python.Dict, at time.Time) (any, error) {
	if err := validatePatch(body); err != nil {
		return nil, err
	}
	properties := body["properties"].(python.Dict)
	if err := componentExists(tx, properties["patch_component_url"]); err != nil {
		return nil, err
	}
	one, err := e.storePatchInputs(tx, body, at)
	if err != nil {
		return nil, err
	}
	document := one.Document
	if err := subscribe(document["notifications"]); err != nil {
		return nil, err
	}
	parent := amiOf(currentPatchResults(document), lifecycle.PatchAMI)
	if parent == nil {
		if parent, err = builtAMI(document); err != nil {
			return nil, err
		}
	}
	version := at.Format("2006.01.02150405")
	input := []python.Member{
		{Key: "patch_component_url", Value: properties["patch_component_url"]},
		{Key: "patch_change_description", Value: properties["patch_change_description"]},
		{Key: "lifecycle_id", Value: one.ID},
		{Key: "semantic_version_dash", Value: strings.ReplaceAll(version, ".", "-")},
		{Key: "semantic_version_dot", Value: version},
		{Key: "ami_id", Value: parent["image"]},
		{Key: "ami_name", Value: parent["name"]},
		{Key: "ami_region", Value: parent["region"]},
		{Key: "ami_owner", Value: parent["accountId"]},
		{Key: "ami_semver", Value: parent["ami_semver"]},
		{Key: "semver_bump_type", Value: properties["semver_bump_type"]},
		{Key: "cfn_stack_name", Value: document["stack_tag"]},
		{Key: "commit_ref", Value: body["commit_ref"]},
	}
	if err := python.Dumpable(python.List{document["stack_tag"], parent}); err != nil {
		return nil, err
	}
	err = e.start(tx, one, lifecycle.PatchAMI, input, python.Dict{
		"patch_component_url":      properties["patch_component_url"],
		"patch_change_description": properties["patch_change_description"],
		"semantic_version_dash":    strings.ReplaceAll(version, ".", "-"),
		"semantic_version_dot":     version,
		"parent_ami_id":            parent["image"],
		"parent_ami_name":          parent["name"],
		"parent_ami_region":        parent["region"],
		"parent_ami_owner":         parent["accountId"],
		"parent_ami_semver":        parent["ami_semver"],
		"semver_bump_type":         properties["semver_bump_type"],
		"commit_ref":               body["commit_ref"],
	}, at)
	if err != nil {
		return nil, err
	}
	if err := notify(one); err != nil {
		return nil, err
	}
	response := accepted(one, document["creation_date"])
	return response, python.Dumpable(response)
}

// updatePatch stores the inputs of a patch update and starts the next event of the current patch.
func (e *Engine) updatePatch(tx *store.Tx, body python.Dict, at time.Time) (any, error) {
	if err := validatePatchUpdate(body); err != nil {
		return nil, err
	}
	one, err := e.storePatchInputs(tx, body, at)
	if err != nil {
		return nil, err
	}
	if err := e.startNext(tx, one, lifecycle.Patching, at); err != nil {
		return nil, err
	}
	response, err := acceptedWithChannels(one, member(one.Document, "inputs_ami_patch")["update_date"])
	if err != nil {
		return nil, err
	}
	return response, python.Dumpable(response)
}

func (e *Engine) storePatchInputs(tx *store.Tx, body python.Dict, at time.Time) (*store.Lifecycle, error) {
	one, err := find(tx, body["lifecycle_id"])
	if err != nil {
		return nil, err
	}
	if err := mayBePatched(one.Document); err != nil {
		return nil, err
	}
	commit, err := python.Item(body, "commit_ref")
	if err != nil {
		return nil, err
	}
	inputs := member(one.Document, "inputs_ami_patch")
	if inputs == nil {
		inputs = python.Dict{}
		one.Document["inputs_ami_patch"] = inputs
	}
	inputs["owner"], inputs["notifications"], inputs["events"] = body["owner"], body["notifications"], body["events"]
	inputs["update_date"], inputs["commit_ref"] = date(at), commit
	// The properties are those of the first patch, or patch update, that has some. Later ones are not stored.
	if properties, ok := body["properties"]; ok {
		if _, has := inputs["properties"]; !has {
			inputs["properties"] = properties
		}
	}
	timeline := member(one.Document, "timeline")
	if _, has := timeline["ami_patch"]; !has {
		timeline["ami_patch"] = e.timelineURL(tx, one.ID, lifecycle.Patching)
	}
	return one, put(tx, one)
}

func validatePatchUpdate(body python.Dict) error {
	if _, ok := body["lifecycle_id"]; !ok {
		return python.Error(patchWording.missingID)
	}
	return validateEvents(body, lifecycle.Patching)
}

func validatePatch(body python.Dict) error {
	if err := validatePatchUpdate(body); err != nil {
		return err
	}
	if _, ok := body["commit_ref"]; !ok {
		return python.Errorf("An AMI Patch request requires that the commit_ref attribute is defined.")
	}
	properties, ok := body["properties"]
	if !ok {
		return python.Errorf("An AMI Patch request requires that the properties attribute is defined for event %s.",
			string(lifecycle.PatchAMI))
	}
	for _, key := range []string{"patch_component_url", "patch_change_description", "semver_bump_type"} {
		has, err := python.Has(properties, key)
		if err == nil && !has {
			err = python.Errorf("An AMI Patch request requires that the properties.%s attribute is defined for event %s.",
				key, string(lifecycle.PatchAMI))
		}
		if err == nil {
			_, err = python.Item(properties, key)
		}
		if err != nil {
			return err
		}
	}
	return requireEnabled(body, lifecycle.PatchAMI, true)
}

// componentExists returns an error unless the component is in S3 (docs/wire-contract.md, "Requests").
func componentExists(tx *store.Tx, location any) error {
	address, err := url.Parse(text(location))
	if err == nil {
		object, err := tx.Object(address.Host, strings.TrimLeft(address.Path, "/"))
		if object != nil || err != nil {
			return err
		}
	}
	return python.Errorf("The specified patch_component_url, %v, does not exist in S3. This is a mandatory attribute. "+
		"Please verify the location and existence of this file and try again. The specific error message is: "+
		"An error occurred (404) when calling the HeadObject operation: Not Found", location)
}
