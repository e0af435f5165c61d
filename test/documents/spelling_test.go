package documents_test

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

// TestTheMisspelledEventStaysOnTheWire checks docs/architecture.md, "Names": the misspelled name on the wire has one
// constant. Other files use it only for the wire itself, such as the server's documents in testdata.
func TestTheMisspelledEventStaysOnTheWire(t *testing.T) {
	t.Parallel()
	misspelled := strings.TrimSuffix(string(lifecycle.VulnerabilityScansCreate), "_SCANS_AMI_CREATE")
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
