package documents_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheTableOfRoomsIsComplete(t *testing.T) {
	t.Parallel()
	var documented []string
	for _, row := range cells(section(t, "CONTRIBUTING.md", "## Where things are")) {
		room := strings.Trim(row[0], "`")
		documented = append(documented, room)
		assert.DirExists(t, filepath.Join(root, room))
	}
	for _, parent := range []string{"internal", "cmd", "test"} {
		entries, err := os.ReadDir(filepath.Join(root, parent))
		require.NoError(t, err)
		for _, entry := range entries {
			if entry.IsDir() {
				assert.Contains(t, documented, parent+"/"+entry.Name())
			}
		}
	}
}
