package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

// no is an empty list of events.
var no []lifecycle.Event

// Each case is a sentence of docs/wire-contract.md, "Errors" or "Requests".
func TestARequestThatTheServerRefuses(t *testing.T) {
	t.Parallel()
	box := start(t, sandbox.Options{Manual: true})
	box.mustControl("queue", map[string]any{"auto": false})
	building, tested, approved := box.create(nil), box.tested(), box.approved()
	const unknown = "00000000-0000-4000-8000-000000000000"
	const notThere = "missing 1 required positional argument: 'operation_name'"
	scans := []lifecycle.Event{lifecycle.VulnerabilityScansCreate}
	tests := []struct {
		what     string
		response response
		text     string
	}{
		{"a create without a key", box.tryCreate(with{"api_key": absent}),
			"An api_key must be included as part of the json payload of the request."},
		{"a create with the key of another endpoint", box.tryCreate(with{"api_key": box.keys["ami_creation_put_api_key"]}),
			"Invalid API Key for AMI Lifecycle Create POST operation."},
		{"a create with a key that is not text", box.tryCreate(with{"api_key": []any{}}),
			"Invalid API Key for AMI Lifecycle Create POST operation."},
		{"an update with a wrong key", box.update(tested, no, with{"api_key": "x"}),
			"Invalid API Key for AMI Lifecycle Create PUT operation."},
		{"a patch with a wrong key", box.patch(tested, no, with{"api_key": "x"}),
			"Invalid API Key for AMI Lifecycle Patch POST operation."},
		{"a patch update with a wrong key", box.updatePatch(tested, no, with{"api_key": "x"}),
			"Invalid API Key for AMI Lifecycle Patch PUT operation."},
		{"a certification with a wrong key", box.certify(tested, "CERTIFIED", with{"api_key": "x"}),
			"Invalid API Key for AMI QA Certification operation."},
		{"an approval with a wrong key", box.approve(tested, "APPROVED", with{"api_key": "x"}),
			"Invalid API Key for AMI Creation Mark for Production Approval operation."},
		{"a patch's approval with a wrong key", box.approvePatch(tested, "APPROVED", with{"api_key": "x"}),
			"Invalid API Key for AMI Patch Mark for Production Approval operation."},

		{"a create without a stack tag", box.tryCreate(with{"stack_tag": absent}),
			"The stack_tag parameter must be defined as part of a lifecycle creation/update request."},
		{"a create without an owner", box.tryCreate(with{"owner": absent}), "The owner parameter must be defined"},
		{"a create without notifications", box.tryCreate(with{"notifications": absent}),
			"The notifications parameter must be defined"},
		{"a create with no notification in the list", box.tryCreate(with{"notifications": []any{}}),
			"The notifications parameter must contain at least one target type"},
		{"a create with null for notifications", box.tryCreate(with{"notifications": nil}),
			"object of type 'NoneType' has no len()"},
		{"a create without events", box.tryCreate(with{"events": absent}), "The events parameter must be defined"},
		{"a create with an event too few", box.tryCreate(with{"events": eventList(lifecycle.Patching)}),
			"The events parameter must contain the all 4 event definitions"},
		{"a create with the scans spelt rightly", box.tryCreate(with{"events": []any{
			map[string]any{"name": "BUILD_AMI", "enabled": true},
			map[string]any{"name": "SMOKE_TESTS_AMI_CREATE", "enabled": false},
			map[string]any{"name": "VULNERABILITY_SCANS_AMI_CREATE", "enabled": false},
			map[string]any{"name": "QA_CERTIFICATION_REQUEST", "enabled": false},
		}}), "The name parameter VULNERABILITY_SCANS_AMI_CREATE is not valid."},
		{"a create that does not build", box.tryCreate(with{"events": eventList(lifecycle.Creation)}),
			"An AMI Build request requires that the BUILD_AMI is defined and enabled."},
		{"a create that scans without smoke tests",
			box.tryCreate(with{"events": eventList(lifecycle.Creation, lifecycle.BuildAMI, lifecycle.VulnerabilityScansCreate)}),
			"Unable to proceed with BUILD_AMI event as a previous event SMOKE_TESTS_AMI_CREATE is in False state."},
		{"an update that certifies without scans", box.update(tested,
			[]lifecycle.Event{lifecycle.SmokeTestsCreate, lifecycle.QACertificationRequest}, nil),
			"Unable to proceed with QA_CERTIFICATION_REQUEST event as a previous event VULNERABILIY_SCANS_AMI_CREATE is in False state."},
		{"a body that is not JSON", box.send(http.MethodPost, "/ami-creation/lifecycles", nil, "{"), "Expecting value"},
		{"an update without a body", box.send(http.MethodPut, "/ami-creation/lifecycles", nil, nil), "'body'"},

		{"an update that builds", box.update(tested, []lifecycle.Event{lifecycle.BuildAMI}, nil),
			"The BUILD_AMI must not be enabled during an update request."},
		{"an update without an id", box.update(tested, no, with{"lifecycle_id": absent}), "lifecycle_id must be defined"},
		{"an update of an unknown lifecycle", box.update(unknown, no, nil), notThere},
		{"an update before the build has ended", box.update(building, no, nil), "Unable to get the detail of the created ami. {"},
		{"a status of an unknown lifecycle", box.status(unknown), notThere},
		{"a status without a key", box.send(http.MethodGet, "/ami-creation/lifecycles/"+tested+"/status", nil, nil),
			"api_key is expected as a query parameter"},
		{"a status with a wrong key", box.send(http.MethodGet, "/ami-patch/lifecycles/"+tested+"/status", url.Values{"api_key": {"x"}}, nil),
			"Invalid API Key for AMI Get Status operation."},
		{"the list with a wrong key", box.send(http.MethodGet, "/ami-patch/lifecycles/status", url.Values{"api_key": {"x"}}, nil),
			"Invalid API Key for AMI Get Status operation."},

		{"a certification before the build has ended", box.certify(building, "CERTIFIED", nil), "'outputs_ami_creation'"},
		{"a certification of an unknown lifecycle", box.certify(unknown, "CERTIFIED", nil), notThere},
		{"a certification without a status", box.certify(tested, "", with{"certification_status": absent}),
			"The certification_status parameter must be defined"},
		{"a certification with empty properties", box.certify(tested, "CERTIFIED", with{"properties": map[string]any{}}),
			"properties can not be empty as part of a lifecycle qa certification request."},
		{"a certification with null for properties", box.certify(tested, "CERTIFIED", with{"properties": nil}),
			"object of type 'NoneType' has no len()"},
		{"a second certification", box.certify(approved, "CERTIFIED", nil), "has already been received"},
		{"an approval before the build has ended", box.approve(building, "APPROVED", nil), "'outputs_ami_creation'"},
		{"an approval before the certification", box.approve(tested, "APPROVED", nil),
			"Unable to proceed with MARK_FOR_PRODUCTION_CREATE event as a previous event QA_CERTIFICATION_RESPONSE is in NOT_STARTED state."},
		{"an approval without a status", box.approve(tested, "", with{"approval_status": absent}),
			"The approval_status parameter must be defined"},
		{"a second approval", box.approve(approved, "APPROVED", nil), "has already been received"},
		{"a patch's approval before the patch", box.approvePatch(approved, "APPROVED", nil), "'outputs_ami_patch'"},

		{"a patch of what is not approved", box.patch(tested, no, nil),
			"Number of actual AMI Creation events: 4 does not match the number of expected AMI Creation events: 6."},
		{"a patch of what is not built", box.patch(building, no, nil), "The outputs_ami_creation attribute is missing."},
		{"a patch without a commit", box.patch(approved, no, with{"commit_ref": absent}),
			"An AMI Patch request requires that the commit_ref attribute is defined."},
		{"a patch without properties", box.patch(approved, no, with{"properties": absent}),
			"requires that the properties attribute is defined for event PATCH_AMI."},
		{"a patch without a component", box.patch(approved, no, with{"properties": map[string]any{"TICKET": "1"}}),
			"properties.patch_component_url attribute is defined"},
		{"a patch whose component was not uploaded", box.patch(approved, no, with{"properties": map[string]any{
			"patch_component_url":      "s3://ami-lifecycle-patch-components/" + approved + "/other.yaml",
			"patch_change_description": "x", "semver_bump_type": "MINOR",
		}}), "does not exist in S3."},
		{"a patch that does not patch", box.patch(approved, no, with{"events": eventList(lifecycle.Patching)}),
			"An AMI Patch request requires that the PATCH_AMI is defined and enabled."},
		{"a patch that scans without smoke tests", box.patch(approved, []lifecycle.Event{lifecycle.VulnerabilityScansPatch}, nil),
			"Unable to proceed with PATCH_AMI event as a previous event SMOKE_TESTS_AMI_PATCH is in False state."},
		{"a patch with the events of a creation", box.patch(approved, no, with{"events": eventList(lifecycle.Creation, scans...)}),
			"The events parameter must contain all 3 event definitions"},
		{"a patch update without a commit", box.updatePatch(approved, no, with{"commit_ref": absent}), "'commit_ref'"},
	}
	for _, test := range tests {
		assert.Equal(t, http.StatusInternalServerError, test.response.Status, "%s: %v", test.what, test.response.Body)
		text, _ := test.response.object()["error"].(string)
		assert.Contains(t, text, test.text, test.what)
		assert.Equal(t, "application/json", test.response.Header.Get("Content-Type"), test.what)
	}
}

