package orchestrator_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/sandbox"
)

// box is a sandbox in which the test ends each event, and a client that finds it in the same way as in production.
type box struct {
	url    string
	finder *deployment.Finder
	client *orchestrator.Client
}

func newBox(t *testing.T) *box {
	t.Helper()
	server, err := sandbox.Start(t.Context(), sandbox.Options{Dir: t.TempDir(), Manual: true})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	finder, err := deployment.New(deployment.Options{AWSEndpoint: server.URL()})
	require.NoError(t, err)
	return &box{url: server.URL(), finder: finder, client: clientOf(finder)}
}

// control sends a request to one of the sandbox's control routes.
func (b *box) control(t *testing.T, path, body string) {
	t.Helper()
	response, err := http.Post(b.url+"/_sandbox/"+path, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode, path)
}

// complete ends the events with COMPLETED, one after the other, and returns the status document afterwards.
func (b *box) complete(t *testing.T, id string, events ...lifecycle.Event) *lifecycle.Document {
	t.Helper()
	for _, event := range events {
		b.control(t, "lifecycles/"+id+"/event", `{"status": "COMPLETED", "name": "`+string(event)+`"}`)
	}
	document, err := b.client.Status(t.Context(), id)
	require.NoError(t, err)
	for _, event := range events {
		require.True(t, document.HasCompleted(event), event)
	}
	return document
}

func TestEveryOperationTakesALifecycleThroughTheSandbox(t *testing.T) {
	box := newBox(t)
	ctx := t.Context()
	box.control(t, "queue", `{"auto": false}`)
	var needed []string
	for _, operation := range lifecycle.Operations() {
		needed = append(needed, orchestrator.KeysFor(operation)...)
	}
	require.NoError(t, box.finder.Prefetch(ctx, slices.Compact(slices.Sorted(slices.Values(needed))), true))

	accepted, err := box.client.Send(ctx, createRequest())
	require.NoError(t, err)
	id := accepted.LifecycleID
	assert.Equal(t, "me", accepted.Owner)
	assert.False(t, accepted.CreationDate.IsZero())
	assert.Equal(t, channels, accepted.Channels)
	document := box.complete(t, id, lifecycle.BuildAMI, lifecycle.SmokeTestsCreate)
	assert.Equal(t, "1", document.Properties["TICKET"])
	assert.Equal(t, "0123abc", document.CommitRef)

	_, err = box.client.Send(ctx, orchestrator.UpdateRequest{
		LifecycleID: id, StackTag: "main", Owner: "me", Notifications: channels,
		Events: []lifecycle.Event{lifecycle.VulnerabilityScansCreate, lifecycle.QACertificationRequest},
	})
	require.NoError(t, err)
	box.complete(t, id, lifecycle.VulnerabilityScansCreate, lifecycle.QACertificationRequest)

	_, err = box.client.Send(ctx, orchestrator.CertifyRequest{LifecycleID: id, StackTag: "main", CertificationStatus: "CERTIFIED"})
	require.NoError(t, err)
	box.control(t, "queue/deliver", "")
	_, err = box.client.Send(ctx, orchestrator.ApproveRequest{Phase: lifecycle.Creation, LifecycleID: id, StackTag: "main", ApprovalStatus: "APPROVED"})
	require.NoError(t, err)
	document = box.complete(t, id, lifecycle.MarkForProductionCreate)
	assert.True(t, document.HasCompleted(lifecycle.QACertificationResponse))

	url, err := box.finder.Upload(ctx, id, "component.yaml", []byte("name: httpd\n"), "token")
	require.NoError(t, err)
	token, err := box.finder.Uploaded(ctx, id, "component.yaml")
	require.NoError(t, err)
	assert.Equal(t, "token", token)
	token, err = box.finder.Uploaded(ctx, id, "another.yaml")
	require.NoError(t, err)
	assert.Empty(t, token)
	_, err = box.client.Send(ctx, orchestrator.PatchRequest{
		LifecycleID: id, StackTag: "main", Owner: "me", CommitRef: "456def", Notifications: channels,
		ComponentURL: url, ChangeDescription: "Adds httpd.", SemverBumpType: "MINOR",
	})
	require.NoError(t, err)
	document = box.complete(t, id, lifecycle.PatchAMI)
	assert.Equal(t, url, document.InputsPatch.Properties["patch_component_url"])
	assert.Equal(t, "1.1.0", document.ResultOf(lifecycle.PatchAMI).AMIs[0].SemanticVersion)

	_, err = box.client.Send(ctx, orchestrator.PatchUpdateRequest{
		LifecycleID: id, StackTag: "main", Owner: "me", CommitRef: "456def", Notifications: channels,
		Events: []lifecycle.Event{lifecycle.SmokeTestsPatch, lifecycle.VulnerabilityScansPatch},
	})
	require.NoError(t, err)
	box.complete(t, id, lifecycle.SmokeTestsPatch, lifecycle.VulnerabilityScansPatch)
	_, err = box.client.Send(ctx, orchestrator.ApproveRequest{Phase: lifecycle.Patching, LifecycleID: id, StackTag: "main", ApprovalStatus: "APPROVED"})
	require.NoError(t, err)
	box.complete(t, id, lifecycle.MarkForProductionPatch)

	documents, err := box.client.Statuses(ctx)
	require.NoError(t, err)
	require.Len(t, documents, 1)
	for _, phase := range []lifecycle.Phase{lifecycle.Creation, lifecycle.Patching} {
		page, err := box.client.Timeline(ctx, phase, id)
		require.NoError(t, err)
		assert.Contains(t, string(page), "</html>")
	}
}

