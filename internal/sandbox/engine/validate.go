package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
)

// wording holds the parts of the error texts that differ between requests of a creation and of a patch.
type wording struct{ request, all, missingID string }

var (
	creationWording = wording{"lifecycle creation/update request", "the all",
		"lifecycle_id must be defined as part of a lifecycle creation update request."}
	patchWording = wording{"lifecycle patch/update request", "all",
		"The lifecycle_id parameter must be defined as part of a lifecycle patch/update request."}
)

// validateEvents checks what create, update, patch and patch update have in common, in the server's order: the
// required members are there, every event of the phase is listed, and no event is skipped.
func validateEvents(body python.Dict, phase lifecycle.Phase) error {
	words := creationWording
	if phase == lifecycle.Patching {
		words = patchWording
	}
	for _, key := range []string{"stack_tag", "owner", "notifications", "events"} {
		value, ok := body[key]
		if !ok {
			return python.Errorf("The %s parameter must be defined as part of a %s.", key, words.request)
		}
		if key != "notifications" {
			continue
		}
		if n, err := python.Len(value); err != nil {
			return err
		} else if n == 0 {
			return python.Errorf("The notifications parameter must contain at least one target type as part of a %s.",
				words.request)
		}
	}
	events := phase.Requestable()
	if n, err := python.Len(body["events"]); err != nil {
		return err
	} else if n != len(events) {
		return python.Errorf("The events parameter must contain %s %d event definitions as part of a %s.",
			words.all, len(events), words.request)
	}
	enabled, err := enabledByName(body["events"], events, words)
	if err != nil {
		return err
	}
	return skipsNone(enabled, phase)
}

func enabledByName(list any, known []lifecycle.Event, words wording) (map[string]any, error) {
	entries, err := python.Elements(list)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, event := range known {
		names = append(names, string(event))
	}
	enabled := map[string]any{}
	for _, entry := range entries {
		for _, key := range []string{"name", "enabled"} {
			has, err := python.Has(entry, key)
			if err != nil {
				return nil, err
			}
			if !has {
				return nil, python.Errorf("The %s parameter must be defined for an event as part of a %s.", key, words.request)
			}
			value, err := python.Item(entry, key)
			if err != nil {
				return nil, err
			}
			if key == "enabled" {
				continue
			}
			name, ok := value.(string)
			if !ok {
				return nil, python.Errorf("'%s' object has no attribute 'upper'", python.TypeName(value))
			}
			if !slices.Contains(names, strings.ToUpper(name)) {
				return nil, python.Errorf("The name parameter %s is not valid. It must be one of %s.",
					name, strings.Join(names, ","))
			}
		}
	}
	for _, entry := range objects(list) {
		enabled[text(entry["name"])] = entry["enabled"]
	}
	return enabled, nil
}

// skipsNone returns the error for the requests with a gap between their events that the server checks for. Other gaps
// pass here; the rules refuse them when the event after the gap is due to start.
func skipsNone(enabled map[string]any, phase lifecycle.Phase) error {
	is := func(event lifecycle.Event, test func(any) bool) (bool, error) {
		value, ok := enabled[string(event)]
		if !ok {
			return false, python.KeyError(string(event))
		}
		return test(value), nil
	}
	type condition struct {
		event lifecycle.Event
		test  func(any) bool
	}
	all := func(conditions ...condition) (bool, error) {
		for _, one := range conditions {
			if holds, err := is(one.event, one.test); err != nil || !holds {
				return false, err
			}
		}
		return true, nil
	}
	type gap struct {
		conditions        []condition
		current, previous lifecycle.Event
	}
	on, off := python.IsTrue, python.IsFalse
	gaps := []gap{
		{[]condition{
			{lifecycle.QACertificationRequest, on}, {lifecycle.SmokeTestsCreate, on},
			{lifecycle.VulnerabilityScansCreate, off},
		}, lifecycle.QACertificationRequest, lifecycle.VulnerabilityScansCreate},
		{[]condition{
			{lifecycle.BuildAMI, on}, {lifecycle.VulnerabilityScansCreate, on}, {lifecycle.SmokeTestsCreate, off},
		}, lifecycle.BuildAMI, lifecycle.SmokeTestsCreate},
		{[]condition{
			{lifecycle.BuildAMI, on}, {lifecycle.QACertificationRequest, on}, {lifecycle.SmokeTestsCreate, off},
		}, lifecycle.BuildAMI, lifecycle.SmokeTestsCreate},
	}
	if phase == lifecycle.Patching {
		gaps = []gap{{[]condition{
			{lifecycle.PatchAMI, on}, {lifecycle.VulnerabilityScansPatch, on}, {lifecycle.SmokeTestsPatch, off},
		}, lifecycle.PatchAMI, lifecycle.SmokeTestsPatch}}
	}
	for _, one := range gaps {
		if found, err := all(one.conditions...); err != nil {
			return err
		} else if found {
			return outOfOrder(one.current, one.previous, "False")
		}
	}
	return nil
}

// requireEnabled returns an error if the event, which is the one that a POST is for, is disabled in a POST or enabled
// in a PUT.
func requireEnabled(body python.Dict, event lifecycle.Event, post bool) error {
	for _, entry := range objects(body["events"]) {
		switch {
		case entry["name"] != any(string(event)):
		case !post && python.IsTrue(entry["enabled"]):
			return python.Errorf("An update request assumes that an AMI has already been built. "+
				"The %s must not be enabled during an update request.", event)
		case post && python.IsFalse(entry["enabled"]) && event == lifecycle.BuildAMI:
			return python.Errorf("An AMI Build request requires that the %s is defined and enabled.", event)
		case post && python.IsFalse(entry["enabled"]):
			return python.Errorf("An AMI Patch request requires that the %s is defined and enabled.", event)
		}
	}
	return nil
}

// validateVerdict checks a certification or an approval.
func validateVerdict(body python.Dict, statusKey, request string) error {
	for _, key := range []string{"lifecycle_id", "stack_tag", statusKey} {
		if _, ok := body[key]; !ok {
			return python.Errorf("The %s parameter must be defined as part of a %s.", key, request)
		}
	}
	return propertiesNotEmpty(body, request)
}

func propertiesNotEmpty(body python.Dict, request string) error {
	properties, ok := body["properties"]
	if !ok {
		return nil
	}
	n, err := python.Len(properties)
	if err == nil && n == 0 {
		err = python.Error(fmt.Sprintf("properties element is enabled but contains no elements. "+
			"properties can not be empty as part of a %s.", request))
	}
	return err
}
