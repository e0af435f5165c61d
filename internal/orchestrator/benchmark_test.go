package orchestrator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/orchestrator"
)

// BenchmarkCreate measures one create by a new client, as in a command, which has no connection yet.
func BenchmarkCreate(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, taken)
	}))
	defer server.Close()
	b.ReportAllocs()
	for b.Loop() {
		client := orchestrator.New(&fixedDeployment{url: server.URL}, orchestrator.Options{})
		_, err := client.Send(b.Context(), createRequest())
		require.NoError(b, err)
	}
}
