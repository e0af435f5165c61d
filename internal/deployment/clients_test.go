package deployment

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/location"
)

func TestOnlyAMetadataServiceThatIsNotThereIsNotAskedAgain(t *testing.T) {
	dialling := func(address string) error {
		return &url.Error{Op: "Get", URL: "http://" + address, Err: &net.OpError{
			Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.ParseIP(address), Port: 80}, Err: errors.New("i/o timeout"),
		}}
	}
	retryer := retryer()
	assert.False(t, retryer.IsErrorRetryable(dialling("169.254.169.254")))
	assert.False(t, retryer.IsErrorRetryable(dialling("fd00:ec2::254")))
	assert.True(t, retryer.IsErrorRetryable(dialling("192.0.2.1")))
	assert.True(t, retryer.IsErrorRetryable(&url.Error{Op: "Get", URL: "http://169.254.169.254", Err: &net.OpError{
		Op: "read", Net: "tcp", Addr: &net.TCPAddr{IP: net.ParseIP("169.254.169.254")}, Err: errors.New("connection reset by peer"),
	}}), "one that is there may be slow")
	assert.False(t, retryer.IsErrorRetryable(errors.New("something else")))
}

func TestAMetadataServiceThatAnswersTheMachineOnlyIsNamed(t *testing.T) {
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ROLE_ARN", RoleInput} {
		t.Setenv(name, "")
	}
	nowhere := t.TempDir() + "/none"
	t.Setenv("AWS_CONFIG_FILE", nowhere)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", nowhere)
	timeout := func(op string) error {
		return &net.OpError{Op: op, Net: "tcp", Addr: &net.TCPAddr{IP: net.ParseIP("169.254.169.254"), Port: 80}, Err: os.ErrDeadlineExceeded}
	}
	_, hint := noCredentials(timeout("read"))
	assert.Contains(t, hint, "hop limit")
	_, hint = noCredentials(timeout("dial"))
	assert.NotContains(t, hint, "hop limit", "outside of EC2 nothing is there")
}

func TestThrottledRequestsAreAskedAgainForAboutAMinute(t *testing.T) {
	throttled := &smithy.GenericAPIError{Code: "Throttling", Message: "Rate exceeded"}
	other := &smithy.GenericAPIError{Code: "InternalFailure"}
	t.Setenv("AWS_MAX_ATTEMPTS", "")
	waits := func(r aws.Retryer, err error) (total time.Duration, attempts int) {
		for attempt := 1; attempt < r.MaxAttempts(); attempt++ {
			delay, delayErr := r.RetryDelay(attempt, err)
			if delayErr != nil {
				return total, attempt
			}
			total += delay
		}
		return total, r.MaxAttempts()
	}
	_, attempts := waits(retryer(), throttled)
	assert.Equal(t, 12, attempts)
	total, attempts := waits(retryer(), other)
	assert.Equal(t, 3, attempts, "what fails otherwise will fail again")
	assert.LessOrEqual(t, total, 6*time.Second)

	t.Setenv("AWS_MAX_ATTEMPTS", "10")
	for _, mode := range []string{"standard", "adaptive"} {
		t.Setenv("AWS_RETRY_MODE", mode)
		_, attempts = waits(retryer(), other)
		assert.Equal(t, 10, attempts, mode)
	}
}

// Many jobs that begin at once assume their roles at once, so STS throttles as CloudFormation does.
func TestCredentialsAreAwaitedForAsLongAsAThrottledCall(t *testing.T) {
	finder, err := New(Options{})
	require.NoError(t, err)
	var limit time.Duration
	finder.aws.found.Store("", &awsClients{config: aws.Config{
		Credentials: aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
			deadline, _ := ctx.Deadline()
			limit = time.Until(deadline)
			return aws.Credentials{}, nil
		}),
	}})
	_, err = finder.clients(t.Context())
	require.NoError(t, err)
	assert.Greater(t, limit, time.Minute)
}

func TestARegionFromASecretIsTrimmedAndItsQuotesAreNamed(t *testing.T) {
	for given, want := range map[string]string{
		"us-east-1\n": "", " us-gov-west-1": "", `"us-east-1"`: "must contain only lowercase letters", "eu west 1": "must contain only lowercase letters",
		"us-east-1a": `"us-east-1a" is an availability zone`, "eusc-de-east-1": "", "us-iso-east-1": "",
	} {
		t.Setenv("AWS_REGION", given)
		t.Setenv("AWS_ACCESS_KEY_ID", "AKIA\n")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "secret\n")
		finder, err := New(Options{})
		require.NoError(t, err)
		clients, err := finder.clients(t.Context())
		if want != "" {
			require.ErrorContains(t, err, want)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, strings.TrimSpace(given), clients.config.Region)
		found, err := clients.config.Credentials.Retrieve(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "AKIA", found.AccessKeyID)
		assert.Equal(t, "secret", found.SecretAccessKey)
	}
}

func TestPlainHTTPIsTakenFromWhereTheKeysCameByPlainHTTP(t *testing.T) {
	tests := map[string]struct {
		awsEndpoint, endpoint string
		taken                 bool
	}{
		"the sandbox itself":          {"http://sandbox:4566", "http://sandbox:4566/prod", true},
		"another host":                {"http://sandbox:4566", "http://other:4566/prod", false},
		"AWS by https":                {"https://sandbox:4566", "http://sandbox:4566/prod", false},
		"AWS itself":                  {"", "http://sandbox:4566/prod", false},
		"a host that begins the same": {"http://sandbox:4566", "http://sandbox.example.com/prod", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var config aws.Config
			if test.awsEndpoint != "" {
				config.BaseEndpoint = aws.String(test.awsEndpoint)
			}
			clients := &awsClients{secrets: secretsmanager.NewFromConfig(config)}

			_, err := location.ParseEndpoint(test.endpoint, clients.mayBePlain)

			assert.Equal(t, test.taken, err == nil)
		})
	}
}