func TestTheSandboxRefusesAsTheOrchestratorDoes(t *testing.T) {
	box := newBox(t)
	_, err := box.client.Status(t.Context(), "no-such-lifecycle")
	require.ErrorContains(t, err, "each sandbox has lifecycles of its own")
	assert.Equal(t, refused, outcomeOf(err))

	accepted, err := box.client.Send(t.Context(), createRequest())
	require.NoError(t, err)
	_, err = box.client.Send(t.Context(), orchestrator.ApproveRequest{Phase: lifecycle.Creation, LifecycleID: accepted.LifecycleID, StackTag: "main", ApprovalStatus: "APPROVED"})
	require.ErrorContains(t, err, "that it has been certified")
	assert.Equal(t, refused, outcomeOf(err))
}

func TestARedeploymentInTheMiddleOfAWaitIsSurvived(t *testing.T) {
	box := newBox(t)
	accepted, err := box.client.Send(t.Context(), createRequest())
	require.NoError(t, err)
	_, err = box.client.Status(t.Context(), accepted.LifecycleID)
	require.NoError(t, err)

	box.control(t, "keys/rotate", "")

	document, err := box.client.Status(t.Context(), accepted.LifecycleID)
	require.NoError(t, err)
	assert.Equal(t, accepted.LifecycleID, document.ID)
}

func TestAFaultOfTheSandboxAfterTheWorkLeavesOneLifecycleAndAnUncertainClient(t *testing.T) {
	for name, fault := range map[string]string{
		"a reset":          `"reset": true`,
		"a cut body":       `"truncate": true`,
		"a time-out":       `"status": 504`,
		"a gateway's page": `"status": 200, "body": "<html>"`,
	} {
		t.Run(name, func(t *testing.T) {
			box := newBox(t)
			box.control(t, "faults", `{"route": "POST /ami-creation/lifecycles", "after": true, `+fault+`}`)

			_, err := box.client.Send(t.Context(), createRequest())

			assert.Equal(t, uncertain, outcomeOf(err))
			documents, err := box.client.Statuses(t.Context())
			require.NoError(t, err)
			assert.Len(t, documents, 1)
		})
	}
}
