package deployment

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// The outputs of the orchestrator's stack (docs/wire-contract.md, "Finding it"; docs/behind-the-document.md, "The
// look-up table of images").
const (
	OutputEndpoint   = "amiOrchestratorApiGatewayUrl"
	OutputBucket     = "amiLifecyclePatchComponentBucket"
	OutputImageTable = "amiSelectionTableName"
)

// output returns one output of the stack. A single call to CloudFormation fetches all outputs.
func (f *Finder) output(ctx context.Context, name string) (string, error) {
	stack := "CloudFormation stack " + f.options.StackName
	outputs, err := f.Outputs(ctx)
	if err != nil {
		return "", err
	}
	if outputs[name] == "" {
		return "", &Error{
			Subject: "output " + name + " of " + stack, Reason: "the stack has no such output",
			Hint: "name the stack of the orchestrator (--stackName)",
		}
	}
	return outputs[name], nil
}

// Outputs returns the outputs of the orchestrator's stack by their keys. The error is of type [*Error].
func (f *Finder) Outputs(ctx context.Context) (map[string]string, error) {
	return f.stack.get("", func() (map[string]string, error) {
		return f.describe(ctx, "CloudFormation stack "+f.options.StackName)
	})
}

func (f *Finder) describe(ctx context.Context, stack string) (map[string]string, error) {
	clients, err := f.clients(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	described, err := clients.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{
		StackName: aws.String(f.options.StackName),
	})
	region := clients.config.Region
	missing := "check that this is the orchestrator's account and region, or name its stack (--stackName)"
	if err != nil {
		return nil, f.explain(stack+" in "+region, err, situation{
			action:   "cloudformation:DescribeStacks",
			resource: "arn:aws:cloudformation:" + region + ":ACCOUNT:stack/" + f.options.StackName + "/*",
			// This is CloudFormation's code for a stack that does not exist.
			missingCode: "ValidationError", missingHint: missing,
		})
	}
	if len(described.Stacks) == 0 {
		return nil, &Error{Subject: stack + " in " + region, Reason: "the stack does not exist", Hint: missing}
	}
	outputs := map[string]string{}
	for _, output := range described.Stacks[0].Outputs {
		outputs[aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
	}
	return outputs, nil
}
