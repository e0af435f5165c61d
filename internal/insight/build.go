package insight

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	imagetypes "github.com/aws/aws-sdk-go-v2/service/imagebuilder/types"

	"github.com/org/ami-action/internal/awserror"
)

// Limits on how much of a log is read from its end: the step that failed may have written a lot.
const (
	logPage  = 1000
	logPages = 3
	maxLine  = 400
)

// image fetches the status of the image, and the name of its log group.
func (l *look) image(ctx context.Context) {
	var output *imagebuilder.GetImageOutput
	l.known.Status, l.known.Reason = "", ""
	if !l.ask(getImage, func() (err error) {
		output, err = l.services.images.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: &l.known.ARN})
		return err
	}) || output.Image == nil {
		return
	}
	image := output.Image
	if image.State != nil {
		l.known.Status = l.watcher.clean.line(string(image.State.Status), maxName)
		l.known.Reason = l.text(image.State.Reason, maxText)
	}
	// The name of the log group contains the name of the image as it was created. The ARN has that name in lower case.
	if name := l.text(image.Name, maxName); name != "" {
		l.known.Name = name
		l.known.LogGroup = "/aws/imagebuilder/" + name
	}
	if image.LoggingConfiguration != nil {
		if group := l.text(image.LoggingConfiguration.LogGroupName, 2*maxName); group != "" {
			l.known.LogGroup = group
		}
	}
}

// workflows fetches the steps of the workflow that failed, or else of the one that started last.
func (l *look) workflows(ctx context.Context) {
	var output *imagebuilder.ListWorkflowExecutionsOutput
	if !l.ask(workflowExecutions, func() (err error) {
		output, err = l.services.images.ListWorkflowExecutions(ctx, &imagebuilder.ListWorkflowExecutionsInput{ImageBuildVersionArn: &l.known.ARN})
		return err
	}) || len(output.WorkflowExecutions) == 0 {
		return
	}
	executions := output.WorkflowExecutions
	latest := slices.MaxFunc(executions, func(a, b imagetypes.WorkflowExecutionMetadata) int {
		return parseTime(a.StartTime).Compare(parseTime(b.StartTime))
	})
	if i := slices.IndexFunc(executions, func(one imagetypes.WorkflowExecutionMetadata) bool {
		return one.Status == imagetypes.WorkflowExecutionStatusFailed
	}); i >= 0 {
		latest = executions[i]
	}
	var steps *imagebuilder.ListWorkflowStepExecutionsOutput
	if aws.ToString(latest.WorkflowExecutionId) == "" || !l.ask(workflowSteps, func() (err error) {
		steps, err = l.services.images.ListWorkflowStepExecutions(ctx, &imagebuilder.ListWorkflowStepExecutionsInput{
			WorkflowExecutionId: latest.WorkflowExecutionId,
		})
		return err
	}) {
		return
	}
	for _, step := range steps.Steps[:min(len(steps.Steps), maxSteps)] {
		l.report.Steps = append(l.report.Steps, Step{
			Name: l.text(step.Name, maxName), Action: l.text(step.Action, maxName),
			Status: l.watcher.clean.line(string(step.Status), maxName), Message: l.text(step.Message, maxText),
			Started: parseTime(step.StartTime), Ended: parseTime(step.EndTime),
		})
	}
}

// log reads the end of the image's log, for the lines to show and for the step of a component in which the build stopped.
// It reads backwards until it finds a step, but at most logPages pages.
func (l *look) log(ctx context.Context) {
	input := &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: &l.known.LogGroup, LogStreamName: &l.known.LogStream, Limit: aws.Int32(logPage), StartFromHead: aws.Bool(false),
	}
	var messages []string // oldest first
	for range logPages {
		output, ok := l.logPage(ctx, input)
		if !ok {
			break
		}
		messages = append(messagesOf(output.Events), messages...)
		token := aws.ToString(output.NextBackwardToken)
		if l.component = failedComponent(messages); l.component != nil && l.component.Step != "" || token == "" || token == aws.ToString(input.NextToken) {
			break
		}
		input.NextToken = &token
	}
	l.report.Log = l.watcher.clean.tail(messages, LogLines)
	if l.component != nil {
		clean := *l.component
		clean.Component = l.watcher.clean.line(clean.Component, maxName)
		clean.Stderr = l.watcher.clean.line(clean.Stderr, maxLine)
		l.component = &clean
	}
}

// logPage fetches one page of the log. If the log group does not exist, it tries the one with the image's name from its
// ARN.
func (l *look) logPage(ctx context.Context, input *cloudwatchlogs.GetLogEventsInput) (output *cloudwatchlogs.GetLogEventsOutput, ok bool) {
	for _, group := range slices.Compact([]string{l.known.LogGroup, imageOf(l.known.ARN).LogGroup}) {
		input.LogGroupName = &group
		found := true
		ok = l.ask(logEvents, func() (err error) {
			output, err = l.services.logs.GetLogEvents(ctx, input)
			if awserror.Code(err) == "ResourceNotFoundException" {
				output, found = &cloudwatchlogs.GetLogEventsOutput{}, false
				return nil
			}
			return err
		})
		if found || !ok {
			l.known.LogGroup = group
			return output, ok
		}
	}
	return output, ok
}

func messagesOf(events []logtypes.OutputLogEvent) []string {
	var messages []string
	for _, event := range events[:min(len(events), 10*logPage)] {
		messages = append(messages, strings.TrimRight(aws.ToString(event.Message), "\r\n"))
	}
	return messages
}
