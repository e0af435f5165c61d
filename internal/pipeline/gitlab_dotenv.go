package pipeline

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/org/ami-action/internal/joboutput"
)

// maxDotenv is the size in bytes that a dotenv report must stay under (e2e-notes.md).
const maxDotenv = 5120

// dotenv is the report that hands outputs to later jobs as variables, and beside it the file with all of
// them, also those that a dotenv cannot carry.
type dotenv struct {
	path   string
	values map[string]string // by the output's name
}

// set rewrites both files.
func (d *dotenv) set(name, value string) error {
	if before, done := d.values[name]; done && before == value {
		return nil
	}
	d.values[name] = value
	if err := replaceFile(d.path, d.report()); err != nil {
		return fmt.Errorf("output %s cannot be handed to later jobs: %w", name, err)
	}
	result, err := d.result()
	if err == nil {
		err = replaceFile(filepath.Join(filepath.Dir(d.path), ResultFile), result)
	}
	if err != nil {
		return fmt.Errorf("output %s cannot be written to %s: %w", name, ResultFile, err)
	}
	return nil
}

// report returns the lines KEY=VALUE, without blank lines, comments or quotes: GitLab keeps quotes as part
// of the value (e2e-notes.md). A value that does not fit is left out, never cut.
func (d *dotenv) report() []byte {
	var report strings.Builder
	for _, output := range joboutput.All() {
		value := d.values[output.Name]
		line := output.Variable + "=" + value + "\n"
		if value != "" && fitsDotenv(value) && report.Len()+len(line) < maxDotenv {
			report.WriteString(line)
		}
	}
	return []byte(report.String())
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

// result returns all outputs as one JSON object; those that are JSON themselves are not wrapped in text.
func (d *dotenv) result() ([]byte, error) {
	object := make(map[string]any, len(d.values))
	for name, value := range d.values {
		object[name] = value
		if trimmed := strings.TrimSpace(value); json.Valid([]byte(trimmed)) && strings.ContainsAny(trimmed[:1], "[{") {
			object[name] = json.RawMessage(trimmed)
		}
	}
	result, err := json.MarshalIndent(object, "", "  ")
	return append(result, '\n'), err
}
