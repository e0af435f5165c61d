package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

// BenchmarkCreateAndStatus measures the API requests of a pipeline with --wait=false: one create, which is on disk
// before its response, and one status.
func BenchmarkCreateAndStatus(b *testing.B) {
	box := start(b, sandbox.Options{Manual: true})
	b.ResetTimer()
	for b.Loop() {
		box.status(box.create(nil))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "creates/s")
}

func BenchmarkStatus(b *testing.B) {
	box := start(b, sandbox.Options{Manual: true})
	id := box.create(nil)
	b.ResetTimer()
	for b.Loop() {
		require.Equal(b, http.StatusOK, box.status(id).Status)
	}
}
