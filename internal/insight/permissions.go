package insight

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/org/ami-action/internal/awserror"
)

// Permission is an IAM action that an examination uses, and whether it is allowed.
type Permission struct {
	// Action is the name of the action in IAM, such as states:DescribeExecution.
	Action string
	// Denied is set if the action is not allowed. Err is set if that is unknown. Both are unset if it is allowed.
	Denied bool
	Err    error
}

// Permissions tries each action on a resource that does not exist. AWS checks the permission first, and only then whether
// the resource exists. Nothing is changed.
func (w *Watcher) Permissions(ctx context.Context, partition, region, account string) []Permission {
	ctx, cancel := context.WithTimeout(ctx, w.options.Timeout)
	defer cancel()
	services, err := w.clients.in(ctx, region)
	const nothing = "ami-action-doctor"
	execution := fmt.Sprintf("arn:%s:states:%s:%s:execution:%s:%s", partition, region, account, nothing, nothing)
	image := fmt.Sprintf("arn:%s:imagebuilder:%s:%s:image/%s/1.0.0/1", partition, region, account, nothing)
	attempts := []struct {
		action action
		ask    func() error
	}{
		{describeExecution, func() error {
			_, err := services.states.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: &execution})
			return err
		}},
		{executionHistory, func() error {
			_, err := services.states.GetExecutionHistory(ctx, &sfn.GetExecutionHistoryInput{ExecutionArn: &execution, MaxResults: 1})
			return err
		}},
		{getImage, func() error {
			_, err := services.images.GetImage(ctx, &imagebuilder.GetImageInput{ImageBuildVersionArn: &image})
			return err
		}},
		{workflowExecutions, func() error {
			_, err := services.images.ListWorkflowExecutions(ctx, &imagebuilder.ListWorkflowExecutionsInput{ImageBuildVersionArn: &image})
			return err
		}},
		{workflowSteps, func() error {
			_, err := services.images.ListWorkflowStepExecutions(ctx, &imagebuilder.ListWorkflowStepExecutionsInput{
				WorkflowExecutionId: aws.String("wf-00000000-0000-0000-0000-000000000000"),
			})
			return err
		}},
		{logEvents, func() error {
			_, err := services.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
				LogGroupName: aws.String("/aws/imagebuilder/" + nothing), LogStreamName: aws.String("1.0.0/1"), Limit: aws.Int32(1),
			})
			return err
		}},
	}
	permissions := make([]Permission, len(attempts))
	for i, attempt := range attempts {
		permissions[i].Action = string(attempt.action)
		if err == nil {
			permissions[i].take(attempt.ask())
		} else {
			permissions[i].Err = err
		}
	}
	return permissions
}

func (p *Permission) take(err error) {
	switch code := awserror.Code(err); {
	case err == nil, awserror.IsUnknown(code):
	case awserror.IsDenied(code):
		p.Denied = true
	default:
		p.Err = err
	}
}
