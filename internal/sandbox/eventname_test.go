package sandbox_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

func TestEverySpellingOfAnEventMakesItFail(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name string
		runs []lifecycle.Event // the events that complete before it
		stop lifecycle.Event
	}{
		"the documented name":        {"VULNERABILITY_SCANS", []lifecycle.Event{lifecycle.BuildAMI, lifecycle.SmokeTestsCreate}, lifecycle.VulnerabilityScansCreate},
		"in lower case":              {"vulnerability_scans", []lifecycle.Event{lifecycle.BuildAMI, lifecycle.SmokeTestsCreate}, lifecycle.VulnerabilityScansCreate},
		"the wire's name":            {string(lifecycle.VulnerabilityScansCreate), []lifecycle.Event{lifecycle.BuildAMI, lifecycle.SmokeTestsCreate}, lifecycle.VulnerabilityScansCreate},
		"the wire's name, corrected": {"VULNERABILITY_SCANS_AMI_CREATE", []lifecycle.Event{lifecycle.BuildAMI, lifecycle.SmokeTestsCreate}, lifecycle.VulnerabilityScansCreate},
		"the title":                  {"Smoke tests", []lifecycle.Event{lifecycle.BuildAMI}, lifecycle.SmokeTestsCreate},
		"with hyphens":               {" smoke-tests ", []lifecycle.Event{lifecycle.BuildAMI}, lifecycle.SmokeTestsCreate},
		"the word of --events":       {"AMI_BUILD_ONLY", nil, lifecycle.BuildAMI},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			box := start(t, sandbox.Options{
				Now: clock.Now, EventDuration: time.Minute, Error: []lifecycle.Event{lifecycle.Event(test.name)},
			})
			id := box.create(everything())
			clock.move(time.Hour)
			document := box.document(id)
			for _, event := range test.runs {
				assert.True(t, document.HasCompleted(event), event)
			}
			require.NotNil(t, document.Running)
			assert.Equal(t, test.stop, document.Running.Name)
			assert.Equal(t, lifecycle.Error, document.Running.Status)
		})
	}
}

func TestAnEventIsEndedUnderAnyOfItsNames(t *testing.T) {
	box := manual(t)
	for _, name := range []string{"build_ami", "BUILD_AMI", "AMI_BUILD_ONLY"} {
		id := box.create(everything())
		box.mustControl("lifecycles/"+id+"/event", map[string]any{"status": "completed", "name": name})
		box.mustControl("lifecycles/"+id+"/event", map[string]any{"status": "COMPLETED", "name": "SMOKE_TESTS"})
		box.mustControl("lifecycles/"+id+"/event", map[string]any{"status": "COMPLETED", "name": "VULNERABILITY_SCANS_AMI_CREATE"})
		assert.Equal(t, lifecycle.QACertificationRequest, box.document(id).Running.Name)
		refused := box.control("lifecycles/"+id+"/event", map[string]any{"status": "COMPLETED", "name": "NONSENSE"})
		assert.Equal(t, 400, refused.Status)
		assert.Contains(t, refused.object()["error"], `unknown event "NONSENSE"`)
		conflict := box.control("lifecycles/"+id+"/event", map[string]any{"status": "COMPLETED", "name": "MARK_FOR_PRODUCTION"})
		assert.Equal(t, 409, conflict.Status)
		assert.Contains(t, conflict.object()["error"], "MARK_FOR_PRODUCTION is not in progress")
	}
}

func TestDurationsTakeEverySpelling(t *testing.T) {
	t.Parallel()
	clock := newClock()
	box := start(t, sandbox.Options{Now: clock.Now, EventDuration: time.Minute, EventDurations: map[lifecycle.Event]time.Duration{
		"AMI_BUILD_ONLY": time.Hour, "smoke_tests": 2 * time.Hour,
		lifecycle.SmokeTestsPatch: time.Second, // the name of one event overrides that of two
	}})
	id := box.create(everything())
	clock.move(3*time.Hour + 59*time.Second)
	document := box.document(id)
	require.Len(t, document.Results(lifecycle.Creation), 2)
	began := clock.Now().Add(-3*time.Hour - 59*time.Second)
	assert.Equal(t, time.Hour, document.Results(lifecycle.Creation)[0].StatusDate.Sub(began))
	assert.Equal(t, 3*time.Hour, document.Results(lifecycle.Creation)[1].StatusDate.Sub(began))
}

// The API accepts only the wire's names, as the orchestrator does.
func TestTheWireTakesItsOwnSpellingOnly(t *testing.T) {
	box := manual(t)
	for _, name := range []string{"VULNERABILITY_SCANS", "VULNERABILITY_SCANS_AMI_CREATE", "Vulnerability scans"} {
		events := eventList(lifecycle.Creation, lifecycle.BuildAMI)
		events[2].(map[string]any)["name"] = name
		requireRefused(t, box.tryCreate(with{"events": events}), "is not valid")
	}
}
