package sandbox_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

func TestSeededLifecyclesAreLikeThoseOfRequests(t *testing.T) {
	t.Parallel()
	clock := newClock()
	box := start(t, sandbox.Options{Now: clock.Now, EventDuration: time.Minute})
	ids, err := box.Seed(t.Context(), sandbox.Seeding{Count: 40, StackTag: "many"})
	require.NoError(t, err)
	require.Len(t, ids, 40)
	versions, images, stages := map[string]bool{}, map[string]bool{}, map[string]int{}
	built := 0
	for _, id := range ids {
		document := box.document(id)
		assert.Equal(t, id, document.ID)
		if running(document) == lifecycle.BuildAMI {
			stages["running"]++
			continue
		}
		stages[dump(results(document, lifecycle.Creation))]++
		if result := document.ResultOf(lifecycle.BuildAMI); result != nil {
			built++
			versions[result.AMIs[0].SemanticVersion] = true
			images[result.AMIs[0].ID] = true
		}
	}
	assert.Len(t, versions, built, "each has a version of its own")
	assert.Len(t, images, built, "and an image of its own")
	assert.Len(t, stages, 8, "a build, or a scan, that ended in an error leaves no result")
	assert.Equal(t, 5, stages["running"])
	table, err := dynamodb.NewFromConfig(box.awsConfig()).Query(t.Context(), byTag("many"))
	require.NoError(t, err)
	assert.Len(t, table.Items, built)

	clock.move(time.Minute)
	for i := 0; i < len(ids); i += 9 {
		assert.True(t, box.document(ids[i]).HasCompleted(lifecycle.BuildAMI), "what was in progress ends")
	}
	require200(t, box.certify(ids[5], "CERTIFIED", with{"stack_tag": "many"}))
	require200(t, box.approve(ids[7], "APPROVED", with{"stack_tag": "many"}))
}

func TestASeedingThatMakesNoSenseIsRefused(t *testing.T) {
	box := manual(t)
	for _, body := range []map[string]any{{}, {"count": 0}, {"count": -1}, {"count": 1_000_000}, {"count": 1, "bytes": 1 << 20}, {"number": 1}} {
		assert.Equal(t, 400, box.control("seed", body).Status, "%v", body)
	}
}

func TestTheListOfManyLifecyclesIsCutAtOneMegabyte(t *testing.T) {
	box := manual(t)
	ids, err := box.Seed(t.Context(), sandbox.Seeding{Count: 500, Bytes: 4000})
	require.NoError(t, err)
	list := box.statuses()
	require200(t, list)
	encoded, err := json.Marshal(list.Body)
	require.NoError(t, err)
	assert.InDelta(t, 1<<20, len(encoded), 200_000, "about as much as one scan reads")
	assert.Less(t, len(list.Body.([]any)), len(ids))

	var inProgress []string
	for i := 0; i < len(ids); i += 9 {
		inProgress = append(inProgress, ids[i])
	}
	slices.Sort(inProgress) // The scan is in the order of the ids.
	box.mustControl("lifecycles/"+inProgress[len(inProgress)-1]+"/age", map[string]any{"minutes": 241})
	require200(t, box.statuses())
	box.mustControl("lifecycles/"+inProgress[0]+"/age", map[string]any{"minutes": 241})
	requireRefused(t, box.statuses(), "unexpected keyword argument")
	require200(t, box.status(inProgress[1]))
}
