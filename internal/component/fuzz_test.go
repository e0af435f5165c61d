package component_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/org/ami-action/internal/component"
)

// FuzzCheck checks what Check promises for any file: it ends, the places of problems are within the text, and
// messages are single lines without control characters.
func FuzzCheck(f *testing.F) {
	files, err := filepath.Glob("testdata/*/*.yml")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		seed, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		if len(seed) < 4<<10 { // large files would take most of the time
			f.Add(seed)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := strings.Split(string(data), "\n")
		for _, problem := range component.Check(data) {
			isInside := problem.Line >= 1 && problem.Line <= len(lines) && problem.Column >= 1 &&
				problem.Column <= utf8.RuneCountInString(lines[problem.Line-1])+1
			// A lone carriage return is a line break of YAML too, but not of editors and of GitHub.
			if !isInside && !bytes.ContainsAny(data, "\r\u0085\u2028\u2029") || problem.EndColumn <= problem.Column {
				t.Errorf("a problem outside of the text: %+v", problem)
			}
			if runes := []rune(problem.Source); problem.Caret > len(runes) {
				t.Errorf("a caret outside of the excerpt: %+v", problem)
			}
			for _, letter := range problem.Message + problem.Hint + problem.Source {
				if unicode.IsControl(letter) {
					t.Errorf("a control character in %q", problem.Message)
				}
			}
		}
	})
}
