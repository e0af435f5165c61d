package lifecycle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

// asked returns the JSON of inputs that enable events.
func asked(phase lifecycle.Phase, events ...lifecycle.Event) string {
	var switches []string
	for _, event := range phase.Requestable() {
		switches = append(switches, fmt.Sprintf(`{"name": %q, "enabled": %t}`, string(event), slices.Contains(events, event)))
	}
	return `{"events": [` + strings.Join(switches, ",") + `]}`
}

// ended returns the JSON of results, COMPLETED each. The result of an event that is followed by "!" is FAILED.
func ended(words ...string) string {
	var results []string
	for _, word := range words {
		name, isBad := strings.CutSuffix(word, "!")
		status, properties := "COMPLETED", `{}`
		if isBad {
			status = "FAILED"
		}
		if lifecycle.Event(name).IsScan() {
			properties = `{"total_vulnerabilities": "1", "vulnerability_severities": {"LOW": "1"}}`
		}
		if name == "BUILD_AMI" || name == "PATCH_AMI" {
			properties = `{"ami_details": [
				{"region": "eu-west-1", "image": "ami-0123456789abcdef0", "name": "n", "accountId": "1", "ami_semver": "2.0.0"},
				{"region": "eu-west-1", "image": "ami-0123456789abcdef1", "name": "n", "accountId": "2", "ami_semver": "2.0.0"},
				{"region": "us-east-1", "image": "ami-0123456789abcdef2", "name": "n", "accountId": "1", "ami_semver": "2.0.0"}]}`
		}
		results = append(results, fmt.Sprintf(`{"name": %q, "status": %q, "status_date": "11/22/2026, 10:00:00", "properties": %s}`, name, status, properties))
	}
	return `{"events": [` + strings.Join(results, ",") + `]}`
}

func inProgress(event, started, status string) string {
	return fmt.Sprintf(`{"name": %q, "execution_arn": "arn:1", "execution_startdate": %q, "status": %q}`, event, started, status)
}

var (
	creation = []string{
		"BUILD_AMI", "SMOKE_TESTS_AMI_CREATE", "VULNERABILIY_SCANS_AMI_CREATE", "QA_CERTIFICATION_REQUEST", "QA_CERTIFICATION_RESPONSE",
		"MARK_FOR_PRODUCTION_CREATE",
	}
	tests    = lifecycle.Creation.Requestable()
	approved = ended(creation...)
)

// documentOf returns a document with these members, whose values are JSON.
func documentOf(t *testing.T, members map[string]string) *lifecycle.Document {
	t.Helper()
	text := []string{`"lifecycle_id": "7d7d"`}
	if _, given := members["creation_date"]; !given {
		text = append(text, `"creation_date": "11/22/2026, 09:00:00"`)
	}
	for name, value := range members {
		text = append(text, fmt.Sprintf("%q: %s", name, value))
	}
	d, err := lifecycle.Decode([]byte("{" + strings.Join(text, ",") + "}"))
	require.NoError(t, err)
	return d
}

func patchOf(results string) string {
	return `{"patch_history": {"current": ` + results + `, "historical": []}}`
}

func TestEveryLifecycleStandsAtOneStage(t *testing.T) {
	build := []lifecycle.Event{lifecycle.BuildAMI}
	for name, c := range map[string]struct {
		members map[string]string
		want    lifecycle.Stage
	}{
		"a build in progress": {map[string]string{
			"inputs_ami_creation": asked(lifecycle.Creation, build...), "event_in_progress": inProgress("BUILD_AMI", "11/22/2026, 09:00:00", ""),
		}, lifecycle.StageInProgress},
		"a build in progress for too long": {map[string]string{
			"inputs_ami_creation": asked(lifecycle.Creation, build...), "event_in_progress": inProgress("BUILD_AMI", "11/22/2026, 06:00:00", ""),
		}, lifecycle.StageStalled},
		"an event that ended in an error": {map[string]string{
			"inputs_ami_creation": asked(lifecycle.Creation, build...), "event_in_progress": inProgress("BUILD_AMI", "11/22/2026, 09:00:00", "ERROR"),
		}, lifecycle.StageFailed},
		"a build, and nothing else asked for": {map[string]string{
			"inputs_ami_creation": asked(lifecycle.Creation, build...), "outputs_ami_creation": ended("BUILD_AMI"),
		}, lifecycle.StagePending},
		"between two events": {map[string]string{
			"inputs_ami_creation": asked(lifecycle.Creation, tests...), "outputs_ami_creation": ended("BUILD_AMI"), "update_date": `"11/22/2026, 10:04:00"`,
		}, lifecycle.StageInProgress},
		"an event that did not start": {map[string]string{
			"inputs_ami_creation": asked(lifecycle.Creation, tests...), "outputs_ami_creation": ended("BUILD_AMI"),
		}, lifecycle.StageStalled},
		"a test that failed": {map[string]string{
			"inputs_ami_creation": asked(lifecycle.Creation, tests...), "outputs_ami_creation": ended("BUILD_AMI", "SMOKE_TESTS_AMI_CREATE!"),
		}, lifecycle.StageFailed},
		"tested, to be certified": {map[string]string{
			"inputs_ami_creation": asked(lifecycle.Creation, tests...), "outputs_ami_creation": ended(creation[:4]...),
		}, lifecycle.StagePending},
		"refused by QA": {map[string]string{
			"inputs_ami_creation": asked(lifecycle.Creation, tests...), "outputs_ami_creation": ended(append(slices.Clone(creation[:4]), "QA_CERTIFICATION_RESPONSE!")...),
		}, lifecycle.StageFailed},
		"certified": {map[string]string{
			"inputs_ami_creation": asked(lifecycle.Creation, tests...), "outputs_ami_creation": ended(creation[:5]...),
		}, lifecycle.StageCertified},
		"approved": {map[string]string{
			"inputs_ami_creation": asked(lifecycle.Creation, tests...), "outputs_ami_creation": approved,
		}, lifecycle.StageApproved},
		"a patch in progress": {map[string]string{
			"outputs_ami_creation": approved, "inputs_ami_patch": asked(lifecycle.Patching, lifecycle.PatchAMI),
			"event_in_progress": inProgress("PATCH_AMI", "11/22/2026, 09:00:00", ""),
		}, lifecycle.StageInProgress},
		"patched, to be tested": {map[string]string{
			"outputs_ami_creation": approved, "inputs_ami_patch": asked(lifecycle.Patching, lifecycle.PatchAMI), "outputs_ami_patch": patchOf(ended("PATCH_AMI")),
		}, lifecycle.StagePending},
		"a patch whose test failed, and is repeated for ever": {map[string]string{
			"outputs_ami_creation": approved, "inputs_ami_patch": asked(lifecycle.Patching, lifecycle.Patching.Requestable()...),
			"outputs_ami_patch": patchOf(ended("PATCH_AMI", "SMOKE_TESTS_AMI_PATCH!")), "event_in_progress": inProgress("SMOKE_TESTS_AMI_PATCH", "11/22/2026, 09:59:00", ""),
		}, lifecycle.StageFailed},
		"an approved patch": {map[string]string{
			"outputs_ami_creation": approved, "inputs_ami_patch": asked(lifecycle.Patching, lifecycle.Patching.Requestable()...),
			"outputs_ami_patch": patchOf(ended("PATCH_AMI", "SMOKE_TESTS_AMI_PATCH", "VULNERABILITY_SCANS_AMI_PATCH", "MARK_FOR_PRODUCTION_PATCH")),
		}, lifecycle.StageApproved},
		"no more than an id": {nil, lifecycle.StagePending},
	} {
		t.Run(name, func(t *testing.T) {
			d := documentOf(t, c.members)
			assert.Equal(t, c.want, d.Stage(time.Date(2026, 11, 22, 10, 18, 0, 0, time.UTC), 15*time.Minute))
			assert.Contains(t, lifecycle.Stages(), c.want)
		})
	}
}

