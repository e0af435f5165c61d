package deployment

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/smithy-go"

	"github.com/org/ami-action/internal/connection"
)

const tokenFileVariable = "AWS_WEB_IDENTITY_TOKEN_FILE" //nolint:gosec // the name, not the token

const hintNoCredentials = "give the job a role (on GitHub aws-actions/configure-aws-credentials, on GitLab id_tokens); " +
	"on a laptop sign in with aws sso login or set AWS_PROFILE"

// explainCredentials says which source of credentials failed, because the SDK's error often names the failed system call
// only.
func (f *Finder) explainCredentials(err error) *Error {
	explained := &Error{Subject: "AWS credentials", Reason: f.reason(err), Hint: hintNoCredentials, Cause: err}
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok && operation.Service() == imds.ServiceID {
		// The metadata service is the last source that the SDK tries, so all others had no credentials.
		explained.Reason, explained.Hint = noCredentials(err)
		return explained
	}
	if fault := faultyTokenFile(); fault != "" {
		explained.Reason = fault
		explained.Hint = "a container does not see the files of its host: mount this one, or " + hintNoCredentials
		return explained
	}
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		explained.Hint = cmp.Or(hintByCode(refusal.ErrorCode()), hintByTokenCode(refusal.ErrorCode()))
		return explained
	}
	if _, ok := errors.AsType[*processcreds.ProviderError](err); ok {
		explained.Reason = "the credential_process of the AWS profile failed: " + explained.Reason
		explained.Hint = "run that command on this machine, as the user of this process: it must be installed here, and print JSON with \"Version\": 1"
		return explained
	}
	if isSignIn(err) {
		explained.Reason = "the AWS profile has no valid sign-in session: " + explained.Reason
		explained.Hint = "on a laptop sign in with aws sso login; a pipeline cannot sign in, so give its job a role instead"
		return explained
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		explained.Hint = cmp.Or(connection.Hint(err), hintUnreachable)
		if variable := containerService(failed.URL); variable != "" {
			explained.Reason = fmt.Sprintf("the service in %s: %s", variable, explained.Reason)
			explained.Hint = "this machine must reach that service without a proxy (NO_PROXY), and a container may not: give the job a role of its own instead"
		}
	}
	return explained
}

// faultyTokenFile returns what is wrong with the file of the ID token if the credentials should come from it, or "".
func faultyTokenFile() string {
	path := os.Getenv(tokenFileVariable)
	if path == "" || os.Getenv("AWS_ACCESS_KEY_ID") != "" {
		return ""
	}
	info, err := os.Stat(path) //nolint:gosec // the user's own setting
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Sprintf("%s names %s, which does not exist", tokenFileVariable, path)
	case err == nil && info.Mode().IsRegular() && info.Size() == 0:
		return fmt.Sprintf("%s names %s, which is empty", tokenFileVariable, path)
	}
	return ""
}

// noCredentials returns the reason and the hint if no source has credentials. A variable that is set without the other
// one that it needs is the most likely cause.
func noCredentials(err error) (reason, hint string) {
	const needsBoth = "set both: a secret is empty if its name is wrong, in a pull request from a fork, and on GitLab if it is protected but the branch is not"
	key, secret := os.Getenv("AWS_ACCESS_KEY_ID") != "", os.Getenv("AWS_SECRET_ACCESS_KEY") != ""
	role := "AWS_ROLE_ARN"
	if os.Getenv(role) == "" {
		role = RoleInput
	}
	switch {
	case key && !secret:
		return "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is empty", needsBoth
	case secret && !key:
		return "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is empty", needsBoth
	case os.Getenv(role) != "":
		return role + " is set, but the job has no ID token to assume that role with",
			"on GitHub use aws-actions/configure-aws-credentials; on GitLab give the job the token " + IDTokenVariable + " under id_tokens, or set " + tokenFileVariable
	}
	if fault := faultyFile(); fault != "" {
		return "none that can be read: " + fault, hintFaultyFile
	}
	reason = "none in the environment, in the AWS profile, or from a role of this machine"
	if failed, ok := errors.AsType[net.Error](err); ok && failed.Timeout() && isNoMetadataService(err) == aws.UnknownTernary {
		hint = "; on EC2 a container reaches the role of the machine only with a metadata hop limit of 2"
	}
	return reason, hintNoCredentials + hint
}

