package documents_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestEachPromiseNamesTestsThatAreThere reads docs/reliability.md. The table of faults is tested where the faults are
// (cmd/ami-action, TestTheDocumentedTableOfFaultsIsTheTestedOne).
func TestEachPromiseNamesTestsThatAreThere(t *testing.T) {
	t.Parallel()
	there := testsThatAreThere(t)
	name := regexp.MustCompile("`([^`]+)`")
	rows := 0
	for _, part := range strings.Split(section(t, "docs/reliability.md", "## What strangers write"), "\n### ")[1:] {
		for _, row := range cells(part) {
			rows++
			tests := name.FindAllStringSubmatch(row[len(row)-1], -1)
			assert.NotEmpty(t, tests, row[0])
			for _, test := range tests {
				assert.Contains(t, there, test[1], row[0])
			}
		}
	}
	assert.Greater(t, rows, 30)
}

// testsThatAreThere returns the names of all tests and fuzz targets, and of all scripts.
func testsThatAreThere(t *testing.T) map[string]bool {
	t.Helper()
	there := map[string]bool{}
	function := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && entry.Name() == ".git":
			return fs.SkipDir
		case strings.HasSuffix(path, ".txtar"):
			there[entry.Name()] = true
		case strings.HasSuffix(path, "_test.go"):
			text, err := os.ReadFile(path)
			for _, found := range function.FindAllSubmatch(text, -1) {
				there[string(found[1])] = true
			}
			return err
		}
		return nil
	})
	require.NoError(t, err)
	return there
}
