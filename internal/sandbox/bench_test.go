package sandbox_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

// BenchmarkCreateAndStatus is what a pipeline with --wait=false does at the API: one create, which is on
// the disk when it is answered, and one status.
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
