package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/action"
)

// BenchmarkStatuses measures AMI_GET_STATUSES with a list of 10,000 lifecycles of 10 KB each, 100 MB in all: as text, as
// JSON, with a page as report, and filtered. A real orchestrator cuts its list at 1 MB.
func BenchmarkStatuses(b *testing.B) {
	list := statusesOf(b, 10_000, 10_000)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(list) }))
	b.Cleanup(api.Close)
	environ := environmentOfSandbox(b)
	for _, form := range []struct {
		name string
		args []string
	}{{"text", nil}, {"json", []string{"--output", "json"}}, {"page", []string{"--reportFile", "all.html"}}, {"filtered", []string{"--status", "patchable"}}} {
		b.Run(form.name, func(b *testing.B) {
			benchmarkCommand(b, environ, 3, append([]string{"--operation", "AMI_GET_STATUSES", "--apiEndpoint", api.URL + "/dev"}, form.args...)...)
		})
	}
}

// BenchmarkStatusesHere measures the same as text and as JSON in the process of the benchmark, where it can be profiled and
// its allocations counted.
func BenchmarkStatusesHere(b *testing.B) {
	list := statusesOf(b, 10_000, 10_000)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(list) }))
	b.Cleanup(api.Close)
	environ := environmentOfSandbox(b)
	for _, variable := range environ {
		name, value, _ := strings.Cut(variable, "=")
		b.Setenv(name, value)
	}
	for _, form := range []string{"text", "json"} {
		b.Run(form, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(list)))
			for b.Loop() {
				code := run(b.Context(), process{
					args:    []string{"--operation", "AMI_GET_STATUSES", "--apiEndpoint", api.URL + "/dev", "--output", form},
					environ: environ, stdout: io.Discard, stderr: io.Discard, limits: action.DefaultLimits(),
				})
				require.Zero(b, code)
			}
		})
	}
}

// statusesOf returns a JSON list of n status documents of about bytesEach bytes each. They differ as real ones do: each
// has its own hashes, URLs of runs and presigned URL.
func statusesOf(b *testing.B, n, bytesEach int) []byte {
	b.Helper()
	document, err := os.ReadFile("../../internal/report/testdata/patching.json")
	require.NoError(b, err)
	id := `"lifecycle_id": "`
	before, rest, found := strings.Cut(string(document), id)
	require.True(b, found)
	_, after, _ := strings.Cut(rest, `"`)
	random := rand.New(rand.NewPCG(1, 2))
	hash := func() string { return fmt.Sprintf("%016x%016x%08x", random.Uint64(), random.Uint64(), random.Uint32()) }
	var list bytes.Buffer
	list.Grow(n * (bytesEach + bytesEach/10))
	list.WriteString("[")
	for i := range n {
		if i > 0 {
			list.WriteString(",")
		}
		begin := list.Len()
		fmt.Fprintf(&list, `%s%s%08d-fa7e-473e-a2ba-734ccfe1d0d7", "properties": {`, before, id, i)
		fmt.Fprintf(&list, `"export_presign_s3_url": "https://vmdk.s3.amazonaws.com/%s.vmdk?X-Amz-Expires=604800&X-Amz-Signature=%s%s"`, hash(), hash(), hash()[:24])
		for k := 0; list.Len()-begin+len(after) < bytesEach; k++ {
			fmt.Fprintf(&list, `, "RUN_URL_%d": "https://github.com/org/images/actions/runs/%d/attempts/1", "COMMIT_%d": "%s"`, k, random.Uint32(), k, hash())
		}
		list.WriteString("}" + after)
	}
	list.WriteString("]")
	return list.Bytes()
}
