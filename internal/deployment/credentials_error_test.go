package deployment_test

import (
	"net/http"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
)

func TestCredentialsThatCannotBeHadSayWhichSourceFailed(t *testing.T) {
	profile := func(content string) func(*testing.T, string) {
		return func(t *testing.T, home string) { writeFile(t, filepath.Join(home, "config"), content) }
	}
	set := func(pairs ...string) func(*testing.T, string) {
		return func(t *testing.T, _ string) {
			for i := 0; i < len(pairs); i += 2 {
				t.Setenv(pairs[i], pairs[i+1])
			}
		}
	}
	tests := map[string]struct {
		arrange      func(t *testing.T, home string)
		reason, hint string
		invalid      bool
	}{
		"a key whose secret is empty": {
			arrange: set("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
			reason:  "AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is empty", hint: "a pull request from a fork",
		},
		"a secret whose key is empty": {
			arrange: set("AWS_SECRET_ACCESS_KEY", "CANARYsecretaccesskey"),
			reason:  "AWS_SECRET_ACCESS_KEY is set, but AWS_ACCESS_KEY_ID is empty", hint: "set both",
		},
		"a role without a token": {
			arrange: set("AWS_ROLE_ARN", role),
			reason:  "AWS_ROLE_ARN is set, but the job has no ID token", hint: "id_tokens",
		},
		"the role of the component without a token": {
			arrange: set(deployment.RoleInput, role),
			reason:  "INPUT_AWS_ROLE_ARN is set, but the job has no ID token", hint: "AMI_AWS_ID_TOKEN",
		},
		"a credential process that fails": {
			arrange: profile("[default]\ncredential_process = exit 3\n"),
			reason:  "the credential_process of the AWS profile failed: exit status 3", hint: "run that command",
		},
		"a credential process that prints something else": {
			arrange: profile("[default]\ncredential_process = echo none\n"),
			reason:  "the credential_process of the AWS profile failed: invalid character", hint: `"Version": 1`,
		},
		"nobody has signed in": {
			arrange: profile("[default]\nsso_session = my\nsso_account_id = 123456789012\nsso_role_name = dev\n" +
				"[sso-session my]\nsso_region = eu-west-1\nsso_start_url = https://my.example.com/start\n"),
			reason: "the AWS profile has no valid sign-in session", hint: "aws sso login",
		},
		"a profile that is not in the files": {
			arrange: set("AWS_PROFILE", "prod"),
			reason:  `the profile "prod" is not in /`, hint: "a container does not see those of its host", invalid: true,
		},
		"a profile that asks for a code": {
			arrange: profile("[default]\nrole_arn = " + role + "\nmfa_serial = arn:aws:iam::123456789012:mfa/me\nsource_profile = base\n" +
				"[profile base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = CANARYsecretaccesskey\n"),
			reason: "the profile has an mfa_serial", hint: "get-session-token", invalid: true,
		},
		"keys in a file with a byte order mark": {
			arrange: profile("\ufeff[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = CANARYsecretaccesskey\n"),
			reason:  "config begins with a byte order mark, so its first section is not read", hint: "UTF-8",
		},
		"a profile in a file in UTF-16": {
			arrange: func(t *testing.T, home string) {
				writeFile(t, filepath.Join(home, "config"), "\xff\xfe[\x00")
				t.Setenv("AWS_PROFILE", "prod")
			},
			reason: "config is UTF-16, so it is not read", hint: "UTF-8", invalid: true,
		},
		"a token file that only the host has": {
			arrange: set("AWS_ROLE_ARN", role, "AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/none/token"),
			reason:  "AWS_WEB_IDENTITY_TOKEN_FILE names /var/run/secrets/none/token, which does not exist", hint: "a container does not see the files of its host",
		},
		"a token file without a role": {
			arrange: set("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/none/token"),
			reason:  "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is empty", hint: "set both", invalid: true,
		},
		"an empty token file": {
			arrange: func(t *testing.T, home string) {
				writeFile(t, filepath.Join(home, "token"), "")
				t.Setenv("AWS_ROLE_ARN", role)
				t.Setenv("AWS_WEB_IDENTITY_TOKEN_FILE", filepath.Join(home, "token"))
				fakeSTS(t, "ValidationError")
			},
			reason: "token, which is empty", hint: "id_tokens",
		},
		"a container's service that nobody listens at": {
			arrange: set("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/role", "AWS_MAX_ATTEMPTS", "1"),
			reason:  "the service in AWS_CONTAINER_CREDENTIALS_FULL_URI: dial tcp 127.0.0.1:1: connect: connection refused", hint: "NO_PROXY",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			emptyEnvironment(t)
			home := t.TempDir()
			t.Setenv("HOME", home)
			t.Setenv("AWS_CONFIG_FILE", filepath.Join(home, "config"))
			t.Setenv("AWS_REGION", "eu-west-1")
			test.arrange(t, home)

			_, err := finderOf(t, deployment.Options{}).Key(t.Context(), secretCreate)

			var failure *deployment.Error
			require.ErrorAs(t, err, &failure)
			assert.Contains(t, failure.Reason, test.reason)
			assert.Contains(t, failure.Hint, test.hint)
			assert.Equal(t, test.invalid, failure.Invalid)
			assertReadable(t, err)
		})
	}
}