func TestARefusedCreateLeavesNothingBehindUnlessItFailedLate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		changes with
		error   string
		orphan  bool
	}{
		"no owner":           {with{"owner": absent}, "The owner parameter must be defined", false},
		"a wrong key":        {with{"api_key": "x"}, "Invalid API Key", false},
		"a fraction":         {with{"product_ver": 1.5}, "Float types are not supported.", false},
		"no product version": {with{"product_ver": absent}, "'product_ver'", true},
		"no product name":    {with{"product_name": absent}, "'product_name'", true},
		"no commit":          {with{"commit_ref": absent}, "'commit_ref'", true},
		"no method":          {with{"notifications": []any{map[string]any{"target": "me@example.com"}}}, "'method'", true},
		"no target":          {with{"notifications": []any{map[string]any{"method": "EMAIL"}}}, "'target'", true},
		"no address": {with{"notifications": []any{map[string]any{"method": "EMAIL", "target": "the team"}}},
			"Invalid parameter: Email address", true},
		"an empty address": {with{"notifications": []any{map[string]any{"method": "EMAIL", "target": ""}}},
			"Invalid parameter: Email address", true},
		"a quoted name":      {with{"product_name": `the "best"`}, "InvalidExecutionInput", true},
		"a quoted version":   {with{"product_ver": `"1"`}, "InvalidExecutionInput", true},
		"a quoted commit":    {with{"commit_ref": `"1"`}, "InvalidExecutionInput", true},
		"a quoted stack tag": {with{"stack_tag": `"main"`}, "InvalidExecutionInput", true},
		"more than an item":  {with{"NOTE": strings.Repeat("x", 500<<10)}, "Item size has exceeded", false},
		"an unnamed product": {with{"product_name": absent, "events": []any{
			map[string]any{"name": "SMOKE_TESTS_AMI_CREATE", "enabled": false},
			map[string]any{"name": "VULNERABILIY_SCANS_AMI_CREATE", "enabled": false},
			map[string]any{"name": "QA_CERTIFICATION_REQUEST", "enabled": false},
			map[string]any{"name": "BUILD_AMI", "enabled": true},
		}}, "An AMI Build request requires that the product_name attribute is defined.", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box := start(t, sandbox.Options{Manual: true})
			response := box.tryCreate(test.changes)
			require.Equal(t, http.StatusInternalServerError, response.Status, response.Body)
			require.Contains(t, response.object()["error"], test.error)
			all := box.statuses().Body.([]any)
			if !test.orphan {
				require.Empty(t, all)
				return
			}
			require.Len(t, all, 1)
			assert.NotContains(t, all[0], "event_in_progress", "an orphan has nothing in progress")
		})
	}
}

