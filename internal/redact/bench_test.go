package redact_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/org/ami-action/internal/redact"
)

// BenchmarkText redacts texts of 100 KB: one as servers send it, and those that are the worst for the patterns.
func BenchmarkText(b *testing.B) {
	for name, part := range map[string]string{
		"ordinary": "2026-01-02 10:00:00 INFO ExecuteBash: Command execution completed successfully, key=value\n",
		"http":     "http:/", "secret": "secret", "assigned": `secret="abcdefgh" `, "api_key": "api_key", "escaped": `\u0041%41&#65;`, "lines": "a\n ", "word": "a",
	} {
		b.Run(name, func(b *testing.B) {
			redactor := redact.New()
			redactor.Add(key, awsSecret)
			text := strings.Repeat(part, 100_000/len(part))
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				redactor.Text(text)
			}
		})
	}
}

// BenchmarkDocument learns from and indents a status document of 10 KB, with as many known secrets as a list of many
// lifecycles contains.
func BenchmarkDocument(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	hash := func() string { return fmt.Sprintf("%016x%016x", random.Uint64(), random.Uint64()) }
	redactor := redact.New()
	for range 3000 {
		redactor.Learn([]byte(`{"url": "` + presigned + "X-Amz-Signature=" + hash() + hash() + `"}`))
	}
	var document strings.Builder
	document.WriteString(`{"lifecycle_id": "` + lifecycleID + `"`)
	for i := 0; document.Len() < 10_000; i++ {
		fmt.Fprintf(&document, `, "RUN_URL_%d": "https://github.com/org/images/actions/runs/%d", "COMMIT_%d": "%s"`, i, random.Uint32(), i, hash())
	}
	document.WriteString("}")
	text := []byte(document.String())
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	var out []byte
	for b.Loop() {
		redactor.Learn(text)
		var err error
		if out, err = redactor.AppendIndented(out[:0], text, ""); err != nil {
			b.Fatal(err)
		}
	}
}
