package orchestrator_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
)

var channels = []lifecycle.Notification{{Method: "EMAIL", Target: "me@example.com"}}

// writes holds a call of each operation that changes something.
var writes = map[lifecycle.Operation]func(context.Context, *orchestrator.Client) (orchestrator.Accepted, error){
	lifecycle.Create: func(ctx context.Context, c *orchestrator.Client) (orchestrator.Accepted, error) {
		return c.Send(ctx, createRequest())
	},
	lifecycle.CreateUpdate: func(ctx context.Context, c *orchestrator.Client) (orchestrator.Accepted, error) {
		return c.Send(ctx, orchestrator.UpdateRequest{
			LifecycleID: lifecycleID, StackTag: "main", Owner: "me", Notifications: channels,
			Events: []lifecycle.Event{lifecycle.VulnerabilityScansCreate, lifecycle.SmokeTestsCreate},
		})
	},
	lifecycle.Patch: func(ctx context.Context, c *orchestrator.Client) (orchestrator.Accepted, error) {
		return c.Send(ctx, orchestrator.PatchRequest{
			LifecycleID: lifecycleID, StackTag: "main", Owner: "me", CommitRef: "0123abc", Notifications: channels,
			ComponentURL: "s3://bucket/" + lifecycleID + "/c.yaml", ChangeDescription: "Adds httpd.", SemverBumpType: "MINOR",
			Properties: map[string]string{"TICKET": "1", "semver_bump_type": "a user's own word"},
		})
	},
	lifecycle.PatchUpdate: func(ctx context.Context, c *orchestrator.Client) (orchestrator.Accepted, error) {
		return c.Send(ctx, orchestrator.PatchUpdateRequest{
			LifecycleID: lifecycleID, StackTag: "main", Owner: "me", Notifications: channels,
			Events: []lifecycle.Event{lifecycle.VulnerabilityScansPatch},
		})
	},
	lifecycle.QACertification: func(ctx context.Context, c *orchestrator.Client) (orchestrator.Accepted, error) {
		return c.Send(ctx, orchestrator.CertifyRequest{LifecycleID: lifecycleID,
			StackTag: "main", CertificationStatus: "CERTIFIED", Properties: map[string]string{"TICKET": "1"},
		})
	},
	lifecycle.ApprovalCreate: func(ctx context.Context, c *orchestrator.Client) (orchestrator.Accepted, error) {
		return c.Send(ctx, orchestrator.ApproveRequest{Phase: lifecycle.Creation, LifecycleID: lifecycleID, StackTag: "main", ApprovalStatus: "APPROVED"})
	},
	lifecycle.ApprovalPatch: func(ctx context.Context, c *orchestrator.Client) (orchestrator.Accepted, error) {
		return c.Send(ctx, orchestrator.ApproveRequest{Phase: lifecycle.Patching, LifecycleID: lifecycleID,
			StackTag: "main", ApprovalStatus: "FAILED", Properties: map[string]string{},
		})
	},
}

// reads holds a call of each operation that only reads.
var reads = map[lifecycle.Operation]func(context.Context, *orchestrator.Client) error{
	lifecycle.GetStatus: func(ctx context.Context, c *orchestrator.Client) error {
		_, err := c.Status(ctx, lifecycleID)
		return err
	},
	lifecycle.GetStatuses: func(ctx context.Context, c *orchestrator.Client) error {
		_, err := c.Statuses(ctx)
		return err
	},
	lifecycle.TimelineCreate: func(ctx context.Context, c *orchestrator.Client) error {
		_, err := c.Timeline(ctx, lifecycle.Creation, lifecycleID)
		return err
	},
	lifecycle.TimelinePatch: func(ctx context.Context, c *orchestrator.Client) error {
		_, err := c.Timeline(ctx, lifecycle.Patching, lifecycleID)
		return err
	},
}

