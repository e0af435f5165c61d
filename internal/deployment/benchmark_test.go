package deployment_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
)

// BenchmarkNewAndPrefetch measures what every command does before its first request: it reads the AWS configuration, and
// looks up the URL and two keys.
func BenchmarkNewAndPrefetch(b *testing.B) {
	fake := newFakeAWS(b)
	fake.setSecret(prefix+secretCreate, "key1")
	fake.setSecret(prefix+secretStatus, "key2")
	inPipeline(b, fake.URL)
	b.ReportAllocs()
	for b.Loop() {
		finder, err := deployment.New(deployment.Options{})
		require.NoError(b, err)
		require.NoError(b, finder.Prefetch(b.Context(), []string{secretCreate, secretStatus}, false))
	}
}
