// Package documents_test checks the documents against the code: comments cite sections and files that exist, links have
// targets, and each block of shell, YAML and JSON is valid and uses only commands, flags and inputs that exist.
package documents_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var root = filepath.Join("..", "..")

// files returns the files of the repository with this suffix, as paths below its root.
func files(t *testing.T, suffix string) []string {
	t.Helper()
	var found []string
	require.NoError(t, filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && (name == ".git" || name == "node_modules" || name == ".ami-sandbox" || name == "testdata") {
			return fs.SkipDir
		}
		if !entry.IsDir() && strings.HasSuffix(name, suffix) {
			below, err := filepath.Rel(root, path)
			if err != nil {
				return err
			}
			found = append(found, filepath.ToSlash(below))
		}
		return nil
	}))
	require.NotEmpty(t, found)
	return found
}

// read returns the text of a file of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	require.NoError(t, err)
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

// block is a fenced block of a document.
type block struct {
	path string
	line int
	// language is the text after the opening fence. text is the content of the block, without the fence's indentation.
	language, text string
}

var fence = regexp.MustCompile("^( *)```+(.*)$")

// blocks returns the fenced blocks of a document.
func blocks(t *testing.T, path string) []block {
	t.Helper()
	var found []block
	var open *block
	var indent string
	for i, line := range strings.Split(read(t, path), "\n") {
		match := fence.FindStringSubmatch(line)
		switch {
		case match == nil && open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		case match == nil:
		case open == nil:
			indent = match[1]
			open = &block{path: path, line: i + 1, language: strings.TrimSpace(match[2])}
		default:
			found = append(found, *open)
			open = nil
		}
	}
	require.Nil(t, open, "%s has a block that does not end", path)
	return found
}

// section returns the text of a document below the heading, up to the next heading of the same or a higher level.
func section(t *testing.T, path, heading string) string {
	t.Helper()
	level := strings.Count(strings.SplitN(heading, " ", 2)[0], "#")
	_, text, found := strings.Cut("\n"+read(t, path), "\n"+heading+"\n")
	require.True(t, found, "%s has no heading %q", path, heading)
	end := regexp.MustCompile(`(?m)^#{1,` + string(rune('0'+level)) + `} `)
	if at := end.FindStringIndex(text); at != nil {
		text = text[:at[0]]
	}
	return text
}

// cells returns the cells of each row of the first table in the text, without the header.
func cells(text string) [][]string {
	var rows [][]string
	for line := range strings.SplitSeq(text, "\n") {
		if !strings.HasPrefix(line, "|") {
			if len(rows) > 0 {
				break
			}
			continue
		}
		var row []string
		for cell := range strings.SplitSeq(strings.Trim(strings.ReplaceAll(line, `\|`, "\x00"), "|"), "|") {
			row = append(row, strings.ReplaceAll(strings.TrimSpace(cell), "\x00", "|"))
		}
		rows = append(rows, row)
	}
	return rows[min(2, len(rows)):]
}
