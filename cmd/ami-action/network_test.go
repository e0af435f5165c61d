package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
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
