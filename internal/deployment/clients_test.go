package deployment

import (
	"errors"
	"net"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/assert"

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
	assert.Equal(t, 3, retryer.MaxAttempts())
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
