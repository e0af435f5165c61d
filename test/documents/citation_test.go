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

// A citation is the name of a document, which can be followed by titles of its sections:
// docs/wire-contract.md, "Errors" and "Requests".
var (
	citation = regexp.MustCompile(`([\w./-]+\.md)((?:(?:,| and)\s+"[^"]+")*)`)
	title    = regexp.MustCompile(`"([^"]+)"`)
	heading  = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	// alone is a title in parentheses without the name of its document.
	alone = regexp.MustCompile(`\("([A-Z][^"]+)"(?:, \d)?\)`)
)

func TestWhatACommentCitesIsInTheRepository(t *testing.T) {
	t.Parallel()
	checked := 0
	contract := append(headings(t, "docs/wire-contract.md"), headings(t, "docs/architecture.md")...)
	for _, source := range sources(t) {
		for _, text := range comments(t, source) {
			for _, match := range alone.FindAllStringSubmatch(text, -1) {
				assert.NotContains(t, contract, match[1], "%s cites a section without its document", source)
			}
			for _, match := range citation.FindAllStringSubmatch(text, -1) {
				if notOurs[match[1]] != "" || !assert.FileExists(t, filepath.Join(root, match[1]), "cited in %s", source) {
					continue
				}
				checked++
				for _, section := range title.FindAllStringSubmatch(match[2], -1) {
					assert.Contains(t, headings(t, match[1]), strings.Trim(section[1], ","), "a section of %s, cited in %s", match[1], source)
				}
			}
		}
	}
	assert.Greater(t, checked, 50, "the comments were read")
}

// headings returns the titles of the sections of a document.
func headings(t *testing.T, document string) []string {
	t.Helper()
	var titles []string
	for _, match := range heading.FindAllStringSubmatch(read(t, document), -1) {
		titles = append(titles, match[1])
	}
	return titles
}

// cited matches the name of a file in a comment, and an anchor after it.
var cited = regexp.MustCompile(`(?:^|[\s("'` + "`" + `])((?:[\w.-]+/)*[\w-]+\.(?:go|md|ya?ml|sh|json|css|js|txtar|html|svg|py|toml))(#[\w-]+)?\b`)

// notOurs maps files that comments name but that are not in the repository to the reason.
var notOurs = map[string]string{
	"CHANGELOG.md":       "a release makes it",
	"ami-lifecycle.json": "a job leaves it behind",
	"patch.yaml":         "an example of a user's file",
	"api-cli.py":         "the command that ami-action replaces",
	"actions.go":         "the source of go-githubactions",
	"action_yaml.json":   "the runner's source",
}

// awsPage matches the name of a page in AWS's documentation.
var awsPage = regexp.MustCompile(`^toe-[a-z-]+\.html$`)

func TestEveryFileThatACommentNamesExists(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, source := range sources(t) {
		for _, comment := range comments(t, source) {
			for _, match := range cited.FindAllStringSubmatch(comment, -1) {
				name, anchor := strings.TrimPrefix(match[1], "org/ami-action/"), strings.TrimPrefix(match[2], "#")
				if notOurs[name] != "" || awsPage.MatchString(name) {
					continue
				}
				checked++
				found := ""
				for _, candidate := range []string{name, path.Join(path.Dir(source), name)} {
					if info, err := os.Stat(filepath.Join(root, candidate)); err == nil && info.Mode().IsRegular() {
						found = candidate
					}
				}
				if assert.NotEmpty(t, found, "%s names %s, which is not in the repository", source, name) && anchor != "" {
					assert.Contains(t, anchors(t, found), anchor, "%s cites %s#%s", source, name, anchor)
				}
			}
		}
	}
	assert.Greater(t, checked, 100, "the comments were read")
}

// sources returns the files whose comments are checked: Go, YAML, shell scripts and Dockerfiles.
func sources(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, suffix := range []string{".go", ".yml", ".yaml", ".sh", "Dockerfile"} {
		all = append(all, files(t, suffix)...)
	}
	for _, script := range files(t, "") {
		if name := path.Base(script); !strings.Contains(name, ".") && strings.HasPrefix(read(t, script), "#!") {
			all = append(all, script)
		}
	}
	return all
}

// comments returns the comments of a source, each as one line. The comments of a file that is not Go are joined.
func comments(t *testing.T, source string) []string {
	t.Helper()
	var texts []string
	if !strings.HasSuffix(source, ".go") {
		for line := range strings.Lines(read(t, source)) {
			if text, ok := strings.CutPrefix(strings.TrimSpace(line), "#"); ok && !strings.HasPrefix(text, "!") {
				texts = append(texts, strings.TrimSpace(text))
			}
		}
		return []string{strings.Join(texts, " ")}
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, source), nil, parser.ParseComments|parser.SkipObjectResolution)
	require.NoError(t, err)
	for _, comment := range file.Comments {
		texts = append(texts, strings.Join(strings.Fields(comment.Text()), " "))
	}
	return texts
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
