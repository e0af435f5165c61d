package config_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
)

func TestOnlyWhatIsGivenNarrowsASelection(t *testing.T) {
	implied := config.Implied{StackTag: "main", CommitRef: "0123456789abcdef", ProductVer: "1.2.0"}
	args := []string{"--operation=AMI_SELECT"}
	settings, err := config.Load(args, []string{"AMI_REGION=eu-west-1"}, implied, config.GitLabComponent)
	require.NoError(t, err)
	assert.Equal(t, "main", settings.StackTag)
	assert.Empty(t, settings.CommitRef, "the pipeline's commit is not the image's")
	assert.Empty(t, settings.ProductVer)
	assert.Empty(t, settings.Region, "a variable that an earlier job has left is about its own image")

	settings, err = config.Load(append(args, "--commitRef=0123456", "--productVer=1.*", "--region=eu-west-1"), nil, implied, config.CommandLine)
	require.NoError(t, err)
	assert.Equal(t, []string{"0123456", "1.*", "eu-west-1"}, []string{settings.CommitRef, settings.ProductVer, settings.Region})
}

func TestWhatASelectionCanChooseBy(t *testing.T) {
	const role = "arn:aws:iam::123456789012:role/reader"
	for _, row := range []struct {
		args  []string
		fault string
	}{
		{[]string{"--semver=^2.1"}, ""},
		{[]string{"--semver=>=2.0 <3.0"}, ""},
		{[]string{"--semver=LATEST"}, ""},
		{[]string{"--semver=newest"}, "must be a range such as"},
		{[]string{"--minEvent=qa_certified"}, ""},
		{[]string{"--minEvent=SMOKE_TESTS"}, ""},
		{[]string{"--minEvent=APPROVED"}, "must be AMI_WITH_OS_HARDENING, SMOKE_TESTED"},
		{[]string{"--region=eu"}, "must be the name of an AWS region"},
		{[]string{"--region=us-gov-west-1"}, ""},
		{[]string{"--kind=new"}, "must be created or patched"},
		{[]string{"--roleArn=reader", "--trustTable"}, "must be the ARN of an IAM role"},
		{[]string{"--roleArn=" + role}, "does not tell an approval from a refusal"},
		{[]string{"--roleArn=" + role, "--trustTable"}, ""},
		{[]string{"--imageTable=t"}, "must be the name or the ARN of a DynamoDB table"},
		{[]string{"--imageTable=arn:aws:dynamodb:eu-west-1:123456789012:table/images"}, ""},
		{[]string{"--imageTable=arn:aws:s3:::images"}, "must be the name or the ARN of a DynamoDB table"},
		{[]string{"--lifecycleId=a1b2c3d4"}, "AMI_GET_STATUS_BY_LIFECYCLE_ID, which shows one lifecycle"},
	} {
		_, err := config.Load(append([]string{"--operation=AMI_SELECT", "--stackTag=main"}, row.args...), nil, config.Implied{}, config.CommandLine)
		if row.fault == "" {
			assert.NoError(t, err, row.args)
		} else {
			assert.ErrorContains(t, err, row.fault, row.args)
		}
	}
}

func TestWhatAListCanBeNarrowedBy(t *testing.T) {
	for _, row := range []struct {
		args  []string
		fault string
	}{
		{[]string{"--status=Patchable", "--latest", "--olderThan=30d", "--limit=20", "--productName=Web*", "--productVer=1.*"}, ""},
		{[]string{"--olderThan=2w"}, ""},
		{[]string{"--olderThan=12h"}, ""},
		{[]string{"--status=good"}, `invalid value "good" for --status: must be failed, stalled, in-progress, pending, certified, approved or patchable`},
		{[]string{"--olderThan=30"}, `invalid value "30" for --olderThan: must be an age with its unit, such as 30d, 2w or 12h`},
		{[]string{"--olderThan=-1d"}, "must be an age with its unit"},
		{[]string{"--olderThan=1d12h"}, "must be an age with its unit"},
		{[]string{"--limit=0"}, `invalid value "0" for --limit: must be 1 or more`},
		{[]string{"--limit=-3"}, "must be 1 or more"},
		{[]string{"--limit=many"}, "must be a number"},
		{[]string{"--operation=AMI_WAIT", "--lifecycleId=a1", "--limit=3"}, "--limit has no effect on AMI_WAIT; it is used by AMI_GET_STATUSES"},
		{[]string{"--operation=AMI_SELECT", "--stackTag=main", "--status=failed"}, "--status has no effect on AMI_SELECT"},
		{[]string{"--operation=AMI_SELECT", "--stackTag=main", "--olderThan=1d"}, "--olderThan has no effect on AMI_SELECT"},
		{[]string{"--operation=AMI_SELECT", "--stackTag=main", "--latest"}, "--latest has no effect on AMI_SELECT"},
	} {
		_, err := config.Load(append([]string{"--operation=AMI_GET_STATUSES"}, row.args...), nil, config.Implied{}, config.CommandLine)
		if row.fault == "" {
			assert.NoError(t, err, row.args)
		} else {
			assert.ErrorContains(t, err, row.fault, row.args)
		}
	}
}

func TestOnlyWhatIsGivenNarrowsAList(t *testing.T) {
	implied := config.Implied{StackTag: "main", ProductVer: "1.2.0"}
	settings, err := config.Load([]string{"--operation=AMI_GET_STATUSES"}, []string{"AMI_STATUS=COMPLETED", "AMI_OLDER_THAN=4w"}, implied, config.GitHubAction)
	require.NoError(t, err)
	assert.False(t, settings.StackTagGiven)
	assert.Empty(t, settings.ProductVer, "the version that the pipeline's tag names is not that of every lifecycle")
	assert.Empty(t, settings.Status, "an earlier job has left its own result in this variable")
	assert.Equal(t, config.AgeLimit(28*24*time.Hour), settings.OlderThan)
	assert.Equal(t, []string{"28d", "36h"}, []string{settings.OlderThan.String(), config.AgeLimit(36 * time.Hour).String()})
}
