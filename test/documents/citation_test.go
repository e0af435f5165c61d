package documents_test

import (
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A citation is a document, and after it the titles of the sections that are meant:
// docs/wire-contract.md, "Errors" and "Requests".
var (
	citation = regexp.MustCompile(`([\w./-]+\.md)((?:(?:,| and)\s+"[^"]+")*)`)
	title    = regexp.MustCompile(`"([^"]+)"`)
	heading  = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	// alone is a title in parentheses whose document is not named.
	alone = regexp.MustCompile(`\("([A-Z][^"]+)"(?:, \d)?\)`)
)

func TestWhatACommentCitesIsInTheRepository(t *testing.T) {
	t.Parallel()
	cited := 0
	contract := append(headings(t, "docs/wire-contract.md"), headings(t, "docs/architecture.md")...)
	for _, source := range files(t, ".go") {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, source), nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, comment := range file.Comments {
			text := strings.Join(strings.Fields(comment.Text()), " ")
			for _, match := range alone.FindAllStringSubmatch(text, -1) {
				assert.NotContains(t, contract, match[1], "%s cites a section without its document", source)
			}
			for _, match := range citation.FindAllStringSubmatch(text, -1) {
				if !assert.FileExists(t, filepath.Join(root, match[1]), "cited in %s", source) {
					continue
				}
				cited++
				for _, section := range title.FindAllStringSubmatch(match[2], -1) {
					assert.Contains(t, headings(t, match[1]), strings.Trim(section[1], ","), "a section of %s, cited in %s", match[1], source)
				}
			}
		}
	}
	assert.Greater(t, cited, 50, "the comments were read")
}

// headings returns the titles of a document's sections.
func headings(t *testing.T, document string) []string {
	t.Helper()
	var titles []string
	for _, match := range heading.FindAllStringSubmatch(read(t, document), -1) {
		titles = append(titles, match[1])
	}
	return titles
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	t.Parallel()
	for _, document := range files(t, ".md") {
		for _, match := range link.FindAllStringSubmatch(read(t, document), -1) {
			if strings.Contains(match[1], "://") || strings.HasPrefix(match[1], "mailto:") {
				continue
			}
			target, anchor, _ := strings.Cut(match[1], "#")
			if target == "" {
				target = document
			} else {
				target = path.Join(path.Dir(document), target)
			}
			if _, err := os.Stat(filepath.Join(root, target)); !assert.NoError(t, err, "%s links to %s", document, match[1]) {
				continue
			}
			if anchor != "" {
				assert.Contains(t, anchors(t, target), anchor, "%s links to %s", document, match[1])
			}
		}
	}
}

// anchors returns the anchors that GitHub makes of a document's headings.
func anchors(t *testing.T, document string) []string {
	t.Helper()
	var names []string
	for _, heading := range headings(t, document) {
		name := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(heading), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}
