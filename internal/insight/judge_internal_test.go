package insight

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

func image(status string) *Image {
	return &Image{ARN: "arn", Name: "base", Version: "1.0.0/3", Status: status, Reason: "a reason"}
}

func TestWhatIsFinalAndBad(t *testing.T) {
	execution := func(status string) Execution { return Execution{Status: status, Error: "E", Cause: "because"} }
	tests := map[string]struct {
		seen   seen
		kind   Kind
		status string
		reason string
	}{
		"nothing was seen":                      {seen{event: lifecycle.BuildAMI}, "", "", ""},
		"it runs":                               {seen{event: lifecycle.BuildAMI, execution: execution("RUNNING"), image: image("BUILDING")}, "", "", ""},
		"an image FAILED":                       {seen{event: lifecycle.BuildAMI, image: image("FAILED")}, ImageFailed, "FAILED", "a reason"},
		"an image CANCELLED":                    {seen{event: lifecycle.BuildAMI, image: image("CANCELLED")}, ImageFailed, "CANCELLED", "a reason"},
		"an image DELETED":                      {seen{event: lifecycle.PatchAMI, image: image("DELETED")}, ImageFailed, "DELETED", "a reason"},
		"an image DISABLED":                     {seen{event: lifecycle.PatchAMI, image: image("DISABLED")}, ImageFailed, "DISABLED", "a reason"},
		"an image DEPRECATED":                   {seen{event: lifecycle.BuildAMI, image: image("DEPRECATED")}, "", "", ""},
		"an image AVAILABLE":                    {seen{event: lifecycle.BuildAMI, image: image("AVAILABLE")}, "", "", ""},
		"a status that nobody knows":            {seen{event: lifecycle.BuildAMI, image: image("EXPLODED")}, "", "", ""},
		"the state machine heard of it":         {seen{event: lifecycle.BuildAMI, findings: findings{imageState: "FAILED", errorMessage: "m"}}, ImageFailed, "FAILED", "m"},
		"Image Builder knows better":            {seen{event: lifecycle.BuildAMI, image: image("TESTING"), findings: findings{imageState: "FAILED"}}, "", "", ""},
		"an image that was not seen":            {seen{event: lifecycle.BuildAMI, image: &Image{Name: "base"}, findings: findings{imageState: "CANCELLED"}}, ImageFailed, "CANCELLED", ""},
		"the image of another event":            {seen{event: lifecycle.SmokeTestsCreate, image: image("FAILED"), findings: findings{imageState: "FAILED"}}, "", "", ""},
		"an export completed":                   {seen{event: lifecycle.QACertificationRequest, findings: findings{export: "completed"}}, "", "", ""},
		"an export active":                      {seen{event: lifecycle.QACertificationRequest, findings: findings{export: "active"}}, "", "", ""},
		"an export deleted":                     {seen{event: lifecycle.QACertificationRequest, findings: findings{export: "deleted", errorMessage: "m"}}, ExportFailed, "DELETED", "m"},
		"an export of another event":            {seen{event: lifecycle.BuildAMI, findings: findings{export: "deleted"}}, "", "", ""},
		"a backup in progress":                  {seen{event: lifecycle.MarkForProductionPatch, findings: findings{backup: "InProgress"}}, "", "", ""},
		"a backup failed":                       {seen{event: lifecycle.MarkForProductionPatch, findings: findings{backup: "Failed"}}, BackupFailed, "FAILED", ""},
		"an operating system nobody scans":      {seen{event: lifecycle.VulnerabilityScansPatch, findings: findings{scanCode: "INACTIVE", scanReason: "UNSUPPORTED_OS"}}, ScanUnsupported, "UNSUPPORTED_OS", ""},
		"that is scanned all the same":          {seen{event: lifecycle.VulnerabilityScansPatch, findings: findings{scanCode: "ACTIVE", scanReason: "UNSUPPORTED_OS"}}, "", "", ""},
		"a scan that is pending":                {seen{event: lifecycle.VulnerabilityScansCreate, findings: findings{scanCode: "INACTIVE", scanReason: "PENDING_INITIAL_SCAN"}}, "", "", ""},
		"an instance that is not managed":       {seen{event: lifecycle.VulnerabilityScansCreate, findings: findings{scanCode: "INACTIVE", scanReason: "UNMANAGED_EC2_INSTANCE"}}, "", "", ""},
		"an execution FAILED":                   {seen{event: lifecycle.SmokeTestsCreate, execution: execution("FAILED")}, ExecutionEnded, "FAILED", "E: because"},
		"an execution TIMED_OUT":                {seen{event: lifecycle.SmokeTestsPatch, execution: execution("TIMED_OUT")}, ExecutionEnded, "TIMED_OUT", "E: because"},
		"an execution ABORTED without a word":   {seen{event: lifecycle.BuildAMI, execution: Execution{Status: "ABORTED"}}, ExecutionEnded, "ABORTED", ""},
		"an execution SUCCEEDED":                {seen{event: lifecycle.BuildAMI, execution: execution("SUCCEEDED")}, "", "", ""},
		"an execution PENDING_REDRIVE":          {seen{event: lifecycle.BuildAMI, execution: execution("PENDING_REDRIVE")}, "", "", ""},
		"the image tells more than the machine": {seen{event: lifecycle.BuildAMI, execution: execution("TIMED_OUT"), image: image("FAILED")}, ImageFailed, "FAILED", "a reason"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			final, passing := judge(test.seen)
			if test.kind == "" {
				assert.Nil(t, final)
				return
			}
			require.NotNil(t, final)
			assert.Empty(t, passing)
			assert.Equal(t, test.kind, final.Kind)
			assert.Equal(t, test.status, final.Status)
			assert.Equal(t, test.reason, final.Reason)
			assert.Contains(t, final.What, test.status)
			assert.NotEmpty(t, final.Hint)
		})
	}
}

