package main

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/outcome"
)

func TestAProxyThatCannotBeMeantIsNamedWithoutItsPassword(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://svc:CANARY%ss@proxy.example.com:3128", "http://svc:CANARY#x@proxy.example.com:3128", "http://svc:CANARY/x@proxy.example.com:3128",
		"http://svc:12#CANARY@proxy.example.com:3128", "http://svc:12/CANARY@proxy.example.com:3128",
		"https://svc:CANARY@proxy.example.com:port", `"http://svc:CANARY@proxy.example.com:3128"`, "http://", "ftp://svc:CANARY@proxy.example.com",
		"${CANARY_PROXY}", "svc CANARY",
	} {
		for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"} {
			err := checkNetwork([]string{name + "=" + address})
			require.Error(t, err, address)
			assert.Equal(t, outcome.Invalid, outcome.Of(err).Kind)
			assert.Contains(t, err.Error(), name)
			assert.NotContains(t, err.Error()+outcome.Of(err).Hint, "CANARY")
		}
	}
	for _, address := range []string{"", "proxy.example.com:3128", "proxy.example.com", "http://svc:p%25ss@proxy.example.com:3128", "socks5://127.0.0.1:1080", "http://[::1]:3128 "} {
		require.NoError(t, checkNetwork([]string{"HTTPS_PROXY=" + address}), address)
	}
}

func TestAnEndpointOfAWSThatIsNoAddressIsNamed(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"127.0.0.1:4566", "localhost:4566", "s3.example.com", `"http://127.0.0.1:4566"`, "http://", "ftp://example.com", "https:/example.com"} {
		for _, name := range []string{"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"} {
			err := checkEndpoints([]string{name + "=" + address})
			require.Error(t, err, address)
			assert.Equal(t, outcome.Invalid, outcome.Of(err).Kind)
			assert.EqualError(t, err, name+" must be a URL that starts with https:// or http://")
		}
	}
	for _, address := range []string{"", "http://127.0.0.1:4566", "https://vpce-1.s3.eu-west-1.vpce.amazonaws.com", "http://[::1]:4566/ "} {
		require.NoError(t, checkEndpoints([]string{"AWS_ENDPOINT_URL=" + address}), address)
	}
	require.NoError(t, checkEndpoints([]string{"AWS_ENDPOINT_URL=sandbox", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"}))
}

func TestTheBundleOfAWSCountsForTheOrchestratorToo(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	require.NoError(t, os.WriteFile(bundle, pem.EncodeToMemory(block), 0o600))
	environ := []string{"AWS_CA_BUNDLE=" + bundle}
	require.NoError(t, checkNetwork(environ))
	config, err := tlsConfig(environ)()
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
	t.Cleanup(client.CloseIdleConnections)
	response, err := client.Get(server.URL)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())

	err = checkNetwork([]string{"AWS_CA_BUNDLE=/no/such/ca.pem"})
	require.ErrorContains(t, err, "AWS_CA_BUNDLE names /no/such/ca.pem")
	assert.Equal(t, outcome.Invalid, outcome.Of(err).Kind)

	require.NoError(t, os.WriteFile(bundle, []byte("no certificate"), 0o600))
	_, err = tlsConfig(environ)()
	assert.ErrorContains(t, err, "contains no certificate")
}

func TestAVariableThatHoldsAFileInPlaceOfItsPathIsNamedAndNotShown(t *testing.T) {
	t.Parallel()
	contents := []string{
		"eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJDQU5BUlkifQ.CANARYsignature",
		"[default]\naws_secret_access_key = CANARYsecretaccesskey", "-----BEGIN CERTIFICATE-----\nCANARY\n-----END CERTIFICATE-----",
	}
	for _, name := range fileVariables {
		for _, content := range contents {
			err := checkNetwork([]string{name + "=" + content})
			require.EqualError(t, err, name+" must be the path of a file, but it holds the content of one")
			assert.Equal(t, outcome.Invalid, outcome.Of(err).Kind)
			assert.Equal(t, []string{content}, secretsOf([]string{name + "=" + content}))
		}
		assert.Empty(t, secretsOf([]string{name + "=/var/run/token"}))
	}
	require.NoError(t, checkNetwork([]string{"AWS_WEB_IDENTITY_TOKEN_FILE=/var/run/secrets/eks.amazonaws.com/serviceaccount/token", "AWS_CONFIG_FILE=eyJ.ini"}))

}

func TestABundleWithoutACertificateIsNamedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	require.EqualError(t, checkNetwork([]string{"AWS_CA_BUNDLE=" + directory}), "AWS_CA_BUNDLE names "+directory+", which is a directory")
	for name, content := range map[string]string{
		"empty": "", "DER": "\x30\x82\x01\x0a", "a byte order mark": "\ufeff-----BEGIN CERTIFICATE-----\nMIIB\n", "a key": "-----BEGIN PRIVATE KEY-----\nCANARY\n",
	} {
		path := filepath.Join(directory, "ca.pem")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		err := checkNetwork([]string{"AWS_CA_BUNDLE=" + path})
		require.EqualError(t, err, "AWS_CA_BUNDLE names "+path+", which has no certificate in PEM", name)
		assert.Equal(t, outcome.Invalid, outcome.Of(err).Kind)
	}
}

