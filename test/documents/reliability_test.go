package documents_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/exitcode"
)

var testFunction = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`)

// TestWhatStrangersTriedIsTested fails if docs/reliability.md names a test that does not exist, or if a row names none.
func TestWhatStrangersTriedIsTested(t *testing.T) {
	t.Parallel()
	exists := map[string]bool{}
	for _, file := range files(t, "_test.go") {
		for _, match := range testFunction.FindAllStringSubmatch(read(t, file), -1) {
			exists[match[1]] = true
		}
	}
	for _, kind := range []string{
		"Green for the wrong reason", "Output that is broken or false", "Endings without a reason",
		"Text that is a mistake", "Hints that contradict", "Start and environment",
	} {
		rows := cells(section(t, "docs/reliability.md", "### "+kind))
		assert.NotEmpty(t, rows, kind)
		for _, row := range rows {
			names := inCode.FindAllStringSubmatch(row[3], -1)
			assert.NotEmpty(t, names, row[0])
			for _, name := range names {
				assert.True(t, exists[name[1]] || isScript(name[1]), "%s: there is no test %s", row[0], name[1])
			}
			if row[2] == "" {
				continue
			}
			for code := range strings.SplitSeq(row[2], ", ") {
				assert.Contains(t, endings(), code, row[0])
			}
		}
	}
}

// isScript reports whether the tests of the command have a script with that name.
func isScript(name string) bool {
	_, err := os.Stat(filepath.Join(root, "cmd", "ami-action", "testdata", "script", name))
	return err == nil
}

// endings returns the exit codes of the command, and that of SIGABRT, with which the Go runtime ends it.
func endings() []string {
	const aborted = 128 + 6
	codes := []string{strconv.Itoa(aborted)}
	for _, entry := range exitcode.Entries() {
		codes = append(codes, strings.Split(entry.Code, ", ")...)
	}
	return codes
}
