package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/outcome"
)

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

func TestAVariableOfTheNetworkThatCannotBeMeantIsNamed(t *testing.T) {
	t.Parallel()
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	require.NoError(t, os.WriteFile(bundle, nil, 0o600))
	for _, row := range []struct{ entry, says string }{
		{"HTTPS_PROXY=http://proxy.example.com:3128", ""},
		{"https_proxy=proxy.example.com:3128", ""},
		{"HTTP_PROXY=http://user:canary%pass@proxy.example.com", "HTTP_PROXY is not the address of a proxy"},
		{"HTTPS_PROXY=http://user:canary/pass word@proxy.example.com:3128", "HTTPS_PROXY is not the address of a proxy"},
		{"HTTPS_PROXY=http://user:12#canary@proxy.example.com:3128", "HTTPS_PROXY is not the address of a proxy"},
		{"HTTPS_PROXY=http://user:12/canary@proxy.example.com:3128", "HTTPS_PROXY is not the address of a proxy"},
		{"HTTPS_PROXY=http://user:pass%2Fword@proxy.example.com:3128/", ""},
		{"HTTPS_PROXY=socks5h://proxy.example.com:1080", ""},
		{"AWS_CA_BUNDLE=" + bundle, ""},
		{"AWS_CA_BUNDLE=/no/such/bundle.pem", "AWS_CA_BUNDLE names /no/such/bundle.pem, and there is no such file"},
	} {
		err := checkNetwork([]string{row.entry})
		if row.says == "" {
			assert.NoError(t, err, row.entry)
			continue
		}
		failure := outcome.Of(err)
		require.NotNil(t, failure, row.entry)
		assert.Equal(t, outcome.Invalid, failure.Kind)
		assert.Contains(t, failure.Error(), row.says)
		assert.NotContains(t, failure.Error()+failure.Hint, "canary", "the password is not shown")
	}
}
