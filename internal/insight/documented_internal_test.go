package insight

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
	require.NoError(t, err)
	return string(text)
}

// TestTheDocumentedStatementAllowsWhatIsAsked compares the copies of the statement in the documents with the actions that
// are used.
func TestTheDocumentedStatementAllowsWhatIsAsked(t *testing.T) {
	var asked []string
	for action := range shows {
		asked = append(asked, string(action))
	}
	var statements []string
	for _, name := range []string{"behind-the-document.md", "github.md", "gitlab.md"} {
		_, rest, found := strings.Cut(document(t, name), "```json\n{\n  \"Sid\": \"BehindTheDocument\",")
		require.True(t, found, name)
		statement, _, _ := strings.Cut("{"+rest, "```")
		statements = append(statements, statement)
		var parsed struct {
			Action, Resource []string
		}
		require.NoError(t, json.Unmarshal([]byte(statement), &parsed), name)
		assert.ElementsMatch(t, asked, parsed.Action, name)
	}
	assert.Len(t, slices.Compact(statements), 1, "they are copies")
	for _, action := range asked {
		assert.Contains(t, document(t, "behind-the-document.md"), "| `"+action+"` |", "with its reason")
	}
}

func TestTheDocumentedStatesAreThoseThatAreCounted(t *testing.T) {
	text := document(t, "behind-the-document.md")
	names := map[lifecycle.Event]string{
		lifecycle.SmokeTestsCreate: "SMOKE_TESTS", lifecycle.VulnerabilityScansCreate: "VULNERABILITY_SCANS",
		lifecycle.MarkForProductionCreate: "MARK_FOR_PRODUCTION",
	}
	for event, states := range referenceStates {
		name := string(event)
		if short, ok := names[event]; ok {
			name = short
		}
		assert.Contains(t, text, "| `"+name+"` | "+strings.Join(states, " → ")+" |")
	}
}
