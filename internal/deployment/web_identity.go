package deployment

import (
	"cmp"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// IDTokenVariable is the variable in which GitLab gives a job the ID token for AWS
// (templates/gitlab/template.yml, id_tokens). The SDK itself reads a token from a file only, the one that
// AWS_WEB_IDENTITY_TOKEN_FILE names.
const IDTokenVariable = "AMI_AWS_ID_TOKEN" //nolint:gosec // the name, not the token

// idToken is a token that is there already.
type idToken string

// GetIdentityToken implements stscreds.IdentityTokenRetriever.
func (t idToken) GetIdentityToken() ([]byte, error) { return []byte(t), nil }

// withIDToken makes the configuration take on the role AWS_ROLE_ARN with the ID token of the environment,
// where there are both and no file is named. They go before all other credentials: a job that names a role
// means it, whatever keys the project has besides.
func withIDToken(loaded aws.Config) aws.Config {
	role, token := os.Getenv("AWS_ROLE_ARN"), os.Getenv(IDTokenVariable)
	if role == "" || token == "" || os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE") != "" || loaded.Region == "" {
		return loaded
	}
	provider := stscreds.NewWebIdentityRoleProvider(sts.NewFromConfig(loaded), role, idToken(token),
		func(o *stscreds.WebIdentityRoleOptions) {
			o.RoleSessionName = cmp.Or(os.Getenv("AWS_ROLE_SESSION_NAME"), "ami-action")
		})
	loaded.Credentials = aws.NewCredentialsCache(provider)
	return loaded
}
