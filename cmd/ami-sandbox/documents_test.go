package main

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox/command"
)

// documented matches an ami-sandbox command in a document, at the start of a line or as code in a sentence. Its group is
// the arguments.
var documented = regexp.MustCompile("(?m)(?:^|`)(?:\\$ )?(?:go run \\./cmd/)?ami-sandbox +(-[^`#\n]*)")

// TestTheDocumentsUseFlagsThatExist parses the arguments of each ami-sandbox command in the documents.
func TestTheDocumentsUseFlagsThatExist(t *testing.T) {
	root := filepath.Join("..", "..")
	found := 0
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "node_modules" || entry.Name() == ".git"):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		text, err := os.ReadFile(path)
		for _, match := range documented.FindAllSubmatch(text, -1) {
			found++
			_, parseErr := command.Parse(strings.Fields(string(match[1])), nil, io.Discard, io.Discard)
			assert.NoError(t, parseErr, "%s: %s", path, match[0])
		}
		return err
	}))
	assert.Positive(t, found, "ami-sandbox is in the documents")
}
