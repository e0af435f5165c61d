package deployment_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
)

// BenchmarkNewAndPrefetch is what every command spends before its first request: reading the AWS
// configuration, and asking for the URL and two keys.
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
