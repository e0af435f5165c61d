package sandbox_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secretstypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

// awsConfig returns the configuration that results from AWS_ENDPOINT_URL and arbitrary credentials. It connects to
// the sandbox whatever the host, because host names with a bucket do not resolve on every machine.
func (b *box) awsConfig() aws.Config {
	dialer := &net.Dialer{}
	return aws.Config{
		Region: "eu-central-1", BaseEndpoint: aws.String(b.URL()),
		Credentials:      credentials.NewStaticCredentialsProvider("any", "thing", ""),
		RetryMaxAttempts: 1,
		HTTPClient: &http.Client{Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dialer.DialContext(ctx, network, strings.TrimPrefix(b.URL(), "http://"))
			},
		}},
	}
}

func errorCode(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

func TestTheSDKFindsTheStack(t *testing.T) {
	t.Parallel()
	box := start(t, sandbox.Options{Manual: true, StackName: "Other"})
	client := cloudformation.NewFromConfig(box.awsConfig())
	described, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("Other")})
	require.NoError(t, err)
	require.Len(t, described.Stacks, 1)
	outputs := map[string]string{}
	for _, output := range described.Stacks[0].Outputs {
		outputs[*output.OutputKey] = *output.OutputValue
	}
	assert.Equal(t, map[string]string{
		"amiOrchestratorApiGatewayUrl":     box.URL() + "/dev",
		"amiLifecyclePatchComponentBucket": "ami-lifecycle-patch-components",
		"amiSelectionTableName":            "ami-lifecycle-image-lookup",
		"amiSelectionCAReadOnly":           "arn:aws:iam::123456789012:role/ami-lifecycle-selection-read-only",
	}, outputs)

	byID, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: described.Stacks[0].StackId})
	require.NoError(t, err)
	assert.Len(t, byID.Stacks, 1)
	all, err := client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
	require.NoError(t, err)
	assert.Len(t, all.Stacks, 1)

	_, err = client.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("AmiLifecycle")})
	assert.Equal(t, "ValidationError", errorCode(err))
	assert.ErrorContains(t, err, "Stack with id AmiLifecycle does not exist")
	_, err = client.ListStacks(t.Context(), &cloudformation.ListStacksInput{})
	assert.Equal(t, "InvalidAction", errorCode(err))
}

func TestTheSDKReadsTheKeys(t *testing.T) {
	t.Parallel()
	box := start(t, sandbox.Options{Manual: true})
	client := secretsmanager.NewFromConfig(box.awsConfig())
	get := func(id string) (*secretsmanager.GetSecretValueOutput, error) {
		return client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
	}
	for _, secret := range secrets {
		value, err := get("/ami-lifecycle/api-keys/" + secret)
		require.NoError(t, err)
		assert.Equal(t, box.keys[secret], *value.SecretString)
		assert.Regexp(t, "^[A-Za-z0-9]{30}$", *value.SecretString)
		byARN, err := get(*value.ARN)
		require.NoError(t, err)
		assert.Equal(t, value.SecretString, byARN.SecretString)
	}
	for _, id := range []string{"/ami-lifecycle/api-keys/other", "ami_creation_post_api_key", "x"} {
		_, err := get(id)
		var notFound *secretstypes.ResourceNotFoundException
		assert.ErrorAs(t, err, &notFound, id)
	}
	_, err := client.ListSecrets(t.Context(), &secretsmanager.ListSecretsInput{})
	assert.Equal(t, "UnknownOperationException", errorCode(err))
}

