package sandbox_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	imagetypes "github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	sfntypes "github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

// behindBox is a sandbox with a clock that the test moves and with SDK clients of the services behind an event.
type behindBox struct {
	*box
	clock  *clock
	states *sfn.Client
	images *imagebuilder.Client
	logs   *cloudwatchlogs.Client
}

func startBehind(t *testing.T, options sandbox.Options) *behindBox {
	clock := newClock()
	options.Now = clock.Now
	if options.EventDuration == 0 {
		options.EventDuration = 40 * time.Minute
	}
	b := &behindBox{box: start(t, options), clock: clock}
	config := b.awsConfig()
	b.states, b.images, b.logs = sfn.NewFromConfig(config), imagebuilder.NewFromConfig(config), cloudwatchlogs.NewFromConfig(config)
	return b
}

// execution returns the ARN of the lifecycle's event in progress.
func (b *behindBox) execution(id string) string {
	b.t.Helper()
	running := b.document(id).Running
	require.NotNil(b.t, running)
	return running.ExecutionARN
}

func (b *behindBox) describe(arn string) *sfn.DescribeExecutionOutput {
	b.t.Helper()
	described, err := b.states.DescribeExecution(b.t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: &arn})
	require.NoError(b.t, err)
	return described
}

func (b *behindBox) history(arn string) []sfntypes.HistoryEvent {
	b.t.Helper()
	var events []sfntypes.HistoryEvent
	pages := sfn.NewGetExecutionHistoryPaginator(b.states, &sfn.GetExecutionHistoryInput{
		ExecutionArn: &arn, ReverseOrder: true, MaxResults: 7, IncludeExecutionData: aws.Bool(true),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(b.t.Context())
		require.NoError(b.t, err)
		events = append(events, page.Events...)
	}
	return events
}

// state returns the name of the state that was entered last. The events are newest first.
func state(events []sfntypes.HistoryEvent) string {
	for _, event := range events {
		if event.StateEnteredEventDetails != nil {
			return *event.StateEnteredEventDetails.Name
		}
	}
	return ""
}

// patchWith uploads the component and starts a patch with it.
func (b *behindBox) patchWith(id, component string) {
	b.t.Helper()
	location := "/" + sandbox.Bucket + "/" + id + "/component.yaml"
	require.Equal(b.t, http.StatusOK, b.do(http.MethodPut, b.URL()+location, component, nil).Status)
	body := b.common("ami_patch_post_api_key")
	body["lifecycle_id"], body["commit_ref"] = id, "0123abc"
	body["events"] = eventList(lifecycle.Patching, lifecycle.PatchAMI)
	body["properties"] = map[string]any{
		"patch_component_url": "s3:/" + location, "patch_change_description": "", "semver_bump_type": "PATCH",
	}
	sent := b.send(http.MethodPost, "/ami-patch/lifecycles", nil, body)
	require.Equal(b.t, http.StatusOK, sent.Status, sent.Body)
}

// image returns the image whose ARN is in an output of the history, or nil.
func (b *behindBox) image(arn string) *imagetypes.Image {
	b.t.Helper()
	for _, event := range b.history(arn) {
		if event.StateExitedEventDetails == nil {
			continue
		}
		if _, after, ok := strings.Cut(aws.ToString(event.StateExitedEventDetails.Output), `"image_build_version_arn":"`); ok {
			image, _, _ := strings.Cut(after, `"`)
			got, err := b.images.GetImage(b.t.Context(), &imagebuilder.GetImageInput{ImageBuildVersionArn: &image})
			require.NoError(b.t, err)
			return got.Image
		}
	}
	return nil
}

func (b *behindBox) steps(image *imagetypes.Image) []imagetypes.WorkflowStepMetadata {
	b.t.Helper()
	workflows, err := b.images.ListWorkflowExecutions(b.t.Context(), &imagebuilder.ListWorkflowExecutionsInput{ImageBuildVersionArn: image.Arn})
	require.NoError(b.t, err)
	require.NotEmpty(b.t, workflows.WorkflowExecutions)
	steps, err := b.images.ListWorkflowStepExecutions(b.t.Context(), &imagebuilder.ListWorkflowStepExecutionsInput{
		WorkflowExecutionId: workflows.WorkflowExecutions[0].WorkflowExecutionId,
	})
	require.NoError(b.t, err)
	return steps.Steps
}

// log returns the messages of the image's log, read forward in small pages.
func (b *behindBox) log(image *imagetypes.Image) []string {
	b.t.Helper()
	var messages []string
	input := &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String("/aws/imagebuilder/" + *image.Name), LogStreamName: image.Version,
		StartFromHead: aws.Bool(true), Limit: aws.Int32(5),
	}
	for {
		page, err := b.logs.GetLogEvents(b.t.Context(), input)
		require.NoError(b.t, err)
		for _, event := range page.Events {
			messages = append(messages, *event.Message)
		}
		if aws.ToString(page.NextForwardToken) == aws.ToString(input.NextToken) {
			return messages
		}
		input.NextToken = page.NextForwardToken
	}
}

