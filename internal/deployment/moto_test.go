package deployment_test

import (
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/mototest"
)

// stackTemplate is the part of the orchestrator's stack that a client uses.
const stackTemplate = `{
	"Resources": {"Components": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "ami-lifecycle-components"}}},
	"Outputs": {
		"amiOrchestratorApiGatewayUrl": {"Value": "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/"},
		"amiLifecyclePatchComponentBucket": {"Value": {"Ref": "Components"}}
	}
}`

// TestAWSAsMotoKnowsIt runs the look-ups against moto, an independent implementation of AWS.
func TestAWSAsMotoKnowsIt(t *testing.T) {
	url := mototest.Start(t)
	inPipeline(t, url)
	configured, err := config.LoadDefaultConfig(t.Context())
	require.NoError(t, err)
	_, err = cloudformation.NewFromConfig(configured).CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("AmiLifecycle"), TemplateBody: aws.String(stackTemplate),
	})
	require.NoError(t, err)
	secrets := secretsmanager.NewFromConfig(configured)
	secret, err := secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String(prefix + secretCreate), SecretString: aws.String("a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5"),
	})
	require.NoError(t, err)
	_, err = secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String(prefix + "binary"), SecretBinary: []byte("key"),
	})
	require.NoError(t, err)

	t.Run("everything is found", func(t *testing.T) {
		finder := finderOf(t, deployment.Options{})
		require.NoError(t, finder.Prefetch(t.Context(), []string{secretCreate}, true))
		endpoint, err := finder.Endpoint(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "https://abc123.execute-api.eu-west-1.amazonaws.com/prod", endpoint)
		key, err := finder.Key(t.Context(), secretCreate)
		require.NoError(t, err)
		assert.Equal(t, "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5", key)
	})
	t.Run("a component arrives whole", func(t *testing.T) {
		content := "name: httpd\nphases: []\n# \u00fc\n"
		url, err := finderOf(t, deployment.Options{}).Upload(t.Context(), "3f0bd60d", "component.yaml", []byte(content), "token.1")
		require.NoError(t, err)
		assert.Equal(t, "s3://ami-lifecycle-components/3f0bd60d/component.yaml", url)
		object, err := s3.NewFromConfig(configured, func(o *s3.Options) { o.UsePathStyle = true }).
			GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("ami-lifecycle-components"), Key: aws.String("3f0bd60d/component.yaml")})
		require.NoError(t, err)
		defer object.Body.Close()
		stored, err := io.ReadAll(object.Body)
		require.NoError(t, err)
		assert.Equal(t, content, string(stored))

		token, err := finderOf(t, deployment.Options{}).Uploaded(t.Context(), "3f0bd60d", "component.yaml")
		require.NoError(t, err)
		assert.Equal(t, "token.1", token)
		token, err = finderOf(t, deployment.Options{}).Uploaded(t.Context(), "3f0bd60d", "another.yaml")
		require.NoError(t, err)
		assert.Empty(t, token)
	})
	t.Run("a replaced key is seen", func(t *testing.T) {
		finder := finderOf(t, deployment.Options{})
		_, err := finder.Key(t.Context(), secretCreate)
		require.NoError(t, err)
		_, err = secrets.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: secret.ARN, SecretString: aws.String("new")})
		require.NoError(t, err)
		key, err := finder.RefreshKey(t.Context(), secretCreate)
		require.NoError(t, err)
		assert.Equal(t, "new", key)
	})
	t.Run("what is missing is said", func(t *testing.T) {
		finder := finderOf(t, deployment.Options{StackName: "Other"})
		err := finder.Prefetch(t.Context(), []string{secretStatus, "binary"}, true)
		require.ErrorContains(t, err, "CloudFormation stack Other in eu-west-1: ValidationError: Stack with id Other does not exist")
		require.ErrorContains(t, err, "API key "+prefix+secretStatus+" in eu-west-1: ResourceNotFoundException: ")
		require.ErrorContains(t, err, "API key "+prefix+"binary in eu-west-1: the secret has no string value")
		assertReadable(t, err)
	})
}
