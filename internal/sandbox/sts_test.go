package sandbox_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

func TestTheRoleThatMayQueryTheTableCanBeAssumed(t *testing.T) {
	client := sts.NewFromConfig(manual(t).awsConfig())
	assume := func(role string) (*sts.AssumeRoleOutput, error) {
		return client.AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("me")})
	}
	found, err := assume(sandbox.ImageTableRole)
	require.NoError(t, err)
	assert.NotEmpty(t, *found.Credentials.SecretAccessKey)
	assert.NotEmpty(t, *found.Credentials.SessionToken)
	_, err = assume("arn:aws:iam::123456789012:role/other")
	assert.Equal(t, "AccessDenied", errorCode(err))
	_, err = client.GetSessionToken(t.Context(), &sts.GetSessionTokenInput{})
	assert.Equal(t, "InvalidAction", errorCode(err))
}