func TestABuildThatGoesWellShowsWhereItIs(t *testing.T) {
	t.Parallel()
	b := startBehind(t, sandbox.Options{})
	id := b.create(nil)
	arn := b.execution(id)
	assert.Equal(t, sfntypes.ExecutionStatusRunning, b.describe(arn).Status)
	assert.Equal(t, "Start Image Builder pipeline", state(b.history(arn)))
	assert.Nil(t, b.image(arn))

	seen := map[imagetypes.ImageStatus]bool{}
	var events, lines int
	for range 39 {
		b.clock.move(time.Minute)
		history := b.history(arn)
		require.GreaterOrEqual(t, len(history), events, "a history grows")
		events = len(history)
		if image := b.image(arn); image != nil {
			seen[image.State.Status] = true
			if log, err := b.logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{
				LogGroupName: aws.String("/aws/imagebuilder/" + *image.Name), LogStreamName: image.Version,
			}); err == nil {
				require.GreaterOrEqual(t, len(log.Events), lines, "a log grows")
				lines = len(log.Events)
			}
		}
	}
	assert.Len(t, seen, 5, "BUILDING, TESTING, DISTRIBUTING, AVAILABLE and CREATING or PENDING: %v", seen)
	b.clock.move(2 * time.Minute)
	assert.Equal(t, sfntypes.ExecutionStatusSucceeded, b.describe(arn).Status)
	history := b.history(arn)
	assert.Equal(t, sfntypes.HistoryEventTypeExecutionSucceeded, history[0].Type)
	assert.Equal(t, "Notify", state(history))
	image := b.image(arn)
	assert.Equal(t, imagetypes.ImageStatusAvailable, image.State.Status)
	assert.Contains(t, b.log(image), "TOE has completed execution successfully")
	for i, event := range history {
		require.Equal(t, int64(len(history)-i), event.Id)
		require.Equal(t, event.Id-1, event.PreviousEventId)
	}
}

// This is the most common failure: the document shows the event as in progress for 240 minutes.
func TestAnImageThatFailsLeavesItsEventInProgress(t *testing.T) {
	t.Parallel()
	b := startBehind(t, sandbox.Options{FailBehind: []lifecycle.Event{lifecycle.BuildAMI}})
	id := b.create(nil)
	arn := b.execution(id)
	b.clock.move(19 * time.Minute)
	assert.Equal(t, imagetypes.ImageStatusBuilding, b.image(arn).State.Status)

	b.clock.move(2 * time.Minute)
	image := b.image(arn)
	assert.Equal(t, imagetypes.ImageStatusFailed, image.State.Status)
	assert.Regexp(t, `^Workflow Execution ID: 'wf-.*' failed with reason: Document arn:aws:imagebuilder:.*:component/build-component/1.0.0/1 failed!$`, *image.State.Reason)
	steps := b.steps(image)
	assert.Equal(t, "ApplyBuildComponents", *steps[1].Name)
	assert.Equal(t, imagetypes.WorkflowStepExecutionStatusFailed, steps[1].Status)
	assert.Equal(t, imagetypes.WorkflowStepExecutionStatusPending, steps[2].Status)
	log := b.log(image)
	assert.Contains(t, log, "Step InstallPackages")
	assert.Contains(t, log, "CmdExecution: ExitCode 1")
	assert.Contains(t, log, "TOE has completed execution with failure - Execution failed!")

	b.clock.move(2 * time.Hour)
	assert.Equal(t, sfntypes.ExecutionStatusRunning, b.describe(arn).Status)
	assert.Equal(t, log, b.log(image), "nothing happens any more")
	assert.Empty(t, b.document(id).Running.Status)
	b.clock.move(time.Hour)
	assert.Equal(t, sfntypes.ExecutionStatusTimedOut, b.describe(arn).Status)
	assert.Empty(t, b.document(id).Running.Status)
	b.clock.move(time.Hour)
	assert.Equal(t, lifecycle.ErrorEventTimeout, b.document(id).Running.Status)
}