func TestTheLatestEventIsThatOfTheLastResult(t *testing.T) {
	smoke, scans := string(lifecycle.SmokeTestsCreate), string(lifecycle.VulnerabilityScansCreate)
	for name, c := range map[string]struct {
		members map[string]string
		event   lifecycle.Event
		status  lifecycle.Status
	}{
		"nothing has happened":        {nil, "", ""},
		"the build":                   {map[string]string{"outputs_ami_creation": ended("BUILD_AMI")}, lifecycle.BuildAMI, lifecycle.Completed},
		"an event that ran again":     {map[string]string{"outputs_ami_creation": ended("BUILD_AMI", smoke, scans, smoke+"!")}, lifecycle.SmokeTestsCreate, lifecycle.Failed},
		"an event of a newer version": {map[string]string{"outputs_ami_creation": ended("BUILD_AMI", "SIGN_AMI!")}, "SIGN_AMI", lifecycle.Failed},
		"a patch": {map[string]string{"outputs_ami_creation": approved, "inputs_ami_patch": asked(lifecycle.Patching), "outputs_ami_patch": patchOf(ended("PATCH_AMI"))},
			lifecycle.PatchAMI, lifecycle.Completed},
		"a patch without a result": {map[string]string{"outputs_ami_creation": approved, "inputs_ami_patch": asked(lifecycle.Patching), "outputs_ami_patch": patchOf(ended())},
			lifecycle.MarkForProductionCreate, lifecycle.Completed},
		"in progress": {map[string]string{"outputs_ami_creation": ended("BUILD_AMI"), "event_in_progress": inProgress(smoke, "11/22/2026, 10:00:00", "")},
			lifecycle.SmokeTestsCreate, lifecycle.InProgress},
		"ended in an error": {map[string]string{"outputs_ami_creation": ended("BUILD_AMI"), "event_in_progress": inProgress(smoke, "11/22/2026, 10:00:00", "ERROR")},
			lifecycle.SmokeTestsCreate, "ERROR"},
	} {
		event, status := documentOf(t, c.members).Latest()
		assert.Equal(t, c.event, event, name)
		assert.Equal(t, c.status, status, name)
	}
}

func TestAnOverviewHandsOnOnlyUsableImages(t *testing.T) {
	now := time.Date(2026, 12, 25, 9, 59, 0, 0, time.UTC)
	o := documentOf(t, map[string]string{"outputs_ami_creation": approved, "stack_tag": `"main"`}).Overview(now, time.Minute)
	assert.Equal(t, map[string]string{"eu-west-1": "ami-0123456789abcdef0", "us-east-1": "ami-0123456789abcdef2"}, o.AMIs)
	assert.Equal(t, []any{"2.0.0", "MARK_FOR_PRODUCTION", lifecycle.Completed, 32, "main"},
		[]any{o.SemanticVersion, o.Event, o.Status, o.AgeDays, o.StackTag})

	o = documentOf(t, map[string]string{
		"outputs_ami_creation": strings.Replace(ended("BUILD_AMI"), "ami-0123456789abcdef2", "none", 1),
	}).Overview(now, time.Minute)
	assert.Empty(t, o.AMIs, "an image of the same build is not usable")
	assert.Empty(t, o.SemanticVersion)
	assert.Equal(t, []any{33, lifecycle.StageFailed}, []any{o.AgeDays, o.State}, "the age of the lifecycle")

	o = documentOf(t, map[string]string{"creation_date": `"soon"`}).Overview(now, time.Minute)
	assert.Zero(t, o.AgeDays, "a date that cannot be read")
}