func TestRequestsAreWrittenAsTheOrchestratorReadsThem(t *testing.T) {
	const mail = `"notifications": [{"method": "EMAIL", "target": "me@example.com"}]`
	tests := map[lifecycle.Operation]struct{ method, path, body string }{
		lifecycle.Create: {http.MethodPost, "/ami-creation/lifecycles", `{
			"api_key": "KEYami_creation_post_api_key", "stack_tag": "main", "owner": "me", ` + mail + `,
			"events": [{"name": "BUILD_AMI", "enabled": true}, {"name": "SMOKE_TESTS_AMI_CREATE", "enabled": true},
				{"name": "VULNERABILIY_SCANS_AMI_CREATE", "enabled": false}, {"name": "QA_CERTIFICATION_REQUEST", "enabled": false}],
			"product_ver": "1.0.0", "product_name": "Demo", "commit_ref": "0123abc", "properties": {"TICKET": "1"}}`},
		lifecycle.CreateUpdate: {http.MethodPut, "/ami-creation/lifecycles", `{
			"api_key": "KEYami_creation_put_api_key", "stack_tag": "main", "owner": "me", ` + mail + `, "lifecycle_id": "` + lifecycleID + `",
			"events": [{"name": "BUILD_AMI", "enabled": false}, {"name": "SMOKE_TESTS_AMI_CREATE", "enabled": true},
				{"name": "VULNERABILIY_SCANS_AMI_CREATE", "enabled": true}, {"name": "QA_CERTIFICATION_REQUEST", "enabled": false}]}`},
		lifecycle.Patch: {http.MethodPost, "/ami-patch/lifecycles", `{
			"api_key": "KEYami_patch_post_api_key", "stack_tag": "main", "owner": "me", ` + mail + `, "lifecycle_id": "` + lifecycleID + `",
			"events": [{"name": "PATCH_AMI", "enabled": true}, {"name": "SMOKE_TESTS_AMI_PATCH", "enabled": false},
				{"name": "VULNERABILITY_SCANS_AMI_PATCH", "enabled": false}],
			"commit_ref": "0123abc", "properties": {"TICKET": "1", "patch_component_url": "s3://bucket/` + lifecycleID + `/c.yaml",
				"patch_change_description": "Adds httpd.", "semver_bump_type": "MINOR"}}`},
		lifecycle.PatchUpdate: {http.MethodPut, "/ami-patch/lifecycles", `{
			"api_key": "KEYami_patch_put_api_key", "stack_tag": "main", "owner": "me", ` + mail + `, "lifecycle_id": "` + lifecycleID + `",
			"events": [{"name": "PATCH_AMI", "enabled": false}, {"name": "SMOKE_TESTS_AMI_PATCH", "enabled": false},
				{"name": "VULNERABILITY_SCANS_AMI_PATCH", "enabled": true}], "commit_ref": ""}`},
		lifecycle.QACertification: {http.MethodPost, "/ami-creation/lifecycles/" + lifecycleID + "/certify", `{
			"api_key": "KEYami_creation_qa_certification_key", "stack_tag": "main", "lifecycle_id": "` + lifecycleID + `",
			"certification_status": "CERTIFIED", "properties": {"TICKET": "1"}}`},
		lifecycle.ApprovalCreate: {http.MethodPost, "/ami-creation/lifecycles/" + lifecycleID + "/approve", `{
			"api_key": "KEYami_creation_mark_for_production_key", "stack_tag": "main", "lifecycle_id": "` + lifecycleID + `", "approval_status": "APPROVED"}`},
		lifecycle.ApprovalPatch: {http.MethodPost, "/ami-patch/lifecycles/" + lifecycleID + "/approve", `{
			"api_key": "KEYami_patch_mark_for_production_key", "stack_tag": "main", "lifecycle_id": "` + lifecycleID + `", "approval_status": "FAILED"}`},
	}
	for operation, send := range writes {
		t.Run(string(operation), func(t *testing.T) {
			server, seen := serve(t, responding(http.StatusOK, taken))

			_, err := send(t.Context(), clientOf(&fixedDeployment{url: server.URL}))

			require.NoError(t, err)
			require.Len(t, seen.all(), 1)
			got, want := seen.all()[0], tests[operation]
			assert.Equal(t, want.method, got.Method)
			assert.Equal(t, want.path, got.Path)
			assert.Empty(t, got.Query)
			body, err := json.Marshal(got.Body)
			require.NoError(t, err)
			assert.JSONEq(t, strings.ReplaceAll(want.body, "KEY", canary), string(body))
		})
	}
}

func TestAPatchLeavesTheCallersPropertiesAsTheyAre(t *testing.T) {
	server, _ := serve(t, responding(http.StatusOK, taken))
	properties := map[string]string{"TICKET": "1"}

	_, err := clientOf(&fixedDeployment{url: server.URL}).Send(t.Context(), orchestrator.PatchRequest{
		LifecycleID: lifecycleID, Notifications: channels, Properties: properties, SemverBumpType: "MINOR",
	})

	require.NoError(t, err)
	assert.Equal(t, map[string]string{"TICKET": "1"}, properties)
}

func TestEachReadCarriesItsOwnKeyInTheQuery(t *testing.T) {
	tests := map[lifecycle.Operation]struct{ path, key, response string }{
		lifecycle.GetStatus:      {"/ami-creation/lifecycles/" + lifecycleID + "/status", "ami_creation_status_api_key", `{"lifecycle_id": "` + lifecycleID + `"}`},
		lifecycle.GetStatuses:    {"/ami-creation/lifecycles/status", "ami_creation_status_api_key", `[]`},
		lifecycle.TimelineCreate: {"/ami-creation/lifecycles/" + lifecycleID + "/timeline", "ami_creation_timeline_api_key", "\n <!DOCTYPE html>"},
		lifecycle.TimelinePatch:  {"/ami-patch/lifecycles/" + lifecycleID + "/timeline", "ami_patch_timeline_api_key", "<html></html>"},
	}
	for operation, ask := range reads {
		t.Run(string(operation), func(t *testing.T) {
			server, seen := serve(t, responding(http.StatusOK, tests[operation].response))

			require.NoError(t, ask(t.Context(), clientOf(&fixedDeployment{url: server.URL})))

			assert.Equal(t, []received{{
				Method: http.MethodGet, Path: tests[operation].path, Query: "api_key=" + canary + tests[operation].key,
			}}, seen.all())
		})
	}
}

