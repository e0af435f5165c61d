package pipeline

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/org/ami-action/internal/joboutput"
	"github.com/org/ami-action/internal/workspace"
)

// maxDotenv is the size in bytes that a dotenv report must stay under (https://docs.gitlab.com/ci/yaml/artifacts_reports/,
// "artifacts:reports:dotenv").
const maxDotenv = 5120

// dotenv is the report that hands outputs to later jobs as variables, and beside it the file with all of
// them, also those that a dotenv cannot carry.
type dotenv struct {
	files  *workspace.Workspace
	report workspace.File
	result resultFile
}

// set rewrites both files.
func (d *dotenv) set(name, value string) error {
	if !d.result.set(name, value) {
		return nil
	}
	lines, complete := d.lines()
	if !complete && d.result.set("result_file", d.files.Relative(d.result.file.Path)) {
		lines, _ = d.lines()
	}
	if err := d.files.Write(d.report, lines); err != nil {
		return fmt.Errorf("output %s cannot be handed to later jobs: %w", name, err)
	}
	return d.result.write()
}

// lines returns the lines KEY=VALUE, without blank lines, comments or quotes: GitLab keeps quotes as part of
// the value. A value that does not fit is left out, never cut, and then the report is not complete.
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

// fitsDotenv reports whether GitLab, and what reads a dotenv elsewhere, gives a later job exactly this
// value. A "$" would be expanded there: a server that names an image $CI_JOB_TOKEN must not get it.
func fitsDotenv(value string) bool {
	return value == strings.TrimSpace(value) &&
		!strings.Contains(value, "$") &&
		!strings.HasPrefix(value, `"`) && !strings.HasPrefix(value, "'") && !strings.HasPrefix(value, "`") &&
		!strings.ContainsFunc(value, func(r rune) bool {
			return unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
		})
}
