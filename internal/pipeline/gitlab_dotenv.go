package pipeline

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/org/ami-action/internal/joboutput"
	"github.com/org/ami-action/internal/workspace"
)

// maxDotenv is the limit for a dotenv report in bytes: it must be smaller
// (https://docs.gitlab.com/ci/yaml/artifacts_reports/, "artifacts:reports:dotenv").
const maxDotenv = 5120

// dotenv is the report that passes outputs to later jobs as variables, and the result file, which also has the outputs
// that a dotenv report cannot hold.
type dotenv struct {
	files  *workspace.Workspace
	report workspace.File
	result resultFile
}

// set sets an output and writes both files.
func (d *dotenv) set(name, value string) error {
	if !d.result.set(name, value) {
		return nil
	}
	lines, complete := d.lines()
	if !complete && d.result.set("result_file", d.files.Relative(d.result.file.Path)) {
		lines, _ = d.lines()
	}
	if err := d.files.Write(d.report, lines); err != nil {
		return fmt.Errorf("output %s cannot be passed to later jobs: %w", name, err)
	}
	return d.result.write()
}

// lines returns the report, which has lines KEY=VALUE and no blank lines, comments or quotes: GitLab keeps quotes as part
// of the value. A value that does not fit is left out and never cut. Then complete is false.
func (d *dotenv) lines() (lines []byte, complete bool) {
	complete = true
	for _, output := range joboutput.All() {
		value := d.result.values[output.Name]
		line := output.Variable + "=" + value + "\n"
		switch {
		case value == "":
		case fitsDotenv(value) && len(lines)+len(line) < maxDotenv:
			lines = append(lines, line...)
		default:
			complete = false
		}
	}
	return lines, complete
}

// fitsDotenv reports whether GitLab and other readers of dotenv files pass exactly this value to a later job. A value
// with a "$" does not fit, because it is expanded: an image with the name $CI_JOB_TOKEN must not expose the token.
func fitsDotenv(value string) bool {
	return value == strings.TrimSpace(value) &&
		!strings.Contains(value, "$") &&
		!strings.HasPrefix(value, `"`) && !strings.HasPrefix(value, "'") && !strings.HasPrefix(value, "`") &&
		!strings.ContainsFunc(value, func(r rune) bool {
			return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
		})
}
