package sandbox_test

import (
	"maps"
	"net/http"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

// with holds a test's changes to a request: the new values by member. The value absent removes the member.
type with map[string]any

type absentValue struct{}

var absent absentValue

func (w with) in(body map[string]any) map[string]any {
	maps.Copy(body, w)
	maps.DeleteFunc(body, func(_ string, value any) bool { return value == any(absent) })
	return body
}

// eventList returns the list of all requestable events of the phase, in which the given ones are enabled.
func eventList(phase lifecycle.Phase, enabled ...lifecycle.Event) []any {
	var list []any
	for _, event := range phase.Requestable() {
		list = append(list, map[string]any{"name": event, "enabled": slices.Contains(enabled, event)})
	}
	return list
}

func (b *box) common(key string) map[string]any {
	return map[string]any{
		"api_key": b.keys[key], "stack_tag": "main", "owner": "me",
		"notifications": []any{map[string]any{"method": "EMAIL", "target": "me@example.com"}},
	}
}

// tryCreate sends a create that only builds, with the changes.
func (b *box) tryCreate(changes with) response {
	b.t.Helper()
	body := b.common("ami_creation_post_api_key")
	body["events"] = eventList(lifecycle.Creation, lifecycle.BuildAMI)
	body["product_ver"], body["product_name"], body["commit_ref"] = "1.0.0", "Demo", "0123abc"
	return b.send(http.MethodPost, "/ami-creation/lifecycles", nil, changes.in(body))
}

// create is like tryCreate, but requires that it succeeds and returns the lifecycle's id.
func (b *box) create(changes with) string {
	b.t.Helper()
	response := b.tryCreate(changes)
	require.Equal(b.t, http.StatusOK, response.Status, response.Body)
	return response.object()["lifecycle_id"].(string)
}

// update requests further events of a creation.
func (b *box) update(id string, enabled []lifecycle.Event, changes with) response {
	b.t.Helper()
	body := b.common("ami_creation_put_api_key")
	body["lifecycle_id"], body["events"] = id, eventList(lifecycle.Creation, enabled...)
	return b.send(http.MethodPut, "/ami-creation/lifecycles", nil, changes.in(body))
}

// patch uploads a component and requests a patch with these further events.
func (b *box) patch(id string, further []lifecycle.Event, changes with) response {
	b.t.Helper()
	body := b.common("ami_patch_post_api_key")
	body["lifecycle_id"], body["commit_ref"] = id, "0123abc"
	body["events"] = eventList(lifecycle.Patching, append(further, lifecycle.PatchAMI)...)
	body["properties"] = map[string]any{
		"patch_component_url":      "s3://ami-lifecycle-patch-components/" + id + "/component.yaml",
		"patch_change_description": "Adds nothing.", "semver_bump_type": "MINOR",
	}
	b.upload(body)
	return b.send(http.MethodPost, "/ami-patch/lifecycles", nil, changes.in(body))
}

// updatePatch requests further events of the current patch.
func (b *box) updatePatch(id string, enabled []lifecycle.Event, changes with) response {
	b.t.Helper()
	body := b.common("ami_patch_put_api_key")
	body["lifecycle_id"], body["commit_ref"] = id, "0123abc"
	body["events"] = eventList(lifecycle.Patching, enabled...)
	return b.send(http.MethodPut, "/ami-patch/lifecycles", nil, changes.in(body))
}

func (b *box) certify(id, status string, changes with) response {
	b.t.Helper()
	return b.send(http.MethodPost, "/ami-creation/lifecycles/"+id+"/certify", nil, changes.in(map[string]any{
		"api_key": b.keys["ami_creation_qa_certification_key"], "stack_tag": "main",
		"lifecycle_id": id, "certification_status": status,
	}))
}

func (b *box) approve(id, status string, changes with) response {
	b.t.Helper()
	return b.send(http.MethodPost, "/ami-creation/lifecycles/"+id+"/approve", nil, changes.in(map[string]any{
		"api_key": b.keys["ami_creation_mark_for_production_key"], "stack_tag": "main",
		"lifecycle_id": id, "approval_status": status,
	}))
}

func (b *box) approvePatch(id, status string, changes with) response {
	b.t.Helper()
	return b.send(http.MethodPost, "/ami-patch/lifecycles/"+id+"/approve", nil, changes.in(map[string]any{
		"api_key": b.keys["ami_patch_mark_for_production_key"], "stack_tag": "main",
		"lifecycle_id": id, "approval_status": status,
	}))
}

// end ends the event in progress through the control route.
func (b *box) end(id string, status lifecycle.Status) {
	b.t.Helper()
	b.mustControl("lifecycles/"+id+"/event", map[string]any{"status": status})
}

// endNamed ends the oldest execution of the event.
func (b *box) endNamed(id string, event lifecycle.Event, status lifecycle.Status) {
	b.t.Helper()
	b.mustControl("lifecycles/"+id+"/event", map[string]any{"status": status, "name": event})
}

// tested makes a lifecycle with all four requestable events completed, and returns its id.
func (b *box) tested() string {
	b.t.Helper()
	id := b.create(with{"events": eventList(lifecycle.Creation, lifecycle.Creation.Requestable()...)})
	for range lifecycle.Creation.Requestable() {
		b.end(id, lifecycle.Completed)
	}
	return id
}

// approved makes a lifecycle that can be patched, and returns its id.
func (b *box) approved() string {
	b.t.Helper()
	id := b.tested()
	require.Equal(b.t, http.StatusOK, b.certify(id, "CERTIFIED", nil).Status)
	b.mustControl("queue/deliver", nil)
	require.Equal(b.t, http.StatusOK, b.approve(id, "APPROVED", nil).Status)
	b.end(id, lifecycle.Completed)
	return id
}

// document returns the status of a lifecycle, decoded as a client decodes it.
func (b *box) document(id string) *lifecycle.Document {
	b.t.Helper()
	response := b.status(id)
	require.Equal(b.t, http.StatusOK, response.Status, response.Body)
	document, err := lifecycle.Decode([]byte(dump(response.Body)))
	require.NoError(b.t, err)
	return document
}

// results returns the results of a phase in the form EVENT STATUS, oldest first.
func results(document *lifecycle.Document, phase lifecycle.Phase) []string {
	found := []string{}
	for _, result := range document.Results(phase) {
		found = append(found, string(result.Name)+" "+string(result.Status))
	}
	return found
}

// running returns the event in progress, or "".
func running(document *lifecycle.Document) lifecycle.Event {
	if !document.Running.IsRunning() {
		return ""
	}
	return document.Running.Name
}
