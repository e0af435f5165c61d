package componentcheck_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/componentcheck"
	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/pipeline"
)

const faulty = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: One\n        action: UpdateOs\n"

// fingerprints checks a document and returns the fingerprints in the code quality report.
func fingerprints(t *testing.T, document string) []string {
	t.Helper()
	report := filepath.Join(t.TempDir(), "quality.json")
	var stdout, stderr bytes.Buffer
	code := componentcheck.Run([]string{"--codeQualityFile", report, "-"}, componentcheck.Options{
		Stdin: strings.NewReader(document), Stdout: &stdout, Stderr: &stderr,
	})
	assert.Equal(t, exitcode.Invalid, code, stderr.String())
	text, err := os.ReadFile(report)
	require.NoError(t, err)
	var findings []struct{ Fingerprint string }
	require.NoError(t, json.Unmarshal(text, &findings))
	var found []string
	for _, finding := range findings {
		found = append(found, finding.Fingerprint)
	}
	return found
}

func TestGitLabKnowsAProblemAgainThatMoved(t *testing.T) {
	assert.Equal(t, fingerprints(t, faulty), fingerprints(t, "# a new line\n"+faulty))
	twice := fingerprints(t, faulty+"      - name: Two\n        action: UpdateOs\n")
	require.Len(t, twice, 2)
	assert.NotEqual(t, twice[0], twice[1], "equal problems of two lines are two")
}

func TestEachFileIsCheckedOnce(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a.yml")
	require.NoError(t, os.WriteFile(file, []byte(faulty), 0o600))
	var stdout, stderr bytes.Buffer
	code := componentcheck.Run([]string{file, filepath.Dir(file) + "/*.yml"}, componentcheck.Options{Stdout: &stdout, Stderr: &stderr})
	assert.Equal(t, exitcode.Invalid, code)
	assert.Contains(t, stdout.String(), "1 component: 1 error, 0 warnings")
	assert.Empty(t, stderr.String())
}

// annotator remembers the files of the annotations.
type annotator struct{ files []string }

func (a *annotator) Annotate(annotation pipeline.Annotation) {
	a.files = append(a.files, annotation.File)
}

// GitHub shows an annotation in a pull request only if its path is the one in the repository.
func TestAnAnnotationHasThePathInTheRepository(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("components", 0o700))
	require.NoError(t, os.WriteFile("components/a.yml", []byte(faulty), 0o600))
	var seen annotator
	componentcheck.Run([]string{"./components//a.yml"}, componentcheck.Options{Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, Annotator: &seen})
	assert.Equal(t, []string{"components/a.yml"}, seen.files)
}