func TestARegionInAFileWithAByteOrderMarkIsSaidToBeUnread(t *testing.T) {
	emptyEnvironment(t)
	path := filepath.Join(t.TempDir(), "config")
	writeFile(t, path, "\ufeff[default]\nregion = eu-west-1\n")
	t.Setenv("AWS_CONFIG_FILE", path)
	_, err := finderOf(t, deployment.Options{}).Region(t.Context())
	assert.EqualError(t, err, "the AWS region: none is configured: "+path+" begins with a byte order mark, so its first section is not read; "+
		"save the file as UTF-8 without a byte order mark")
}

func TestWhatTheTokenServiceSaysHasAHintOfItsOwn(t *testing.T) {
	for code, hint := range map[string]string{
		"InvalidIdentityToken":    "check the identity provider in IAM",
		"IDPRejectedClaim":        "check the identity provider in IAM",
		"IDPCommunicationError":   "must be reachable from AWS",
		"RegionDisabledException": "activate this region",
		"ValidationError":         "AWS_ROLE_SESSION_NAME",
	} {
		t.Run(code, func(t *testing.T) {
			inGitLab(t, newFakeAWS(t).URL)
			t.Setenv("AWS_MAX_ATTEMPTS", "1")
			fakeSTS(t, code)
			_, err := finderOf(t, deployment.Options{}).Key(t.Context(), secretCreate)
			require.ErrorContains(t, err, "AWS credentials: "+code)
			require.ErrorContains(t, err, hint)
			assert.NotContains(t, err.Error(), "trust policy")
			assertReadable(t, err)
		})
	}
}

func TestKeysThatDoNotBelongTogetherAreNamed(t *testing.T) {
	for name, test := range map[string]struct{ key, secret, token, hint string }{
		"a temporary key without its token": {"ASIAEXAMPLE", "CANARYsecretaccesskey", "", "AWS_ACCESS_KEY_ID is a temporary key, so set AWS_SESSION_TOKEN too"},
		"a permanent key with a token":      {"AKIAEXAMPLE", "CANARYsecretaccesskey", sessionToken, "AWS_ACCESS_KEY_ID is a permanent key, so AWS_SESSION_TOKEN must be empty"},
		"a key in place of its secret":      {"CANARYsecretaccesskey", "AKIAEXAMPLE", "", "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are swapped"},
		"keys that belong together":         {"ASIAEXAMPLE", "CANARYsecretaccesskey", sessionToken, "check them, and this machine's clock"},
	} {
		t.Run(name, func(t *testing.T) {
			fake := newFakeAWS(t)
			refusing("GetSecretValue", func(w http.ResponseWriter) {
				refuseJSON(w, http.StatusBadRequest, "UnrecognizedClientException", "The security token included in the request is invalid.")
			})(fake)
			inPipeline(t, fake.URL)
			t.Setenv("AWS_ACCESS_KEY_ID", test.key)
			t.Setenv("AWS_SECRET_ACCESS_KEY", test.secret)
			t.Setenv("AWS_SESSION_TOKEN", test.token)
			_, err := finderOf(t, deployment.Options{}).Key(t.Context(), secretCreate)
			require.ErrorContains(t, err, "AWS does not accept these credentials: "+test.hint)
			assertReadable(t, err)
		})
	}
}
