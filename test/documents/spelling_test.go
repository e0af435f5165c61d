package documents_test

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheMisspelledEventStaysOnTheWire holds docs/architecture.md, "Names": the wire's spelling has one constant, and
// stands elsewhere only where the wire itself is meant. Documents in testdata are the server's own.
func TestTheMisspelledEventStaysOnTheWire(t *testing.T) {
	t.Parallel()
	misspelled := "VULNERA" + "BILIY"
	mayHold := func(name string) bool {
		switch path.Dir(name) {
		case "internal/lifecycle":
			return name == "internal/lifecycle/event.go" || strings.HasSuffix(name, "_test.go")
		case "internal/orchestrator", "cmd/ami-sandbox":
			return strings.HasSuffix(name, "_test.go")
		}
		return strings.HasPrefix(name, "internal/sandbox/") || name == "docs/wire-contract.md"
	}
	for _, suffix := range []string{".go", ".md", ".yml", ".yaml", ".sh", "run", "action.yml"} {
		for _, name := range files(t, suffix) {
			text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
			require.NoError(t, err)
			if strings.Contains(string(text), misspelled) {
				assert.True(t, mayHold(name), "%s holds the wire's spelling: use lifecycle.VulnerabilityScansCreate, or the documented name", name)
			}
		}
	}
	declaration := read(t, "internal/lifecycle/event.go")
	assert.Equal(t, 1, strings.Count(declaration, misspelled), "one constant")
}
