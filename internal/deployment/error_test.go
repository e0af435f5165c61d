package deployment_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
)

func TestEveryFailureSaysWhatWasLookedForWhatHappenedAndWhatToDo(t *testing.T) {
	askEndpoint := func(t *testing.T, f *deployment.Finder) error { _, err := f.Endpoint(t.Context()); return err }
	askKey := func(t *testing.T, f *deployment.Finder) error { _, err := f.Key(t.Context(), secretStatus); return err }
	upload := func(t *testing.T, f *deployment.Finder) error {
		_, err := f.Upload(t.Context(), "3f0bd60d", "c.yaml", []byte("x"), "token")
		return err
	}
	tests := map[string]struct {
		ask      func(*testing.T, *deployment.Finder) error
		arrange  func(*fakeAWS)
		subject  string
		reason   string
		hint     string
		hintMore string
	}{
		"no such stack": {
			ask: askEndpoint, arrange: refusing("DescribeStacks", func(w http.ResponseWriter) {
				refuseXML(w, http.StatusBadRequest, "ValidationError", "Stack with id AmiLifecycle does not exist")
			}),
			subject: "CloudFormation stack AmiLifecycle in eu-west-1", reason: "ValidationError: Stack with id AmiLifecycle does not exist",
			hint: "account and region", hintMore: "--stackName",
		},
		"a stack without the output": {
			ask: askEndpoint, arrange: func(f *fakeAWS) { f.outputs = map[string]string{"other": "x"} },
			subject: "output amiOrchestratorApiGatewayUrl of CloudFormation stack AmiLifecycle", reason: "no such output", hint: "--stackName",
		},
		"the stack is not allowed": {
			ask: askEndpoint, arrange: refusing("DescribeStacks", func(w http.ResponseWriter) {
				refuseXML(w, http.StatusForbidden, "AccessDenied", "User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: cloudformation:DescribeStacks")
			}),
			subject: "CloudFormation stack", reason: "AccessDenied: User: arn:aws:sts::1:assumed-role/ci/x is not authorized",
			hint: "allow cloudformation:DescribeStacks on arn:aws:cloudformation:eu-west-1:ACCOUNT:stack/AmiLifecycle/*",
		},
		"no such secret": {
			ask: askKey, arrange: func(*fakeAWS) {},
			subject: "API key /ami-lifecycle/api-keys/ami_creation_status_api_key in eu-west-1",
			reason:  "ResourceNotFoundException: Secrets Manager can't find the specified secret", hint: "--apiKeyPrefix",
		},
		"the secret is not allowed": {
			ask: askKey, arrange: refusing("GetSecretValue", func(w http.ResponseWriter) {
				refuseJSON(w, http.StatusBadRequest, "AccessDeniedException", "not authorized to perform: secretsmanager:GetSecretValue")
			}),
			subject: "API key", reason: "AccessDeniedException: not authorized",
			hint:     "allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:ACCOUNT:secret:/ami-lifecycle/api-keys/ami_creation_status_api_key-??????",
			hintMore: "kms:Decrypt",
		},
		"an empty secret": {
			ask: askKey, arrange: func(f *fakeAWS) { f.secrets[prefix+secretStatus] = " \n" },
			subject: "API key", reason: "the secret has no string value", hint: "deploy the orchestrator again",
		},
		"expired credentials": {
			ask: askKey, arrange: refusing("GetSecretValue", func(w http.ResponseWriter) {
				refuseJSON(w, http.StatusBadRequest, "ExpiredTokenException", "The security token included in the request is expired")
			}),
			subject: "API key", reason: "ExpiredTokenException: The security token included in the request is expired", hint: "fresh AWS credentials",
		},
		"unknown credentials": {
			ask: askKey, arrange: refusing("GetSecretValue", func(w http.ResponseWriter) {
				refuseJSON(w, http.StatusBadRequest, "UnrecognizedClientException", "The security token included in the request is invalid.")
			}),
			subject: "API key", reason: "UnrecognizedClientException", hint: "does not accept these credentials",
		},
		"a wrong signature, whose message quotes the request": {
			ask: askEndpoint, arrange: refusing("DescribeStacks", func(w http.ResponseWriter) {
				refuseXML(w, http.StatusForbidden, "SignatureDoesNotMatch",
					"The request signature we calculated does not match.\n\nThe Canonical String was 'POST\nx-amz-security-token:"+sessionToken+"'")
			}),
			subject: "CloudFormation stack", reason: "SignatureDoesNotMatch: The request signature we calculated does not match", hint: "clock",
		},
		"a page of a proxy": {
			ask: askEndpoint, arrange: refusing("DescribeStacks", func(w http.ResponseWriter) {
				w.WriteHeader(http.StatusForbidden)
				fmt.Fprint(w, "<html>blocked</html>")
			}),
			subject: "CloudFormation stack", reason: "(HTTP 403)", hint: "",
		},
		"no such bucket": {
			ask: upload, arrange: refusing("PutObject", func(w http.ResponseWriter) {
				refuseS3(w, http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist")
			}),
			subject: "the upload of the patch component in bucket components", reason: "NoSuchBucket: The specified bucket does not exist", hint: "deploy",
		},
		"the upload is not allowed": {
			ask: upload, arrange: refusing("PutObject", func(w http.ResponseWriter) {
				refuseS3(w, http.StatusForbidden, "AccessDenied", "Access Denied")
			}),
			subject: "bucket components", reason: "AccessDenied: Access Denied", hint: "allow s3:PutObject on arn:aws:s3:::components/*",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			fake := newFakeAWS(t)
			test.arrange(fake)
			inPipeline(t, fake.URL)

			err := test.ask(t, finderOf(t, deployment.Options{}))

			var failure *deployment.Error
			require.ErrorAs(t, err, &failure)
			assert.Contains(t, failure.Subject, test.subject)
			assert.Contains(t, failure.Reason, test.reason)
			assert.Contains(t, failure.Hint, test.hint)
			assert.Contains(t, failure.Hint, test.hintMore)
			assert.Contains(t, err.Error(), failure.Subject+": "+failure.Reason)
			assertReadable(t, err)
		})
	}
}