func TestALifecycleIDCannotChangeThePath(t *testing.T) {
	server, seen := serve(t, responding(http.StatusInternalServerError, `{"error": "unknown"}`))

	_, err := clientOf(&fixedDeployment{url: server.URL}).Status(t.Context(), "../a b?x=1#y/%2e")

	require.Error(t, err)
	require.Len(t, seen.all(), 1)
	assert.Equal(t, "/ami-creation/lifecycles/..%2Fa%20b%3Fx=1%23y%2F%252e/status", seen.all()[0].Path)
}

func TestWhatTheOrchestratorWouldBreakOnIsNotSent(t *testing.T) {
	change := func(f func(*orchestrator.CreateRequest)) func(context.Context, *orchestrator.Client) error {
		return func(ctx context.Context, c *orchestrator.Client) error {
			request := createRequest()
			f(&request)
			_, err := c.Send(ctx, request)
			return err
		}
	}
	tests := map[string]struct {
		send   func(context.Context, *orchestrator.Client) error
		reason string
	}{
		"no notification":               {change(func(r *orchestrator.CreateRequest) { r.Notifications = nil }), "notification"},
		"a notification without method": {change(func(r *orchestrator.CreateRequest) { r.Notifications[0].Method = "" }), "notification"},
		"an event of another phase": {change(func(r *orchestrator.CreateRequest) {
			r.Events = append(r.Events, lifecycle.SmokeTestsPatch)
		}), "cannot start event"},
		"too much": {change(func(r *orchestrator.CreateRequest) {
			r.Properties = map[string]string{"NOTES": strings.Repeat("x", 256<<10)}
		}), "limit of 240 KB"},
		"a build in an update": {func(ctx context.Context, c *orchestrator.Client) error {
			_, err := c.Send(ctx, orchestrator.UpdateRequest{
				LifecycleID: lifecycleID, Notifications: channels, Events: []lifecycle.Event{lifecycle.BuildAMI},
			})
			return err
		}, "AMI_CREATE_UPDATE cannot start event BUILD_AMI"},
		"no lifecycle to certify": {func(ctx context.Context, c *orchestrator.Client) error {
			_, err := c.Send(ctx, orchestrator.CertifyRequest{LifecycleID: "", CertificationStatus: "CERTIFIED"})
			return err
		}, "the lifecycle id is missing"},
		"no lifecycle to ask for": {func(ctx context.Context, c *orchestrator.Client) error {
			_, err := c.Status(ctx, "")
			return err
		}, "the lifecycle id is missing"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server, seen := serve(t, responding(http.StatusOK, taken))

			err := test.send(t.Context(), clientOf(&fixedDeployment{url: server.URL}))

			var invalid *orchestrator.InvalidError
			require.ErrorAs(t, err, &invalid)
			assert.Contains(t, invalid.Error(), "nothing was sent: ")
			assert.Contains(t, invalid.Reason, test.reason)
			assert.Empty(t, seen.all())
		})
	}
}

func TestEveryOperationNamesTheKeysOfItsWholeRun(t *testing.T) {
	const status = "ami_creation_status_api_key"
	want := map[lifecycle.Operation][]string{
		lifecycle.Create:          {"ami_creation_post_api_key", status},
		lifecycle.CreateUpdate:    {"ami_creation_put_api_key", status},
		lifecycle.Patch:           {"ami_patch_post_api_key", status},
		lifecycle.PatchUpdate:     {"ami_patch_put_api_key", status},
		lifecycle.QACertification: {"ami_creation_qa_certification_key", status},
		lifecycle.ApprovalCreate:  {"ami_creation_mark_for_production_key", status},
		lifecycle.ApprovalPatch:   {"ami_patch_mark_for_production_key", status},
		lifecycle.GetStatus:       {status},
		lifecycle.GetStatuses:     {status},
		lifecycle.Wait:            {status},
		lifecycle.Select:          {status},
		lifecycle.TimelineCreate:  {"ami_creation_timeline_api_key"},
		lifecycle.TimelinePatch:   {"ami_patch_timeline_api_key"},
	}
	for _, operation := range lifecycle.Operations() {
		assert.Equal(t, want[operation], orchestrator.KeysFor(operation), operation)
	}
	assert.Empty(t, orchestrator.KeysFor("AMI_UNKNOWN"))
}