// Each would keep the command from its end, or fill its memory.
func TestABundleThatIsEndlessOrHugeIsNotRead(t *testing.T) {
	t.Parallel()
	fifo, huge := filepath.Join(t.TempDir(), "fifo"), filepath.Join(t.TempDir(), "huge.pem")
	require.NoError(t, syscall.Mkfifo(fifo, 0o600))
	require.NoError(t, os.WriteFile(huge, []byte("-----BEGIN CERTIFICATE-----\n"), 0o600))
	require.NoError(t, os.Truncate(huge, maxBundle+1))
	for path, says := range map[string]string{fifo: "is not a regular file", "/dev/zero": "is not a regular file", huge: "is larger than"} {
		err := checkNetwork([]string{"AWS_CA_BUNDLE=" + path})
		require.ErrorContains(t, err, "AWS_CA_BUNDLE names "+path+", which "+says)
		assert.Equal(t, outcome.Invalid, outcome.Of(err).Kind)
	}
}

func TestWhiteSpaceAroundAVariableOfAWSIsRemoved(t *testing.T) {
	t.Parallel()
	assert.Equal(t, map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_MAX_ATTEMPTS": "9"}, trimmedAWS([]string{
		"AWS_ENDPOINT_URL=http://127.0.0.1:4566\n", "AWS_MAX_ATTEMPTS= 9", "AWS_REGION=eu-west-1", "AMI_OWNER= me ", "HOME= /root",
	}))
}

func TestCertificatesAreLeftOutOnlyWhereEveryServiceIsPlainHTTP(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		environ []string
		plain   bool
	}{
		{nil, false},
		{[]string{"AWS_ENDPOINT_URL=http://127.0.0.1:4566"}, true},
		{[]string{"AWS_ENDPOINT_URL=https://aws.example.com"}, false},
		{[]string{"AWS_ENDPOINT_URL_S3=http://127.0.0.1:4566"}, false},
		{[]string{"AWS_ENDPOINT_URL=http://127.0.0.1:4566", "AWS_ENDPOINT_URL_S3=https://s3.example.com"}, false},
		{[]string{"AWS_ENDPOINT_URL=http://127.0.0.1:4566", "AWS_ENDPOINT_URL_S3=http://127.0.0.1:9000"}, true},
		{[]string{"AWS_ENDPOINT_URL=http://127.0.0.1:4566", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"}, false},
	} {
		assert.Equal(t, row.plain, needsNoCertificates(row.environ), "%v", row.environ)
	}
}
