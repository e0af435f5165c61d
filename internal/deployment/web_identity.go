package deployment

import (
	"cmp"
	"os"
	"strings"

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

// RoleInput is the variable of the GitLab component's input aws_role_arn.
const RoleInput = "INPUT_AWS_ROLE_ARN"

// withIDToken makes the configuration assume a role with the ID token of the environment, where there are both. It
// goes before all other credentials: a job that names a role means it, even if the project has keys. The
// role of the input counts no matter what the pod or the project has in its environment; AWS_ROLE_ARN alone only
// where no token file is named, since then it may be the pod's.
func withIDToken(loaded aws.Config) aws.Config {
	role, token := unquoted(os.Getenv(RoleInput)), strings.TrimSpace(os.Getenv(IDTokenVariable))
	if role == "" && os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE") == "" {
		role = unquoted(os.Getenv("AWS_ROLE_ARN"))
	}
	if role == "" || token == "" || loaded.Region == "" {
		return loaded
	}
	provider := stscreds.NewWebIdentityRoleProvider(sts.NewFromConfig(loaded), role, idToken(token),
		func(o *stscreds.WebIdentityRoleOptions) {
			o.RoleSessionName = cmp.Or(os.Getenv("AWS_ROLE_SESSION_NAME"), "ami-action")
		})
	loaded.Credentials = aws.NewCredentialsCache(provider)
	return loaded
}

// unquoted trims white space and one pair of quotes: an ARN has neither.
func unquoted(s string) string {
	s = strings.TrimSpace(s)
	for _, quote := range []string{`"`, "'"} {
		if len(s) >= 2 && strings.HasPrefix(s, quote) && strings.HasSuffix(s, quote) {
			return strings.TrimSpace(s[1 : len(s)-1])
		}
	}
	return s
}
