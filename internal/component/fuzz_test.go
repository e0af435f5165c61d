package component_test

import (
	"os"
	"path/filepath"
	"testing"
	"unicode"

	"github.com/org/ami-action/internal/component"
)

// FuzzCheck holds Check to its promises for any file: it ends, its places lie within the text, and its
// messages are single lines that no log could misread.
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
		if len(seed) < 4<<10 { // large ones leave no time for others
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
