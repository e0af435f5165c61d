package lifecycle_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

func TestADocumentTellsHowLongItsEventsTookAsFarAsItsDatesProveIt(t *testing.T) {
	const (
		built   = `{"name": "BUILD_AMI", "status": "COMPLETED", "status_date": "03/01/2026, 08:40:00"}`
		smoked  = `{"name": "SMOKE_TESTS_AMI_CREATE", "status": "COMPLETED", "status_date": "03/01/2026, 08:47:00"}`
		failed  = `{"name": "SMOKE_TESTS_AMI_CREATE", "status": "FAILED", "status_date": "03/01/2026, 08:43:00"}`
		scanned = `{"name": "VULNERABILIY_SCANS_AMI_CREATE", "status": "COMPLETED", "status_date": "03/01/2026, 09:07:00"}`
		decided = `{"name": "QA_CERTIFICATION_RESPONSE", "status": "COMPLETED", "status_date": "03/01/2026, 09:30:00"}`
		patched = `{"name": "PATCH_AMI", "status": "COMPLETED", "status_date": "03/02/2026, 10:30:00"}`
		tested  = `{"name": "SMOKE_TESTS_AMI_PATCH", "status": "COMPLETED", "status_date": "03/02/2026, 10:36:00"}`
	)
	created := `"creation_date": "03/01/2026, 08:00:00"`
	creation := func(results string) string { return `, "outputs_ami_creation": {"events": [` + results + `]}` }
	patch := func(asked, results string) string {
		return `, "inputs_ami_patch": {"events": [], "update_date": "` + asked + `"}, "outputs_ami_patch": {"patch_history": {"current": {"events": [` + results + `]}}}`
	}
	type lengths map[lifecycle.Event]time.Duration
	build, smoke, scan := lifecycle.BuildAMI, lifecycle.SmokeTestsCreate, lifecycle.VulnerabilityScansCreate
	for name, c := range map[string]struct {
		document string
		want     lengths
	}{
		"a create that went through by itself": {
			created + creation(built+","+smoked+","+scanned), lengths{build: 40 * time.Minute, smoke: 7 * time.Minute, scan: 20 * time.Minute},
		},
		"an event that an update asked for began with the update": {
			created + `, "update_date": "03/01/2026, 08:45:00"` + creation(built+","+smoked+","+scanned),
			lengths{build: 40 * time.Minute, smoke: 2 * time.Minute, scan: 20 * time.Minute},
		},
		"what ended before the last update may have waited for another one": {
			created + `, "update_date": "03/01/2026, 08:50:00"` + creation(built+","+smoked+","+scanned), lengths{build: 40 * time.Minute, scan: 17 * time.Minute},
		},
		"a failed event is not measured, and its repetition begins at its end": {
			created + creation(built+","+failed+","+smoked), lengths{build: 40 * time.Minute, smoke: 4 * time.Minute},
		},
		"people's decisions are not measured": {
			created + creation(built+","+decided), lengths{build: 40 * time.Minute},
		},
		"a patch began when it was asked for": {
			created + creation(built) + patch("03/02/2026, 10:00:00", patched+","+tested),
			lengths{build: 40 * time.Minute, lifecycle.PatchAMI: 30 * time.Minute, lifecycle.SmokeTestsPatch: 6 * time.Minute},
		},
		"the patch before the one that is in progress proves nothing": {
			created + creation(built) + patch("03/03/2026, 10:00:00", patched+","+tested), lengths{build: 40 * time.Minute},
		},
		"a patch whose request has no date proves nothing": {
			created + creation(built) + patch("", patched+","+tested), lengths{build: 40 * time.Minute},
		},
		"an update of a patch hides when the patch began": {
			created + creation(built) + patch("03/02/2026, 10:32:00", patched+","+tested), lengths{build: 40 * time.Minute, lifecycle.SmokeTestsPatch: 4 * time.Minute},
		},
		"without a date there is nothing to measure": {
			creation(built)[2:], lengths{},
		},
		"a length that no event can have is a wrong clock": {
			`"creation_date": "02/01/2026, 08:00:00"` + creation(built), lengths{},
		},
		"whole seconds do not measure a few of them": {
			`"creation_date": "03/01/2026, 08:39:55"` + creation(built), lengths{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			document, err := lifecycle.Decode([]byte(`{"lifecycle_id": "a", ` + c.document + `}`))
			require.NoError(t, err)
			got := lengths{}
			for _, took := range document.EventDurations() {
				got[took.Event] = took.Length
				assert.Equal(t, document.ResultOf(took.Event).StatusDate.Time, took.Ended)
			}
			assert.Equal(t, c.want, got)
		})
	}
}
