package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
)

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