// hintByTokenCode returns the hint for an error of STS about an ID token or a role
// (https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html, "Errors").
func hintByTokenCode(code string) string {
	switch code {
	case "InvalidIdentityToken", "IDPRejectedClaim":
		return "check the identity provider in IAM, in the account of the role: it needs the address of the token's issuer, and the token's audience"
	case "IDPCommunicationError":
		return "AWS reads the public keys of the token's issuer: a GitLab or GitHub server of your own must be reachable from AWS; otherwise run again"
	case "RegionDisabledException":
		return "activate this region under Security Token Service in the account settings of IAM"
	case "ValidationError", "InvalidParameterValue", "InvalidParameterCombination":
		return "check AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME and the token itself: one of them is empty or has an invalid form"
	}
	return "check that the role trusts this job: its trust policy names which jobs may assume it"
}

// isSignIn reports whether the error is about a session of AWS IAM Identity Center. Only one of its errors has a type.
func isSignIn(err error) bool {
	if _, ok := errors.AsType[*ssocreds.InvalidTokenError](err); ok {
		return true
	}
	if missing, ok := errors.AsType[*fs.PathError](err); ok {
		return strings.Contains(missing.Path, "sso")
	}
	return strings.Contains(err.Error(), "SSO")
}

// containerService returns the variable that names the container's credentials service if address is one of its addresses.
func containerService(address string) string {
	asked, err := url.Parse(address)
	if err != nil {
		return ""
	}
	const full, relative = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
	if service, err := url.Parse(os.Getenv(full)); err == nil && service.Host != "" && service.Host == asked.Host {
		return full
	}
	if path := os.Getenv(relative); path != "" && strings.HasSuffix(asked.Path, path) {
		return relative
	}
	return ""
}

// explainConfig explains an error of the SDK's configuration, which it reads from the environment and the shared files
// only.
func (f *Finder) explainConfig(err error) *Error {
	explained := &Error{
		// The reason is the full text, because the innermost error does not name the variable.
		Subject: "the AWS configuration", Reason: f.firstLine(err.Error()), Invalid: true, Cause: err,
		Hint: "check AWS_PROFILE, the files ~/.aws/config and ~/.aws/credentials, and the other AWS_* variables",
	}
	if missing, ok := errors.AsType[config.SharedConfigProfileNotExistError](err); ok {
		explained.Reason = f.firstLine(fmt.Sprintf("the profile %q is not in %s", missing.Profile, strings.Join(sharedFiles(), " or ")))
		explained.Hint = "check AWS_PROFILE and these files: a container does not see those of its host; leave AWS_PROFILE empty if the job has a role"
		if fault := faultyFile(); fault != "" {
			explained.Reason, explained.Hint = explained.Reason+": "+fault, hintFaultyFile
		}
	}
	if os.Getenv(tokenFileVariable) != "" && os.Getenv("AWS_ROLE_ARN") == "" && strings.Contains(err.Error(), "role ARN is not set") {
		explained.Reason = tokenFileVariable + " is set, but AWS_ROLE_ARN is empty"
		explained.Hint = "set both, or neither"
	}
	if _, ok := errors.AsType[config.AssumeRoleTokenProviderNotSetError](err); ok {
		explained.Reason = "the profile has an mfa_serial, and nobody can be asked for its code"
		explained.Hint = "use a profile without mfa_serial, or session credentials from aws sts get-session-token"
	}
	return explained
}

func noRegion() *Error {
	missing := &Error{
		Subject: "the AWS region", Reason: "none is configured",
		Hint: "set AWS_REGION to the region of the orchestrator, or a region in the AWS profile",
	}
	if fault := faultyFile(); fault != "" {
		missing.Reason, missing.Hint = missing.Reason+": "+fault, hintFaultyFile
	}
	return missing
}
