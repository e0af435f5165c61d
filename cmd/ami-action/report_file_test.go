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
//
// A plain test run gives the setting in one of the two forms, in turn: which form it was is forgotten before the operation
// and the place matter. AMI_EVERY_PLACE=1, which CI sets, tries both everywhere.
func TestReportFileDoesWhatTheSettingsSay(t *testing.T) {
	t.Parallel()
	uses := documentedFor(t, "reportFile")
	everywhere(t, func(t *testing.T, w *world, h *hostile) {
		for i, operation := range lifecycle.Operations() {
			for j, c := range []struct {
				name    string
				path    string
				more    []string
				hasNone bool // no report is written, even if the operation uses the setting
				refused bool // the file is refused if the job has a workspace
			}{
				{name: "in the workspace", path: w.path("report.html")},
				{name: "as Markdown", path: w.path("report.md")},
				{name: "as text", path: w.path("report.txt")},
				{name: "of a dry run", path: w.path("report.html"), more: []string{"--dryRun"}, hasNone: operation.Writes()},
				{name: "outside the workspace", path: filepath.Join(t.TempDir(), "report.html"), refused: true},
			} {
				for k, given := range []string{"flag", "variable"} {
					if (i+j+k)%2 != 0 && os.Getenv("AMI_EVERY_PLACE") != "1" {
						continue
					}
					where := strings.Join([]string{string(operation), c.name, given}, ", ")
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