func TestWhatElseFailsBehindTheDocument(t *testing.T) {
	t.Parallel()
	outputs := func(b *behindBox, arn string) (all string) {
		for _, event := range b.history(arn) {
			if event.StateExitedEventDetails != nil {
				all += aws.ToString(event.StateExitedEventDetails.Output)
			}
		}
		return all
	}
	tests := map[string]struct {
		event  lifecycle.Event
		status sfntypes.ExecutionStatus
		said   string
	}{
		"an export":   {lifecycle.QACertificationRequest, sfntypes.ExecutionStatusRunning, `"export_image_task_status":"deleted"`},
		"a backup":    {lifecycle.MarkForProductionCreate, sfntypes.ExecutionStatusRunning, `"ami_backup_state":"Failed"`},
		"a scan":      {lifecycle.VulnerabilityScansCreate, sfntypes.ExecutionStatusRunning, `"scan_status_reason":"UNSUPPORTED_OS"`},
		"smoke tests": {lifecycle.SmokeTestsCreate, sfntypes.ExecutionStatusTimedOut, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := startBehind(t, sandbox.Options{FailBehind: []lifecycle.Event{test.event}, QueueDelay: time.Second})
			id := b.create(everything())
			b.clock.move(3 * time.Hour)
			if test.event == lifecycle.MarkForProductionCreate {
				require200(t, b.certify(id, "CERTIFIED", nil))
				b.clock.move(time.Minute)
				require200(t, b.approve(id, "APPROVED", nil))
				b.clock.move(time.Hour)
			}
			document := b.document(id)
			require.NotNil(t, document.Running)
			require.Equal(t, test.event, document.Running.Name)
			arn := document.Running.ExecutionARN
			assert.Equal(t, test.status, b.describe(arn).Status)
			assert.Contains(t, outputs(b, arn), test.said)
			assert.Empty(t, document.Running.Status)
		})
	}
}

func TestAnAbortedExecutionLeavesItsEventInProgress(t *testing.T) {
	t.Parallel()
	b := startBehind(t, sandbox.Options{Abort: []lifecycle.Event{lifecycle.BuildAMI}})
	id := b.create(nil)
	arn := b.execution(id)
	b.clock.move(21 * time.Minute)
	described := b.describe(arn)
	assert.Equal(t, sfntypes.ExecutionStatusAborted, described.Status)
	assert.Equal(t, 20*time.Minute, described.StopDate.Sub(*described.StartDate))
	assert.Equal(t, sfntypes.HistoryEventTypeExecutionAborted, b.history(arn)[0].Type)
	assert.Empty(t, b.document(id).Running.Status)
}

func TestAnImageIsGivenAStatusByHand(t *testing.T) {
	t.Parallel()
	b := startBehind(t, sandbox.Options{})
	id := b.create(nil)
	arn := b.execution(id)
	assert.Equal(t, http.StatusBadRequest, b.control("lifecycles/"+id+"/image", map[string]any{"status": "BROKEN"}).Status)
	assert.Equal(t, http.StatusConflict, b.control("lifecycles/none/image", map[string]any{"status": "FAILED"}).Status)
	b.clock.move(10 * time.Minute)
	b.mustControl("lifecycles/"+id+"/image", map[string]any{"status": "CANCELLED", "reason": "A person did it."})
	image := b.image(arn)
	assert.Equal(t, imagetypes.ImageStatusCancelled, image.State.Status)
	assert.Equal(t, "A person did it.", *image.State.Reason)
	b.clock.move(time.Hour)
	assert.NotNil(t, b.document(id).Running, "the document does not hear of it")

	b.mustControl("lifecycles/"+id+"/image", map[string]any{"status": "AVAILABLE"})
	b.clock.move(time.Second)
	assert.Nil(t, b.document(id).Running, "the state machine goes on at AVAILABLE")
	assert.Equal(t, http.StatusConflict, b.control("lifecycles/"+id+"/image", map[string]any{"status": "FAILED"}).Status)
}