func refusing(action string, respond func(http.ResponseWriter)) func(*fakeAWS) {
	return func(f *fakeAWS) {
		f.refuse = func(w http.ResponseWriter, c call) bool {
			if c.Action != action {
				return false
			}
			respond(w)
			return true
		}
	}
}

func TestAnIncompleteEnvironmentIsSaidOnceAndBeforeAnythingIsAsked(t *testing.T) {
	tests := map[string]struct {
		arrange         func(*testing.T)
		subject, reason string
		hint            string
	}{
		"no region": {
			arrange: func(t *testing.T) { t.Setenv("AWS_REGION", "") },
			subject: "the AWS region", reason: "none is configured", hint: "set AWS_REGION",
		},
		"no credentials": {
			arrange: func(t *testing.T) { t.Setenv("AWS_ACCESS_KEY_ID", "") },
			subject: "AWS credentials", reason: "none in the environment", hint: "aws-actions/configure-aws-credentials",
		},
		"a profile that is not there": {
			arrange: func(t *testing.T) { t.Setenv("AWS_PROFILE", "nobody") },
			subject: "the AWS configuration", reason: "nobody", hint: "AWS_PROFILE",
		},
		"a variable of the SDK with an impossible value": {
			arrange: func(t *testing.T) { t.Setenv("AWS_MAX_ATTEMPTS", "many") },
			subject: "the AWS configuration", reason: "AWS_MAX_ATTEMPTS=many", hint: "AWS_* variables",
		},
		"another one": {
			arrange: func(t *testing.T) { t.Setenv("AWS_RETRY_MODE", "bold") },
			subject: "the AWS configuration", reason: "AWS_RETRY_MODE", hint: "AWS_* variables",
		},
		"an identity token that is not there": {
			arrange: func(t *testing.T) {
				t.Setenv("AWS_ACCESS_KEY_ID", "")
				t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci")
				t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/no/such/token")
			},
			subject: "AWS credentials", reason: "/no/such/token", hint: "id_tokens",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			fake := newFakeAWS(t)
			inPipeline(t, fake.URL)
			test.arrange(t)

			err := finderOf(t, deployment.Options{}).Prefetch(t.Context(), []string{secretCreate, secretStatus}, true)

			var failure *deployment.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.subject, failure.Subject)
			assert.Contains(t, failure.Reason, test.reason)
			assert.Contains(t, failure.Hint, test.hint)
			assert.NotContains(t, err.Error(), "\n")
			assertReadable(t, err)
			assert.Empty(t, fake.seen())
		})
	}
}

