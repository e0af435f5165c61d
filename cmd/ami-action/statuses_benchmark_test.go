package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkStatuses is the list of 3,000 lifecycles of 10 KB each, 30 MB in all, in both forms, and with all that a pipeline
// gets of it. A real orchestrator cuts its list at 1 MB.
func BenchmarkStatuses(b *testing.B) {
	list := statusesOf(b, 3000, 10_000)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(list) }))
	b.Cleanup(api.Close)
	environ := environmentOfSandbox(b)
	for name, args := range map[string][]string{
		"text": nil, "json": {"--output", "json"}, "page": {"--reportFile", "all.html"}, "filtered": {"--status", "patchable"},
	} {
		b.Run(name, func(b *testing.B) {
			benchmarkCommand(b, environ, 3, append([]string{"--operation", "AMI_GET_STATUSES", "--apiEndpoint", api.URL + "/dev"}, args...)...)
		})
	}
}

// statusesOf returns a list of n status documents of about so many bytes each.
func statusesOf(b *testing.B, n, bytesEach int) []byte {
	b.Helper()
	document, err := os.ReadFile("../../internal/report/testdata/patching.json")
	require.NoError(b, err)
	id := `"lifecycle_id": "`
	before, rest, found := strings.Cut(string(document), id)
	require.True(b, found)
	_, after, _ := strings.Cut(rest, `"`)
	var properties strings.Builder
	for i := 0; properties.Len()+len(document) < bytesEach; i++ {
		fmt.Fprintf(&properties, `"KEY_%d": "a value of a property, as pipelines record them: run %d",`, i, i)
	}
	var list bytes.Buffer
	list.WriteString("[")
	for i := range n {
		if i > 0 {
			list.WriteString(",")
		}
		fmt.Fprintf(&list, `%s%s%08d-fa7e-473e-a2ba-734ccfe1d0d7"%s`, before, id, i, `, "properties": {`+strings.TrimSuffix(properties.String(), ",")+"}"+after)
	}
	list.WriteString("]")
	return list.Bytes()
}