func TestAnExecutionThatEndedSaysHowToHaveTheEventAgain(t *testing.T) {
	for event, again := range map[lifecycle.Event]string{
		lifecycle.BuildAMI: "(AMI_CREATE): after a failed build no update can restart it", lifecycle.PatchAMI: "then patch again (AMI_PATCH)",
		lifecycle.SmokeTestsPatch: "then request SMOKE_TESTS again", lifecycle.MarkForProductionPatch: "then approve again",
	} {
		final, _ := judge(seen{event: event, execution: Execution{Status: "ABORTED"}})
		require.NotNil(t, final)
		assert.Contains(t, final.Hint, again)
	}
}

func TestWhatMayPassIsShown(t *testing.T) {
	tests := map[string]struct {
		seen seen
		want string
	}{
		"a scan that is pending":         {seen{event: lifecycle.VulnerabilityScansCreate, findings: findings{scanCode: "INACTIVE", scanReason: "PENDING_INITIAL_SCAN"}}, "Amazon Inspector has not scanned the instance yet (PENDING_INITIAL_SCAN)"},
		"an unmanaged instance":          {seen{event: lifecycle.VulnerabilityScansPatch, findings: findings{scanReason: "UNMANAGED_EC2_INSTANCE"}}, "the instance is not managed by AWS Systems Manager yet (UNMANAGED_EC2_INSTANCE)"},
		"a reason that nobody knows":     {seen{event: lifecycle.VulnerabilityScansPatch, findings: findings{scanCode: "INACTIVE", scanReason: "NEW_WORD"}}, "Amazon Inspector does not scan the instance yet (NEW_WORD)"},
		"another export":                 {seen{event: lifecycle.QACertificationRequest, findings: findings{otherExports: "some"}}, "another export to VMDK is running in the account"},
		"the export is ours":             {seen{event: lifecycle.QACertificationRequest, findings: findings{export: "active", otherExports: "some"}}, ""},
		"no other export":                {seen{event: lifecycle.QACertificationRequest, findings: findings{otherExports: "none"}}, ""},
		"a scan that runs":               {seen{event: lifecycle.VulnerabilityScansCreate, findings: findings{scanCode: "ACTIVE", scanReason: "SUCCESSFUL"}}, ""},
		"a scan's reason, not of a scan": {seen{event: lifecycle.BuildAMI, findings: findings{scanReason: "PENDING_INITIAL_SCAN"}}, ""},
		"a result that does not arrive":  {seen{event: lifecycle.BuildAMI, execution: Execution{Status: "SUCCEEDED"}}, "the execution has succeeded, and the orchestrator has not recorded its result yet"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			final, passing := judge(test.seen)
			assert.Nil(t, final)
			if test.want == "" {
				assert.Empty(t, passing)
				return
			}
			require.Len(t, passing, 1)
			assert.Equal(t, test.want, passing[0].Text)
			assert.NotEmpty(t, passing[0].Hint)
		})
	}
}

// The orchestrator has two minutes to report the end of an execution itself. They are counted by AWS's clock, not by the
// local one.
func TestTheGraceCountsByTheClockOfAWS(t *testing.T) {
	now := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	aws := now.Add(-3 * time.Hour)
	assert.Equal(t, now.Add(2*time.Minute), holdsFrom(now, aws, aws))
	assert.Equal(t, now.Add(30*time.Second), holdsFrom(now, aws, aws.Add(-90*time.Second)))
	assert.Equal(t, now, holdsFrom(now, aws, aws.Add(-time.Hour)))
	assert.Equal(t, now.Add(2*time.Minute), holdsFrom(now, aws, aws.Add(time.Hour)))
	assert.Equal(t, now.Add(2*time.Minute), holdsFrom(now, time.Time{}, aws), "AWS's clock is unknown")
	assert.Equal(t, now.Add(2*time.Minute), holdsFrom(now, aws, time.Time{}))
}

func TestTheConsoleIsThatOfThePartition(t *testing.T) {
	arn := func(partition, region string) string {
		return "arn:" + partition + ":states:" + region + ":123456789012:execution:machine:0-1"
	}
	tests := map[string]string{
		arn("aws", "eu-central-1"):         "https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/" + arn("aws", "eu-central-1"),
		arn("aws-cn", "cn-northwest-1"):    "https://cn-northwest-1.console.amazonaws.cn/states/home?region=cn-northwest-1#/v2/executions/details/" + arn("aws-cn", "cn-northwest-1"),
		arn("aws-us-gov", "us-gov-east-1"): "https://us-gov-east-1.console.amazonaws-us-gov.com/states/home?region=us-gov-east-1#/v2/executions/details/" + arn("aws-us-gov", "us-gov-east-1"),
		arn("aws-iso", "us-iso-east-1"):    "",
		arn("aws", "evil.example.com#-1"):  "",
		arn("aws", "eu-central-1") + "\n":  "",
		"":                                 "",
	}
	for arn, want := range tests {
		assert.Equal(t, want, linksOf(arn, nil).Execution, arn)
	}
}
