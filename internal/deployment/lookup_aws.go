package deployment

import (
	"bytes"
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// The outputs of the orchestrator's stack (orchestrator-api.md, "Finding it").
const (
	outputEndpoint = "amiOrchestratorApiGatewayUrl"
	outputBucket   = "amiLifecyclePatchComponentBucket"
)

// output returns one output of the stack; one call to CloudFormation brings them all.
func (f *Finder) output(ctx context.Context, name string) (string, error) {
	stack := "CloudFormation stack " + f.options.StackName
	outputs, err := f.stack.get("", func() (map[string]string, error) { return f.outputs(ctx, stack) })
	if err != nil {
		return "", err
	}
	if outputs[name] == "" {
		return "", &Error{
			Looked: "output " + name + " of " + stack, Reason: "the stack has no such output",
			Hint: "name the stack of the orchestrator (--stackName)",
		}
	}
	return outputs[name], nil
}

func (f *Finder) outputs(ctx context.Context, stack string) (map[string]string, error) {
	clients, err := f.clients(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	answer, err := clients.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{
		StackName: aws.String(f.options.StackName),
	})
	region := clients.config.Region
	missing := "check that this is the orchestrator's account and region, or name its stack (--stackName)"
	if err != nil {
		return nil, explain(stack+" in "+region, err, situation{
			action:   "cloudformation:DescribeStacks",
			resource: "arn:aws:cloudformation:" + region + ":ACCOUNT:stack/" + f.options.StackName + "/*",
			// CloudFormation's word for a stack that is not there.
			missingCode: "ValidationError", missingHint: missing,
		})
	}
	if len(answer.Stacks) == 0 {
		return nil, &Error{Looked: stack + " in " + region, Reason: "there is no such stack", Hint: missing}
	}
	outputs := map[string]string{}
	for _, output := range answer.Stacks[0].Outputs {
		outputs[aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
	}
	return outputs, nil
}

func (f *Finder) secret(ctx context.Context, name string) (string, error) {
	clients, err := f.clients(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	id := f.options.APIKeyPrefix + name
	region := clients.config.Region
	answer, err := clients.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)})
	if err != nil {
		return "", explain("API key "+id+" in "+region, err, situation{
			action:      "secretsmanager:GetSecretValue",
			resource:    "arn:aws:secretsmanager:" + region + ":ACCOUNT:secret:" + id + "-??????",
			also:        "and kms:Decrypt if a key of your own encrypts the secret",
			missingCode: "ResourceNotFoundException",
			missingHint: "check that this is the orchestrator's account and region, or say how its secrets begin (--apiKeyPrefix)",
		})
	}
	// A key is 30 letters and digits, but that is the deployment's choice: any text is taken as it is.
	key := aws.ToString(answer.SecretString)
	if strings.TrimSpace(key) == "" {
		return "", &Error{
			Looked: "API key " + id + " in " + region, Reason: "the secret holds no text",
			Hint: "deploy the orchestrator again: it writes its keys",
		}
	}
	f.options.OnSecret(key)
	return key, nil
}

// Upload puts a patch component where the orchestrator looks for it and returns its URL, of the form
// s3://BUCKET/LIFECYCLE_ID/FILE_NAME (orchestrator-api.md, "Requests").
func (f *Finder) Upload(ctx context.Context, lifecycleID, fileName string, content []byte) (string, error) {
	key := lifecycleID + "/" + fileName
	if lifecycleID == "" || fileName == "" || strings.ContainsAny(fileName, `/\"`) || strings.ContainsFunc(key, isControl) {
		return "", &Error{
			Looked: "a place for the patch component", Reason: "its name would break the patch",
			Hint: `name the file without "/", "\", quotes and control characters`,
		}
	}
	bucket, err := f.output(ctx, outputBucket)
	if err != nil {
		return "", err
	}
	clients, err := f.clients(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	_, err = clients.files().PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String(key),
		Body: bytes.NewReader(content), ContentType: aws.String("application/yaml"),
	})
	if err != nil {
		return "", explain("a place for the patch component in bucket "+bucket, err, situation{
			action: "s3:PutObject", resource: "arn:aws:s3:::" + bucket + "/*",
			missingCode: "NoSuchBucket",
			missingHint: "the stack names a bucket that is gone: deploy the orchestrator again",
		})
	}
	return "s3://" + bucket + "/" + key, nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