func TestAComponentWithACommandThatFailsFailsItsPatch(t *testing.T) {
	t.Parallel()
	example, err := os.ReadFile("../../examples/failing_component.yaml")
	require.NoError(t, err)
	component := func(phase, action, extra string, commands ...string) string {
		return "schemaVersion: 1.0\nphases:\n  - name: " + phase + "\n    steps:\n      - name: Only\n        action: " + action +
			"\n" + extra + "        inputs:\n          commands:\n            - " + strings.Join(commands, "\n            - ") + "\n"
	}
	tests := map[string]struct {
		component string
		step      string // the step that fails, or ""
		workflow  string
	}{
		"the example":                  {string(example), "StopHere", "ApplyBuildComponents"},
		"false":                        {component("build", "ExecuteBash", "", "echo a", "false"), "Only", "ApplyBuildComponents"},
		"false that is not the last":   {component("build", "ExecuteBash", "", "false", "echo a"), "", ""},
		"an exit that is not the last": {component("build", "ExecuteBash", "", "exit 3", "echo a"), "Only", "ApplyBuildComponents"},
		"a command that does not fail": {component("build", "ExecuteBash", "", "exit 0", "exit 1"), "", ""},
		"in a longer command":          {component("build", "ExecuteBash", "", "test -f /x || exit 1"), "", ""},
		"in a test":                    {component("test", "ExecuteBash", "", "exit 1"), "Only", "ApplyTestComponents"},
		"ignored":                      {component("build", "ExecuteBash", "        onFailure: Ignore\n", "exit 1"), "", ""},
		"no YAML":                      {"\t", "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := startBehind(t, sandbox.Options{QueueDelay: time.Second})
			id := b.create(everything())
			b.clock.move(3 * time.Hour)
			require200(t, b.certify(id, "CERTIFIED", nil))
			b.clock.move(time.Minute)
			require200(t, b.approve(id, "APPROVED", nil))
			b.clock.move(time.Hour)
			b.patchWith(id, test.component)
			arn := b.execution(id)
			b.clock.move(39 * time.Minute)
			image := b.image(arn)
			require.NotNil(t, image)
			assert.True(t, strings.HasPrefix(*image.Name, "AMI-PATCH-LC-"+id+"-"), *image.Name)
			if test.step == "" {
				assert.Equal(t, imagetypes.ImageStatusAvailable, image.State.Status)
				b.clock.move(2 * time.Minute)
				assert.Nil(t, b.document(id).Running)
				return
			}
			assert.Equal(t, imagetypes.ImageStatusFailed, image.State.Status)
			for _, step := range b.steps(image) {
				assert.Equal(t, *step.Name == test.workflow, step.Status == imagetypes.WorkflowStepExecutionStatusFailed, *step.Name)
			}
			log := b.log(image)
			assert.Equal(t, "Step "+test.step, log[len(log)-7])
			b.clock.move(time.Hour)
			assert.NotNil(t, b.document(id).Running)
		})
	}
}

func TestWhatIsUnknownBehindIsRefusedAsAWSDoes(t *testing.T) {
	t.Parallel()
	b := startBehind(t, sandbox.Options{})
	id := b.create(nil)
	arn := b.execution(id)
	_, err := b.states.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(arn + "0")})
	var noExecution *sfntypes.ExecutionDoesNotExist
	assert.ErrorAs(t, err, &noExecution)
	_, err = b.states.DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String("none")})
	var invalid *sfntypes.InvalidArn
	assert.ErrorAs(t, err, &invalid)
	_, err = b.states.GetExecutionHistory(t.Context(), &sfn.GetExecutionHistoryInput{ExecutionArn: &arn, NextToken: aws.String("x")})
	var token *sfntypes.InvalidToken
	assert.ErrorAs(t, err, &token)
	_, err = b.states.ListExecutions(t.Context(), &sfn.ListExecutionsInput{})
	assert.Equal(t, "UnknownOperationException", errorCode(err))
	_, err = b.images.GetImage(t.Context(), &imagebuilder.GetImageInput{ImageBuildVersionArn: aws.String("arn:aws:imagebuilder:us-east-1:1:image/x/1.0.0/1")})
	assert.Equal(t, "ResourceNotFoundException", errorCode(err))
	_, err = b.images.ListWorkflowStepExecutions(t.Context(), &imagebuilder.ListWorkflowStepExecutionsInput{WorkflowExecutionId: aws.String("wf-0")})
	assert.Equal(t, "ResourceNotFoundException", errorCode(err))
	_, err = b.logs.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("/aws/imagebuilder/x"), LogStreamName: aws.String("1.0.0/1")})
	var noGroup *logtypes.ResourceNotFoundException
	assert.ErrorAs(t, err, &noGroup)
	assert.NotNil(t, b.document(id), "the calls changed nothing")

	for _, operation := range []string{"AWSStepFunctions.DescribeExecution", "Logs_20140328.GetLogEvents"} {
		response := b.do(http.MethodPost, b.URL()+"/", "not JSON", http.Header{"X-Amz-Target": {operation}})
		assert.Equal(t, http.StatusBadRequest, response.Status, operation)
	}
}
