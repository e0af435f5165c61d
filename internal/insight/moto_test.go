package insight_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/mototest"
)

// TestAWSAsMotoKnowsIt examines executions and logs of moto, an independent implementation of AWS. Moto has no Image
// Builder, so those calls are refused.
func TestAWSAsMotoKnowsIt(t *testing.T) {
	config := aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(mototest.Start(t)), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("any", "thing", ""),
	}
	states := sfn.NewFromConfig(config)
	machine, err := states.CreateStateMachine(t.Context(), &sfn.CreateStateMachineInput{
		Name: aws.String("lifecycle-ami-build"), RoleArn: aws.String("arn:aws:iam::123456789012:role/machine"),
		Definition: aws.String(`{"StartAt": "Poll AMI status", "States": {"Poll AMI status": {"Type": "Pass", "End": true}}}`),
	})
	require.NoError(t, err)
	started, err := states.StartExecution(t.Context(), &sfn.StartExecutionInput{
		StateMachineArn: machine.StateMachineArn, Input: aws.String(`{"api_key": "CANARY"}`),
	})
	require.NoError(t, err)
	event := insight.Event{Name: lifecycle.SmokeTestsCreate, ExecutionARN: *started.ExecutionArn}
	look := func(event insight.Event) insight.Report {
		return insight.New(insight.Options{AWS: func(context.Context) (aws.Config, error) { return config, nil }}).Look(t.Context(), event)
	}

	report := look(event)
	assert.Equal(t, "RUNNING", report.Execution.Status)
	assert.False(t, report.Execution.Started.IsZero())
	assert.Nil(t, report.Final)

	_, err = states.StopExecution(t.Context(), &sfn.StopExecutionInput{
		ExecutionArn: started.ExecutionArn, Error: aws.String("Stopped"), Cause: aws.String("by a person"),
	})
	require.NoError(t, err)
	report = look(event)
	require.NotNil(t, report.Final)
	assert.Equal(t, insight.ExecutionEnded, report.Final.Kind)
	assert.Equal(t, "ABORTED", report.Final.Status)
	assert.False(t, report.Final.Holds(time.Now()), "within the grace")

	event.ExecutionARN += "0"
	report = look(event)
	assert.Empty(t, report.Execution.Status)
	require.Len(t, report.Notes, 1)
	assert.Contains(t, report.Notes[0], "does not know the event's execution")

	t.Run("a log", func(t *testing.T) {
		logs := cloudwatchlogs.NewFromConfig(config)
		group, stream := aws.String("/aws/imagebuilder/base"), aws.String("1.0.0/3")
		_, err := logs.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group})
		require.NoError(t, err)
		_, err = logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream})
		require.NoError(t, err)
		var written []logtypes.InputLogEvent
		for i, message := range []string{"Phase build", "Step One", "CmdExecution: ExitCode 4"} {
			written = append(written, logtypes.InputLogEvent{Message: &message, Timestamp: aws.Int64(time.Now().UnixMilli() + int64(i))})
		}
		_, err = logs.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: written})
		require.NoError(t, err)

		// The logs come from moto. Everything else comes from a fake, because moto does not have it.
		fake := failedBuild("text")
		fake.set("GetImage", 200, image("FAILED", "no"))
		mixed := func(ctx context.Context) (aws.Config, error) {
			mixed, err := fake.config(ctx)
			mixed.BaseEndpoint, mixed.Region = config.BaseEndpoint, "eu-west-1"
			mixed.HTTPClient = byOperation{fake: fake, other: config.HTTPClient}
			return mixed, err
		}
		event := insight.Event{Name: lifecycle.BuildAMI, ExecutionARN: strings.ReplaceAll(execution, "eu-central-1", "eu-west-1")}
		w := insight.New(insight.Options{AWS: mixed})
		report := w.Look(t.Context(), event)
		assert.Equal(t, []string{"Phase build", "Step One", "CmdExecution: ExitCode 4"}, report.Log)
		require.NotNil(t, report.Final.Component)
		assert.Equal(t, 4, report.Final.Component.ExitCode)
		assert.Equal(t, report.Log, w.BuildLog(t.Context(), event).Lines)
	})
}
