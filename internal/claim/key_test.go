package claim_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/lifecycle"
)

func TestACreatesKeyIsTheJobAndWhatItBuilds(t *testing.T) {
	base := claim.Build{ProductName: "Web", ProductVer: "1", StackTag: "main", CommitRef: "abc", Events: []lifecycle.Event{lifecycle.BuildAMI, lifecycle.SmokeTestsCreate}}
	with := func(change func(*claim.Build)) claim.Build {
		b := base
		change(&b)
		return b
	}
	same := claim.CreateKey("job", base)
	assert.True(t, strings.HasPrefix(same, "ami-action/creates/"))
	assert.Empty(t, claim.CreateKey("", base), "a laptop has no job")
	assert.Equal(t, same, claim.CreateKey("job", with(func(b *claim.Build) {
		b.Events = []lifecycle.Event{lifecycle.SmokeTestsCreate, lifecycle.BuildAMI, lifecycle.BuildAMI}
	})), "the order of events is the lifecycle's")
	others := map[string]string{"job": claim.CreateKey("other", base), "shifted": claim.CreateKey("job", claim.Build{ProductName: "Web1", ProductVer: "", StackTag: "main", CommitRef: "abc", Events: base.Events})}
	for name, change := range map[string]func(*claim.Build){
		"name":    func(b *claim.Build) { b.ProductName = "DB" },
		"version": func(b *claim.Build) { b.ProductVer = "2" },
		"tag":     func(b *claim.Build) { b.StackTag = "next" },
		"commit":  func(b *claim.Build) { b.CommitRef = "def" },
		"events":  func(b *claim.Build) { b.Events = b.Events[:1] },
	} {
		others[name] = claim.CreateKey("job", with(change))
	}
	seen := map[string]bool{same: true}
	for name, other := range others {
		assert.False(t, seen[other], name)
		seen[other] = true
	}
}

// Jobs of another version of this command look for these claims: they must stay as they are.
func TestAKeyIsTheSameInEveryVersion(t *testing.T) {
	assert.Equal(t, "ami-action/creates/91eb8f62a1620678ad41ce1463516a16.json", claim.CreateKey("github org/images build 42 create", claim.Build{
		ProductName: "Web", ProductVer: "1", StackTag: "main", CommitRef: "abc",
		Events: []lifecycle.Event{lifecycle.BuildAMI, lifecycle.SmokeTestsCreate, lifecycle.VulnerabilityScansCreate},
	}))
	document, err := lifecycle.Decode([]byte(`{"lifecycle_id":"3f0bd60d-fa7e-473e-a2ba-734ccfe1d0d7",
		"event_in_progress":{"name":"SMOKE_TESTS_AMI_CREATE","execution_arn":"arn:1","status":"ERROR"},
		"outputs_ami_creation":{"events":[{"name":"BUILD_AMI","status":"COMPLETED"}]}}`))
	require.NoError(t, err)
	assert.Equal(t, "ami-action/lifecycles/3f0bd60d-fa7e-473e-a2ba-734ccfe1d0d7/74a416d837e994ad8862192d9237e49b.json", claim.LifecycleKey(document))
}

func TestALifecyclesKeyIsHowItStands(t *testing.T) {
	const state = `{"lifecycle_id":"3f0bd60d","owner":"a","properties":{"x":"1"},
		"event_in_progress":{"name":"SMOKE_TESTS_AMI_CREATE","execution_arn":"arn:1","status":"ERROR"},
		"outputs_ami_creation":{"events":[{"name":"BUILD_AMI","status":"COMPLETED","properties":{"b":1,"a":2.50}}]}}`
	key := func(text string) string {
		document, err := lifecycle.Decode([]byte(text))
		require.NoError(t, err)
		return claim.LifecycleKey(document)
	}
	replaced := func(old, new string) string { return key(strings.Replace(state, old, new, 1)) }
	same := key(state)
	assert.True(t, strings.HasPrefix(same, "ami-action/lifecycles/3f0bd60d/"))
	assert.Equal(t, same, replaced(`"owner":"a"`, `"owner":"b","update_date":"11/25/2026, 10:00:00"`))
	assert.Equal(t, same, replaced(`"x":"1"`, `"x":"1","y":"2"`))
	assert.Equal(t, same, replaced(`{"b":1,"a":2.50}`, `{"a": 2.50, "b": 1}`), "the order of members says nothing")
	assert.NotEqual(t, same, replaced("arn:1", "arn:2"), "another execution")
	assert.NotEqual(t, same, replaced(`"ERROR"`, `"ERROR_EVENT_TIMEOUT"`), "it has ended otherwise")
	assert.NotEqual(t, same, replaced(`"COMPLETED"`, `"FAILED"`), "another result")
	assert.NotEqual(t, same, replaced("2.50", "2.51"), "another result of the same event")
	for _, id := range []string{"..", "a/b", "a b", "é"} {
		odd := replaced("3f0bd60d", id)
		assert.Regexp(t, `^ami-action/lifecycles/[0-9a-f]{32}/[0-9a-f]{32}\.json$`, odd)
	}
}
