package deployment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/smithy-go"

	"github.com/org/ami-action/internal/awserror"
	"github.com/org/ami-action/internal/awslimit"
)

// Error means that a part of the deployment was not found, or could not be used.
type Error struct {
	// Subject is what was looked up, such as "CloudFormation stack AmiLifecycle in eu-west-1".
	Subject string
	// Reason says what happened instead: the code and message of AWS, or why AWS could not be reached.
	Reason string
	// Hint says what to do.
	Hint string
	// Invalid is set if the user's configuration is invalid, so that no request was sent.
	Invalid bool
	// Cause is the original error, for errors.Is and errors.As. Its text is that of the SDK.
	Cause error
}

func (e *Error) Error() string {
	text := e.Subject + ": " + e.Reason
	if e.Hint != "" {
		text += "; " + e.Hint
	}
	return text
}

func (e *Error) Unwrap() error { return e.Cause }

// situation describes a call for the hint of explain: the IAM action and resource, an addition to that hint, and the
// error code for something that does not exist, with its own hint.
type situation struct {
	action, resource, also   string
	missingCode, missingHint string
}

// explain converts an error of the SDK to an *Error with a hint.
func (f *Finder) explain(subject string, err error, s situation) *Error {
	explained := &Error{Subject: subject, Reason: f.reason(err), Cause: err}
	refusal, isResponse := errors.AsType[smithy.APIError](err)
	if !isResponse {
		explained.Hint = hintUnreachable
		return explained
	}
	switch code := refusal.ErrorCode(); {
	case code == s.missingCode:
		explained.Hint = s.missingHint
	case awserror.IsDenied(code):
		explained.Hint = strings.TrimSpace(fmt.Sprintf("allow %s on %s to these credentials %s", s.action, s.resource, s.also)) + hintDoctor
	default:
		explained.Hint = hintByCode(code)
	}
	return explained
}

// hintDoctor is appended to the hint about a missing permission, because others may be missing too.
const hintDoctor = "; ami-action doctor shows everything that is missing"

const hintUnreachable = "check the AWS region, the network, a proxy's variables (HTTPS_PROXY, NO_PROXY), and AWS_ENDPOINT_URL if it is set"

func (f *Finder) explainConfig(err error) *Error {
	return &Error{
		// The reason is the full text, because the innermost error does not name the variable.
		Subject: "the AWS configuration", Reason: f.firstLine(err.Error()), Cause: err,
		Hint: "check AWS_PROFILE, the files ~/.aws/config and ~/.aws/credentials, and the other AWS_* variables",
	}
}

func noRegion() *Error {
	return &Error{
		Subject: "the AWS region", Reason: "none is configured",
		Hint: "set AWS_REGION to the region of the orchestrator, or a region in the AWS profile",
	}
}

func invalidRegion(region string) *Error {
	return &Error{
		Subject: "the AWS region", Reason: fmt.Sprintf("%q must contain only lowercase letters, digits and hyphens", region), Invalid: true,
		Hint: "set AWS_REGION (or AWS_DEFAULT_REGION, or the region of the AWS profile) without quotes, such as eu-west-1",
	}
}

const hintNoCredentials = "give the job a role (on GitHub aws-actions/configure-aws-credentials, on GitLab id_tokens); " +
	"on a laptop sign in with aws sso login or set AWS_PROFILE"

func (f *Finder) explainCredentials(err error) *Error {
	explained := &Error{Subject: "AWS credentials", Reason: f.reason(err), Hint: hintNoCredentials, Cause: err}
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok && operation.Service() == imds.ServiceID {
		// The metadata service is the last source that the SDK tries, so all others had no credentials.
		explained.Reason = "none in the environment, in the AWS profile, or from a role of this machine"
		return explained
	}
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		explained.Hint = cmp.Or(hintByCode(refusal.ErrorCode()), "check that the role trusts this job: its trust policy names which jobs may assume it")
	} else if _, ok := errors.AsType[*url.Error](err); ok {
		explained.Hint = hintUnreachable
	}
	return explained
}

func hintByCode(code string) string {
	switch {
	case strings.Contains(code, "Expired"):
		return "get fresh AWS credentials and run again; a job that ends before they expire needs a longer session of its role"
	case slices.Contains([]string{
		"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure",
		"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature",
	}, code):
		return "AWS does not accept these credentials: check them, and this machine's clock"
	case awserror.IsThrottled(code):
		return "AWS throttles this account, and retries for a minute did not help: start fewer jobs at once, or raise AWS_MAX_ATTEMPTS"
	case code == "DecryptionFailure":
		return "allow kms:Decrypt on the key that encrypts the secret"
	}
	return ""
}

// reason returns the meaning of an SDK error in one line, without operation names, request ids and counts of attempts.
func (f *Finder) reason(err error) string {
	if refusal, ok := errors.AsType[smithy.APIError](err); ok {
		code, message := f.firstLine(refusal.ErrorCode()), f.firstLine(refusal.ErrorMessage())
		response, hasStatus := errors.AsType[*awshttp.ResponseError](err)
		switch {
		case message != "" && message != code:
			return code + ": " + message
		case hasStatus:
			return fmt.Sprintf("%s (HTTP %d)", code, response.HTTPStatusCode())
		}
		return code
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted"
	case errors.Is(err, context.DeadlineExceeded):
		return "no response in time"
	case errors.Is(err, awslimit.ErrTooLarge):
		return awslimit.ErrTooLarge.Error()
	}
	if failed, ok := errors.AsType[*url.Error](err); ok {
		// The URL is left out. It holds no secret, but does not help either.
		return f.firstLine(failed.Err.Error())
	}
	if failed, ok := errors.AsType[*net.OpError](err); ok {
		return f.firstLine(failed.Error())
	}
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return fmt.Sprintf("a response that is not from AWS (HTTP %d)", response.HTTPStatusCode())
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(inner) {
		err = inner
	}
	return f.firstLine(err.Error())
}

// firstLine returns the first line of a text from AWS, redacted and shortened. The other lines are dropped: in a
// SignatureDoesNotMatch they quote the request with its session token. The redaction comes first, because a secret that
// is cut in half is not recognised.
func (f *Finder) firstLine(text string) string {
	const limit = 400
	line, _, _ := strings.Cut(strings.TrimSpace(f.options.Redact(text)), "\n")
	if len(line) > limit {
		line = strings.ToValidUTF8(line[:limit], "") + "..."
	}
	return strings.TrimRight(line, " .")
}

// joined returns all failures as one error, or nil if there are none. Failures with the same reason and hint are merged
// into one that names everything that was looked up.
func joined(failures []error) error {
	var merged []*Error
	var others []error
	for _, failure := range failures {
		one, ok := errors.AsType[*Error](failure)
		if !ok {
			others = append(others, failure)
			continue
		}
		same := slices.IndexFunc(merged, func(other *Error) bool {
			return other.Reason == one.Reason && other.Hint == one.Hint
		})
		if same < 0 {
			// This is a copy, because another caller may have been given the same failure.
			merged = append(merged, &Error{Subject: one.Subject, Reason: one.Reason, Hint: one.Hint, Cause: one.Cause})
			continue
		}
		if subject := &merged[same].Subject; !slices.Contains(strings.Split(*subject, ", "), one.Subject) {
			*subject += ", " + one.Subject
		}
	}
	for _, one := range merged {
		others = append(others, one)
	}
	return errors.Join(others...)
}
