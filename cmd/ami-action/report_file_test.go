package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

// documentedFor reads from docs/settings.md which operations use a setting.
func documentedFor(t *testing.T, setting string) map[lifecycle.Operation]bool {
	t.Helper()
	text, err := os.ReadFile("../../docs/settings.md")
	require.NoError(t, err)
	uses := map[lifecycle.Operation]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(AMI_[A-Z_]+)` \\|.*$").FindAllStringSubmatch(string(text), -1) {
		uses[lifecycle.Operation(row[1])] = strings.Contains(row[0], "`"+setting+"`")
	}
	for _, operation := range lifecycle.Operations() {
		require.Contains(t, uses, operation, "each operation has a row")
	}
	return uses
}

// --reportFile writes a report for the operations that docs/settings.md names, wherever the command runs and however the
// setting is given. For the others it has no effect, so that a variable can set it for a whole pipeline. If the job has a
// workspace, a file outside of it is refused before anything is sent.
func TestReportFileDoesWhatTheSettingsSay(t *testing.T) {
	t.Parallel()
	uses := documentedFor(t, "reportFile")
	everywhere(t, func(t *testing.T, w *world, h *hostile) {
		for _, operation := range lifecycle.Operations() {
			for name, c := range map[string]struct {
				path    string
				more    []string
				hasNone bool // no report is written, even if the operation uses the setting
				refused bool // the file is refused if the job has a workspace
			}{
				"in the workspace":      {path: w.path("report.html")},
				"as Markdown":           {path: w.path("report.md")},
				"as text":               {path: w.path("report.txt")},
				"of a dry run":          {path: w.path("report.html"), more: []string{"--dryRun"}, hasNone: operation.Writes()},
				"outside the workspace": {path: filepath.Join(t.TempDir(), "report.html"), refused: true},
			} {
				for _, given := range []string{"flag", "variable"} {
					where := strings.Join([]string{string(operation), name, given}, ", ")
					h.reset(operation)
					args := append(argsOf(w, operation), c.more...)
					w.more = nil
					if given == "flag" {
						args = append(args, "--reportFile", c.path)
					} else {
						w.more = []string{"AMI_REPORT_FILE=" + c.path}
					}

					e := w.run(t.Context(), args...)

					left := w.left()
					content, err := os.ReadFile(c.path)
					if err != nil {
						content = []byte(left[filepath.Base(c.path)])
					}
					_ = os.Remove(c.path)
					isUsed, isRefused := uses[operation], c.refused && w.place != "local"
					told := left["output"] + left["ami-lifecycle.json"]
					switch {
					case isUsed && isRefused:
						assert.Equal(t, 2, e.code, "%s: %s", where, e.stderr)
						assert.Regexp(t, `report.?[fF]ile`, e.stderr, where)
						assert.Empty(t, string(content), where)
					case isUsed && !c.hasNone:
						assert.Zero(t, e.code, "%s: %s", where, e.stderr)
						assert.Contains(t, string(content), h.id, where)
						assert.Equal(t, w.place != "local", strings.Contains(told, "report_file"), where)
					default:
						assert.NotEqual(t, 2, e.code, "%s: it has no effect: %s", where, e.stderr)
						assert.Empty(t, string(content), where)
						assert.NotContains(t, told, "report_file", where)
					}
				}
			}
		}
	})
}
