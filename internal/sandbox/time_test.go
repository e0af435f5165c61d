package sandbox_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

// clock is a clock that moves only when a test moves it. It is safe for concurrent use.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

func everything() with {
	return with{"events": eventList(lifecycle.Creation, lifecycle.Creation.Requestable()...)}
}

func TestEventsEndAtTheirOwnTimesThoughNobodyLooks(t *testing.T) {
	t.Parallel()
	clock := newClock()
	began := clock.Now()
	box := start(t, sandbox.Options{
		Now: clock.Now, EventDuration: time.Minute, HandoverDelay: time.Second,
		EventDurations: map[lifecycle.Event]time.Duration{lifecycle.BuildAMI: 10 * time.Minute},
	})
	id := box.create(everything())
	clock.move(24 * time.Hour)
	document := box.document(id)
	assert.Nil(t, document.Running)
	var ended []time.Duration
	for _, result := range document.Results(lifecycle.Creation) {
		assert.Equal(t, lifecycle.Completed, result.Status)
		ended = append(ended, result.StatusDate.Sub(began))
	}
	assert.Equal(t, []time.Duration{
		10 * time.Minute, 11*time.Minute + time.Second, 12*time.Minute + 2*time.Second, 13*time.Minute + 3*time.Second,
	}, ended)
}

func TestBetweenTwoEventsThereIsAMomentWithoutOne(t *testing.T) {
	t.Parallel()
	clock := newClock()
	box := start(t, sandbox.Options{Now: clock.Now, EventDuration: time.Minute, HandoverDelay: time.Second})
	id := box.create(everything())
	clock.move(time.Minute)
	document := box.document(id)
	assert.Nil(t, document.Running)
	assert.True(t, document.HasCompleted(lifecycle.BuildAMI))
	clock.move(time.Second)
	assert.Equal(t, lifecycle.SmokeTestsCreate, running(box.document(id)))
}

func TestAnEventInFlightEndsWithoutAProcess(t *testing.T) {
	t.Parallel()
	clock, dir := newClock(), filepath.Join(t.TempDir(), "state")
	options := sandbox.Options{Dir: dir, Now: clock.Now, EventDuration: time.Minute}
	first := start(t, options)
	id := first.create(nil)
	require.NoError(t, first.Close())
	clock.move(time.Hour)
	second := start(t, options)
	require.NotEqual(t, first.URL(), second.URL())
	assert.Equal(t, first.keys, second.keys, "the keys are made once a directory")
	document := second.document(id)
	assert.True(t, document.HasCompleted(lifecycle.BuildAMI))
	assert.Contains(t, string(document.Raw), second.BaseURL()+"/ami-creation/lifecycles/"+id+"/timeline")
	ignore, err := os.ReadFile(filepath.Join(dir, ".gitignore"))
	require.NoError(t, err)
	assert.Equal(t, "*\n", string(ignore))
}

func TestVersionsFollowTheOrderOfTheEndsThoughNobodyLooked(t *testing.T) {
	t.Parallel()
	clock := newClock()
	box := start(t, sandbox.Options{Now: clock.Now, EventDuration: time.Minute})
	first := box.create(nil)
	clock.move(time.Second)
	second := box.create(nil)
	clock.move(time.Hour)
	assert.Equal(t, "2.0.0", box.document(second).ResultOf(lifecycle.BuildAMI).AMIs[0].SemanticVersion)
	assert.Equal(t, "1.0.0", box.document(first).ResultOf(lifecycle.BuildAMI).AMIs[0].SemanticVersion)
}

func TestVerdictsTravelThroughTheQueue(t *testing.T) {
	t.Parallel()
	clock := newClock()
	box := start(t, sandbox.Options{Now: clock.Now, EventDuration: time.Minute, QueueDelay: 10 * time.Second})
	id := box.create(everything())
	clock.move(time.Hour)
	require200(t, box.certify(id, "CERTIFIED", nil))
	assert.Nil(t, box.document(id).ResultOf(lifecycle.QACertificationResponse))
	clock.move(10 * time.Second)
	assert.True(t, box.document(id).HasCompleted(lifecycle.QACertificationResponse))
	require200(t, box.approve(id, "APPROVED", nil))
	assert.Equal(t, lifecycle.MarkForProductionCreate, running(box.document(id)))
	clock.move(time.Minute)
	assert.True(t, box.document(id).HasCompleted(lifecycle.MarkForProductionCreate))
}

