package redact_test

import (
	"strings"
	"testing"

	"github.com/org/ami-action/internal/redact"
)

// Texts of 100 KB: one as servers send it, and those that are the worst for the patterns.
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
