package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/awserror"
	"github.com/org/ami-action/internal/sandbox"
)

func TestTheSDKLearnsWhoItIs(t *testing.T) {
	box := start(t, sandbox.Options{Manual: true})
	who, err := sts.NewFromConfig(box.awsConfig()).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	require.NoError(t, err)
	assert.Equal(t, "123456789012", aws.ToString(who.Account))
	assert.Contains(t, aws.ToString(who.Arn), "arn:aws:sts::123456789012:assumed-role/")

	unsigned := box.do(http.MethodPost, box.URL()+"/", "Action=GetCallerIdentity&Version=2011-06-15",
		http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	assert.Contains(t, unsigned.Body, "<Account>123456789012</Account>")
}

// TestEveryServiceDeniesInItsOwnWords checks that the SDK of each service reads the response as a missing permission.
func TestEveryServiceDeniesInItsOwnWords(t *testing.T) {
	box := start(t, sandbox.Options{Manual: true})
	configured := box.awsConfig()
	files := s3.NewFromConfig(configured, func(o *s3.Options) { o.UsePathStyle = true })
	calls := map[string]func() error{
		"sts GetCallerIdentity": func() error {
			_, err := sts.NewFromConfig(configured).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
			return err
		},
		"cloudformation DescribeStacks": func() error {
			_, err := cloudformation.NewFromConfig(configured).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
			return err
		},
		"secretsmanager GetSecretValue": func() error {
			_, err := secretsmanager.NewFromConfig(configured).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{
				SecretId: aws.String("/ami-lifecycle/api-keys/ami_creation_post_api_key"),
			})
			return err
		},
		"s3 PutObject": func() error {
			_, err := files.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(sandbox.Bucket), Key: aws.String("x"), Body: strings.NewReader("x")})
			return err
		},
		"s3 HeadObject": func() error {
			_, err := files.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(sandbox.Bucket), Key: aws.String("x")})
			return err
		},
		"states DescribeExecution": func() error {
			_, err := sfn.NewFromConfig(configured).DescribeExecution(t.Context(), &sfn.DescribeExecutionInput{
				ExecutionArn: aws.String("arn:aws:states:eu-central-1:123456789012:execution:a:b"),
			})
			return err
		},
		"imagebuilder GetImage": func() error {
			_, err := imagebuilder.NewFromConfig(configured).GetImage(t.Context(), &imagebuilder.GetImageInput{
				ImageBuildVersionArn: aws.String("arn:aws:imagebuilder:eu-central-1:123456789012:image/a/1.0.0/1"),
			})
			return err
		},
		"dynamodb Query": func() error {
			_, err := dynamodb.NewFromConfig(configured).Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String(sandbox.ImageTable)})
			return err
		},
	}
	for route, call := range calls {
		box.mustControl("faults", map[string]any{"route": route, "times": -1, "deny": true})
		code := awserror.Code(call())
		assert.True(t, awserror.IsDenied(code), "%s: %q", route, code)
	}
}

func TestAFaultCanStrikeOneSecretOnly(t *testing.T) {
	box := start(t, sandbox.Options{Manual: true})
	box.mustControl("faults", map[string]any{
		"route": "secretsmanager GetSecretValue", "contains": "/ami_patch_put_api_key", "times": -1, "deny": true,
	})
	secrets := secretsmanager.NewFromConfig(box.awsConfig())
	ask := func(name string) string {
		_, err := secrets.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("/ami-lifecycle/api-keys/" + name)})
		return errorCode(err)
	}
	assert.Equal(t, "AccessDeniedException", ask("ami_patch_put_api_key"))
	assert.Empty(t, ask("ami_patch_post_api_key"))
}