func TestAHeldQueueDeliversWhenItIsLetGo(t *testing.T) {
	t.Parallel()
	clock := newClock()
	box := start(t, sandbox.Options{Now: clock.Now, EventDuration: time.Minute})
	id := box.create(everything())
	clock.move(time.Hour)
	require200(t, box.certify(id, "CERTIFIED", nil))
	box.mustControl("queue", map[string]any{"auto": false})
	clock.move(time.Hour)
	assert.Nil(t, box.document(id).ResultOf(lifecycle.QACertificationResponse))
	box.mustControl("queue", map[string]any{"auto": true})
	assert.True(t, box.document(id).HasCompleted(lifecycle.QACertificationResponse))
}

func TestADemonstrationOfAFailureGoesRoundAndRound(t *testing.T) {
	t.Parallel()
	clock := newClock()
	box := start(t, sandbox.Options{
		Now: clock.Now, EventDuration: time.Second, Fail: []lifecycle.Event{lifecycle.SmokeTestsCreate},
	})
	id := box.create(everything())
	clock.move(10 * 365 * 24 * time.Hour)
	document := box.document(id)
	assert.Equal(t, []string{"BUILD_AMI COMPLETED", "SMOKE_TESTS_AMI_CREATE FAILED"}, results(document, lifecycle.Creation))
	assert.InDelta(t, 0, clock.Now().Sub(document.ResultOf(lifecycle.SmokeTestsCreate).StatusDate.Time).Seconds(), 3,
		"the last round ended just now")
}

func TestADemonstrationOfAnErrorStaysWhereItIs(t *testing.T) {
	t.Parallel()
	clock := newClock()
	box := start(t, sandbox.Options{
		Now: clock.Now, EventDuration: time.Minute, Error: []lifecycle.Event{lifecycle.VulnerabilityScansCreate},
	})
	id := box.create(everything())
	clock.move(time.Hour)
	document := box.document(id)
	require.NotNil(t, document.Running)
	assert.Equal(t, lifecycle.VulnerabilityScansCreate, document.Running.Name)
	assert.Equal(t, lifecycle.Error, document.Running.Status)
	assert.NotEmpty(t, document.Running.ErrorMessage)
}

func TestABackslashThatFormsAnEscapeIsDecodedByTheStateMachine(t *testing.T) {
	t.Parallel()
	for sent, decoded := range map[string]string{
		`base\tools`: "base\tools", `D:\new`: "D:\new", `a\\b`: `a\b`, `\u00fc`: "ü",
	} {
		clock := newClock()
		box := start(t, sandbox.Options{Now: clock.Now, EventDuration: time.Minute})
		id := box.create(with{"product_name": sent})
		clock.move(time.Hour)
		document := box.status(id).object()
		assert.Equal(t, sent, document["product_name"])
		events := document["outputs_ami_creation"].(map[string]any)["events"].([]any)
		assert.Equal(t, decoded, events[0].(map[string]any)["product_name"], sent)
	}
}

func TestABuildOfSomethingWithoutANameEndsInError(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"product_name", "product_ver", "commit_ref"} {
		clock := newClock()
		box := start(t, sandbox.Options{Now: clock.Now, EventDuration: time.Minute})
		id := box.create(with{key: ""})
		assert.Equal(t, lifecycle.BuildAMI, running(box.document(id)), key)
		clock.move(time.Minute)
		document := box.document(id)
		require.NotNil(t, document.Running, key)
		assert.Equal(t, lifecycle.Error, document.Running.Status, key)
		assert.Contains(t, document.Running.ErrorMessage, key)
		assert.Empty(t, document.Results(lifecycle.Creation), key)
	}
}

func TestATextThatTheStateMachineCannotReadNeverEnds(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`C:\x`, "two\nlines", "a\x01b", `the last\`, `\u12`} {
		clock := newClock()
		box := start(t, sandbox.Options{Now: clock.Now, EventDuration: time.Minute})
		id := box.create(with{"product_name": text})
		clock.move(time.Hour)
		assert.Equal(t, lifecycle.BuildAMI, running(box.document(id)), "%q", text)
		clock.move(4 * time.Hour)
		assert.Equal(t, lifecycle.ErrorEventTimeout, box.document(id).Running.Status, "%q", text)
	}
	clock := newClock()
	box := start(t, sandbox.Options{Now: clock.Now, EventDuration: time.Minute})
	id := box.create(with{"product_name": "Größe ✓ 🚀 <&>"})
	clock.move(time.Hour)
	assert.True(t, box.document(id).HasCompleted(lifecycle.BuildAMI), "what is not ASCII arrives")
}
