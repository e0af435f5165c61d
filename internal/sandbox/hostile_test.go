package sandbox_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

// oddValues are values of every JSON type except numbers. Some have the shape of the expected value. A number makes
// every later status fail, which TestANumberPoisonsTheStatusAndTheListOfAll tests.
var oddValues = []any{
	nil, false, "", `"`, []any{nil}, []any{"x"}, map[string]any{}, map[string]any{"name": nil},
	map[string]any{"method": nil, "target": false},
	map[string]any{"patch_component_url": nil, "patch_change_description": nil, "semver_bump_type": nil},
	map[string]any{"events": map[string]any{"name": []any{}}},
}

// Whatever the value of a member, the response is a success or a refusal with its reason, never a crash.
func TestNoValueOfAnyMemberBreaksTheSandbox(t *testing.T) {
	box := manual(t)
	box.mustControl("queue", map[string]any{"auto": false})
	healthy, approved := box.create(nil), box.approved()
	updates := []string{"api_key", "stack_tag", "owner", "notifications", "events", "properties", "lifecycle_id"}
	for _, request := range []struct {
		what    string
		members []string
		send    func(changes with) response
		end     lifecycle.Status
	}{
		{"create", append([]string{
			"product_ver", "product_name", "commit_ref", "creation_date", "outputs_ami_creation", "outputs_ami_patch",
			"inputs_ami_creation", "inputs_ami_patch", "event_in_progress", "timeline",
		}, updates...), box.tryCreate, lifecycle.Completed},
		{"update", updates, func(changes with) response {
			return box.update(approved, []lifecycle.Event{lifecycle.SmokeTestsCreate}, changes)
		}, lifecycle.Completed},
		// A patch that completes makes the document longer with each round.
		{"patch", append([]string{"commit_ref"}, updates...), func(changes with) response {
			return box.patch(approved, nil, changes)
		}, lifecycle.Error},
		{"patch update", append([]string{"commit_ref"}, updates...), func(changes with) response {
			return box.updatePatch(approved, []lifecycle.Event{lifecycle.SmokeTestsPatch}, changes)
		}, lifecycle.Completed},
		{"certify", []string{"api_key", "stack_tag", "lifecycle_id", "properties", "certification_status"},
			func(changes with) response { return box.certify(approved, "FAILED", changes) }, lifecycle.Completed},
		{"approve", []string{"api_key", "stack_tag", "lifecycle_id", "properties", "approval_status"},
			func(changes with) response { return box.approve(approved, "FAILED", changes) }, lifecycle.Completed},
	} {
		for _, member := range request.members {
			for _, value := range oddValues {
				name := fmt.Sprintf("%s with %s %s", request.what, member, dump(value))
				response := request.send(with{member: value})
				if response.Status != http.StatusOK {
					require.Equal(t, http.StatusInternalServerError, response.Status, name)
					require.NotEmpty(t, response.object()["error"], name)
					continue
				}
				// An accepted request may have started an event, which can be ended. Its receiver may refuse the result.
				id, _ := response.object()["lifecycle_id"].(string)
				ended := box.control("lifecycles/"+id+"/event", map[string]any{"status": request.end})
				assert.Contains(t, []int{http.StatusOK, http.StatusConflict}, ended.Status, name)
			}
		}
	}
	box.mustControl("queue/deliver", nil)
	require200(t, box.status(healthy))
}

func TestAResultWithoutATextWhereTagsNeedOneIsStoredAndNothingFollows(t *testing.T) {
	box := manual(t)
	id := box.create(with{"product_ver": nil, "events": everything()["events"]})
	box.end(id, lifecycle.Completed)
	document := box.document(id)
	assert.True(t, document.HasCompleted(lifecycle.BuildAMI))
	assert.Nil(t, document.Running)
}

func TestABuildWithoutAUsableStackTagLosesItsResult(t *testing.T) {
	box := manual(t)
	for _, tag := range []any{"", nil, map[string]any{}} {
		id := box.create(with{"stack_tag": tag})
		box.end(id, lifecycle.Completed)
		document := box.status(id).object()
		assert.NotContains(t, document, "outputs_ami_creation", "%v", tag)
		assert.Contains(t, document, "event_in_progress", "%v", tag)
	}
}