func TestTheGatewayRespondsOutsideTheAPI(t *testing.T) {
	t.Parallel()
	box := start(t, sandbox.Options{Manual: true})
	for _, request := range [][2]string{
		{http.MethodGet, "/ami-creation/lifecycles"}, {http.MethodDelete, "/ami-creation/lifecycles"},
		{http.MethodPost, "/nothing"}, {http.MethodGet, "/ami-creation/lifecycles//status"},
		{http.MethodPost, "/ami-patch/lifecycles/x/certify"},
	} {
		response := box.send(request[0], request[1], nil, nil)
		assert.Equal(t, http.StatusNotFound, response.Status, request)
		assert.Equal(t, map[string]any{"message": "Not Found"}, response.Body, request)
	}
	tooLarge := box.tryCreate(with{"NOTE": strings.Repeat("x", 11<<20)})
	assert.Equal(t, http.StatusRequestEntityTooLarge, tooLarge.Status)
	crashed := box.send(http.MethodPost, "/ami-creation/lifecycles", nil, "5")
	assert.Equal(t, http.StatusInternalServerError, crashed.Status)
	assert.Equal(t, map[string]any{"message": "Internal Server Error"}, crashed.Body)
}

// The body keeps the orchestrator's text, which does not say that the lifecycle is unknown.
func TestALifecycleOfAnotherSandboxIsNamedInAHeader(t *testing.T) {
	box, other := manual(t), start(t, sandbox.Options{Manual: true})
	id := other.create(nil)
	for what, response := range map[string]response{
		"status": box.status(id), "update": box.update(id, nil, nil), "certification": box.certify(id, "CERTIFIED", nil),
		"patch": box.patch(id, nil, nil),
	} {
		requireRefused(t, response, "missing 1 required positional argument")
		assert.Contains(t, response.Header.Get(sandbox.HintHeader), "each sandbox has lifecycles of its own", what)
	}
	known := box.create(nil)
	assert.Empty(t, box.status(known).Header.Get(sandbox.HintHeader))
	assert.Empty(t, box.certify(known, "CERTIFIED", nil).Header.Get(sandbox.HintHeader))
}