func TestARoleThatDoesNotTrustTheJobIsSaid(t *testing.T) {
	fake := newFakeAWS(t)
	inPipeline(t, fake.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	token := t.TempDir() + "/token"
	writeFile(t, token, "CANARYidentitytoken")
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
	t.Setenv("AWS_ENDPOINT_URL_STS", fake.URL) // the SDK retrieves credentials before it reads AWS_ENDPOINT_URL
	t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci")
	refusing("AssumeRoleWithWebIdentity", func(w http.ResponseWriter) {
		refuseXML(w, http.StatusForbidden, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
	})(fake)

	_, err := finderOf(t, deployment.Options{}).Key(t.Context(), secretCreate)

	require.ErrorContains(t, err, "AWS credentials: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity")
	require.ErrorContains(t, err, "trust policy")
	assertReadable(t, err)
}

func TestAnUnreachableTokenServiceIsNoLackOfCredentials(t *testing.T) {
	inPipeline(t, "http://127.0.0.1:1")
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	token := t.TempDir() + "/token"
	writeFile(t, token, "CANARYidentitytoken")
	t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", token)
	t.Setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci")
	t.Setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1")

	_, err := finderOf(t, deployment.Options{}).Key(t.Context(), secretCreate)

	require.ErrorContains(t, err, "AWS credentials: dial tcp 127.0.0.1:1: connect: connection refused; check the AWS region, the network")
	assertReadable(t, err)
}

func TestAllFailuresAreReportedTogether(t *testing.T) {
	fake := newFakeAWS(t)
	refusing("DescribeStacks", func(w http.ResponseWriter) {
		refuseXML(w, http.StatusBadRequest, "ValidationError", "Stack with id AmiLifecycle does not exist")
	})(fake)

	err := finderOf(t, deployment.Options{AWSEndpoint: fake.URL}).Prefetch(t.Context(), []string{secretStatus, secretCreate}, true)

	require.ErrorContains(t, err, "Stack with id AmiLifecycle does not exist")
	require.ErrorContains(t, err, "API key "+prefix+secretCreate+" in us-east-1, API key "+prefix+secretStatus+" in us-east-1: ResourceNotFoundException")
	assert.Len(t, lines(err), 2, "what has the same cause is said once")
}

func TestAnEndpointThatNobodyListensAtIsSaidOnce(t *testing.T) {
	inPipeline(t, "http://127.0.0.1:1")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")

	err := finderOf(t, deployment.Options{}).Prefetch(t.Context(), []string{secretStatus}, false)

	require.ErrorContains(t, err, "connection refused")
	require.ErrorContains(t, err, "AWS_ENDPOINT_URL")
	assert.Len(t, lines(err), 1)
	assertReadable(t, err)
}

func lines(err error) []string { return strings.Split(err.Error(), "\n") }

func writeFile(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

func TestASecretIsRedactedBeforeWhatAWSSaysIsShortened(t *testing.T) {
	const secret = "CANARY0123456789abcdefghijklmnopqrstuvwxyz"
	fake := newFakeAWS(t)
	refusing("DescribeStacks", func(w http.ResponseWriter) {
		refuseXML(w, http.StatusBadRequest, "ValidationError", strings.Repeat("x", 380)+secret)
	})(fake)
	inPipeline(t, fake.URL)
	_, err := finderOf(t, deployment.Options{Redact: func(text string) string {
		return strings.ReplaceAll(text, secret, "***")
	}}).Endpoint(t.Context())
	require.ErrorContains(t, err, "xxx***")
	assert.NotContains(t, err.Error(), "CANARY")
}
