package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
)

func TestWhiteSpaceAndQuotesAroundAWSVariablesAreRemoved(t *testing.T) {
	for given, want := range map[string]string{
		"us-east-1\n": "us-east-1", " us-east-1": "us-east-1", `"us-east-1"`: "us-east-1", "' us-east-1 '\r\n": "us-east-1",
	} {
		for _, name := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN"} {
			assert.Equal(t, map[string]string{name: want}, config.TrimmedAWS([]string{"A=1", name + "=" + given}), "%q", given)
		}
	}
	assert.Empty(t, config.TrimmedAWS([]string{"AWS_REGION=us-east-1", "AWS_SECRET_ACCESS_KEY=a\"b", "HOME= x ", "nothing"}))
}

func TestAnAWSVariableThatWasNotExpandedIsRefused(t *testing.T) {
	environ := []string{"AWS_REGION=$REGION", "AWS_ROLE_ARN=arn:aws:iam::${ACCOUNT}:role/x", "AWS_SECRET_ACCESS_KEY=$CANARY"}
	messages := faults(t, []string{"--operation=AMI_GET_STATUSES"}, environ, config.CommandLine)
	assert.Equal(t, []string{
		`AWS_REGION contains "$REGION", which is not expanded; set AWS_REGION to the value itself`,
		`AWS_ROLE_ARN contains "${ACCOUNT}", which is not expanded; set AWS_ROLE_ARN to the value itself`,
	}, messages)
	_, err := config.Load([]string{"--operation=AMI_GET_STATUSES", "--sandbox"}, environ, config.Implied{}, config.CommandLine)
	require.NoError(t, err)
}
