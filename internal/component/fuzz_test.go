package component_test

import (
	"os"
	"path/filepath"
	"testing"
	"unicode"

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
		for _, problem := range component.Check(data) {
			if problem.Line < 1 || problem.Column < 1 || problem.Line > len(data)+1 {
				t.Errorf("a problem outside of the text: %+v", problem)
			}
			for _, letter := range problem.Message + problem.Hint + problem.Source {
				if unicode.IsControl(letter) {
					t.Errorf("a control character in %q", problem.Message)
				}
			}
		}
	})
}