func TestTheSDKUploadsAComponent(t *testing.T) {
	t.Parallel()
	box := start(t, sandbox.Options{Manual: true})
	for name, config := range map[string]func(*s3.Options){
		"by path": func(*s3.Options) {},
		"by virtual host": func(o *s3.Options) {
			o.BaseEndpoint = aws.String(strings.Replace(box.URL(), "127.0.0.1", "localhost", 1))
		},
		"without a checksum": func(o *s3.Options) {
			o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := s3.NewFromConfig(box.awsConfig(), config)
			bucket, key := aws.String(sandbox.Bucket), aws.String("0000/"+name+" + ü.yaml")
			component := strings.Repeat("schemaVersion: 1.0\r\n", 5000)
			put, err := client.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: bucket, Key: key, Body: strings.NewReader(component), ContentType: aws.String("text/yaml"),
			})
			require.NoError(t, err)
			head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: key})
			require.NoError(t, err)
			assert.Equal(t, int64(len(component)), *head.ContentLength)
			assert.Equal(t, put.ETag, head.ETag)
			got, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key})
			require.NoError(t, err)
			body, err := io.ReadAll(got.Body)
			require.NoError(t, err)
			assert.Equal(t, component, string(body))
			assert.Equal(t, "text/yaml", *got.ContentType)

			presigned, err := s3.NewPresignClient(client).PresignGetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key})
			require.NoError(t, err)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, presigned.URL, nil)
			require.NoError(t, err)
			response, err := box.awsConfig().HTTPClient.Do(request)
			require.NoError(t, err)
			require.NoError(t, response.Body.Close())
			assert.Equal(t, http.StatusOK, response.StatusCode)
		})
	}
	client := s3.NewFromConfig(box.awsConfig())
	_, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(sandbox.Bucket), Key: aws.String("none")})
	var notFound *s3types.NotFound
	assert.ErrorAs(t, err, &notFound)
	_, err = client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String(sandbox.Bucket), Key: aws.String("none")})
	var noKey *s3types.NoSuchKey
	assert.ErrorAs(t, err, &noKey)
	_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("other"), Key: aws.String("k"), Body: strings.NewReader("")})
	assert.Equal(t, "NoSuchBucket", errorCode(err))
	_, err = client.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(sandbox.Bucket), Key: aws.String(strings.Repeat("k", 1025)), Body: strings.NewReader(""),
	})
	assert.Equal(t, "KeyTooLongError", errorCode(err))
	_, err = client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(sandbox.Bucket), Key: aws.String("k")})
	assert.Equal(t, "MethodNotAllowed", errorCode(err))
	_, err = client.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String(sandbox.Bucket)})
	assert.NoError(t, err)
}

func TestAnUploadThatWasCutShortIsRefused(t *testing.T) {
	box := manual(t)
	header := http.Header{"Content-Encoding": {"aws-chunked"}, "X-Amz-Decoded-Content-Length": {"11"}}
	for _, body := range []string{
		"b\r\nhello world", "b\r\nhello", "zz\r\nhello", "5\r\nhello\r\n0\r\n\r\n", "ffffffffffff\r\nhello", "",
	} {
		response := box.do(http.MethodPut, box.URL()+"/"+sandbox.Bucket+"/k", body, header)
		assert.Equal(t, http.StatusBadRequest, response.Status, "%q", body)
		assert.Contains(t, response.Body, "IncompleteBody", "%q", body)
	}
	whole := box.do(http.MethodPut, box.URL()+"/"+sandbox.Bucket+"/k",
		"5;chunk-signature=0\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:x\r\n\r\n", header)
	assert.Equal(t, http.StatusOK, whole.Status, whole.Body)
}

func TestFaultsStrikeAWSCallsInTheirOwnForm(t *testing.T) {
	t.Parallel()
	box := start(t, sandbox.Options{Manual: true})
	for _, route := range []string{"cloudformation DescribeStacks", "secretsmanager GetSecretValue", "s3 PutObject"} {
		box.mustControl("faults", map[string]any{"route": route, "status": 503})
	}
	_, err := cloudformation.NewFromConfig(box.awsConfig()).DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{})
	assert.Equal(t, "ServiceUnavailable", errorCode(err))
	_, err = secretsmanager.NewFromConfig(box.awsConfig()).GetSecretValue(t.Context(),
		&secretsmanager.GetSecretValueInput{SecretId: aws.String("x")})
	assert.Equal(t, "ServiceUnavailable", errorCode(err))
	_, err = s3.NewFromConfig(box.awsConfig()).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(sandbox.Bucket), Key: aws.String("k"), Body: strings.NewReader(""),
	})
	assert.Equal(t, "ServiceUnavailable", errorCode(err))
}
