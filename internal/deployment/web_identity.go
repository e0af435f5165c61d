package deployment

import (
	"cmp"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// IDTokenVariable is the variable in which GitLab passes a job the ID token for AWS (templates/gitlab/template.yml,
// id_tokens). The SDK itself reads a token only from a file, which AWS_WEB_IDENTITY_TOKEN_FILE names.
const IDTokenVariable = "AMI_AWS_ID_TOKEN" //nolint:gosec // the name, not the token

// idToken is the text of an ID token.
type idToken string

// GetIdentityToken implements stscreds.IdentityTokenRetriever.
func (t idToken) GetIdentityToken() ([]byte, error) { return []byte(t), nil }

// RoleInput is the variable of the GitLab component's input aws_role_arn.
const RoleInput = "INPUT_AWS_ROLE_ARN"

// withIDToken makes the configuration assume a role with the ID token of the environment, if there are both a role and a
// token. This takes precedence over all other credentials, even if the project has access keys. The role in [RoleInput]
// always counts. AWS_ROLE_ARN counts only if AWS_WEB_IDENTITY_TOKEN_FILE is not set, because otherwise it may be the role
// of the pod.
func withIDToken(loaded aws.Config) aws.Config {
	role, token := unquoted(os.Getenv(RoleInput)), strings.TrimSpace(os.Getenv(IDTokenVariable))
	if role == "" && os.Getenv(tokenFileVariable) == "" {
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

// unquoted removes white space and one pair of quotes around s, because an ARN has neither.
func unquoted(s string) string {
	s = strings.TrimSpace(s)
	for _, quote := range []string{`"`, "'"} {
		if len(s) >= 2 && strings.HasPrefix(s, quote) && strings.HasSuffix(s, quote) {
			return strings.TrimSpace(s[1 : len(s)-1])
		}
	}
	return s
}
