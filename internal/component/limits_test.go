package component_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/org/ami-action/internal/component"
)

// hostile returns documents that can make a checker slow. Most have the maximum size.
func hostile() map[string]string {
	fill := func(head, unit string) string {
		return head + strings.Repeat(unit, (component.MaxSize-len(head)-1)/len(unit))
	}
	const (
		head     = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - name: One\n        action: ExecuteBash\n        inputs:\n          commands:\n"
		declared = "schemaVersion: 1.0\nparameters:\n"
	)
	names := strings.Builder{}
	for i := 0; names.Len() < component.MaxSize/2; i++ {
		fmt.Fprintf(&names, "  - Name%d: {type: string}\n", i)
	}
	misspelled := strings.Builder{}
	for i := 0; misspelled.Len() < component.MaxSize/3; i++ {
		fmt.Fprintf(&misspelled, "            - 'x {{ Naem%d }}'\n", i)
	}
	bomb := "schemaVersion: 1.0\nphases: &a0 [x]\n"
	for i := 1; i < 60; i++ {
		bomb += fmt.Sprintf("x%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), ", "))
	}
	merges := "schemaVersion: 1.0\nphases:\n  - &m0 {name: build}\n"
	for i := 1; i < 40; i++ {
		merges += fmt.Sprintf("  - &m%d {<<: [*m%d, *m%d, *m%d]}\n", i, i-1, i-1, i-1)
	}
	return map[string]string{
		"open brackets":      fill("phases: ", "["),
		"open braces":        fill("phases: ", "{"),
		"brackets in lines":  fill("phases:\n", "[\n"),
		"nested dashes":      fill("phases:\n  ", "- "),
		"nested keys":        fill("phases: ", "? "),
		"one long line":      fill(head+"            - ", "x"),
		"references":         fill(head+"            - '", "{{ Foo }}") + "'",
		"braces":             fill(head+"            - '", "{") + "'",
		"open references":    fill(head+"            - '", "{{ build.One.outputs.stdout } ") + "'",
		"foreign references": fill(head+"            - '", "{{ a.b }} ") + "'",
		"accents":            fill(head+"            - [", "'é {{ aa }}', "),
		"short commands":     fill(head, "            - x\n"),
		"unknown keys":       fill("schemaVersion: 1.0\n", "keyx: 1\n"),
		"quotes":             fill("a: ", "''"),
		"open quotes":        fill("", "a: \"\n"),
		"tabs":               fill("a:\n", "\t"),
		"anchors":            fill("a:\n", " - &a x\n"),
		"aliases":            fill("a: &a 1\nb:\n", " - *a\n"),
		"colons":             fill("", "a:"),
		"here-documents":     fill(head+"            - |\n", "              <<E\n") + "x",
		"steps":              fill("schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n", "      - name: A\n"),
		"misspelled names":   declared + names.String() + strings.TrimPrefix(head, "schemaVersion: 1.0\n") + misspelled.String(),
		"bomb of aliases":    bomb,
		"bomb of merges":     merges,
	}
}

// TestHostileDocumentsEnd checks that no document takes forever. If one does, the timeout of the test run fails it.
func TestHostileDocumentsEnd(t *testing.T) {
	for name, document := range hostile() {
		t.Run(name, func(t *testing.T) {
			isValid := slices.Contains([]string{"short commands", "one long line", "foreign references"}, name)
			if problems := component.Check([]byte(document)); component.HasErrors(problems) == isValid {
				t.Error("wrongly judged:", text(problems))
			}
		})
	}
}

// BenchmarkCheck measures the check of the largest documents.
func BenchmarkCheck(b *testing.B) {
	largest, err := os.ReadFile("testdata/accepted/63KB.yml")
	if err != nil {
		b.Fatal(err)
	}
	documents := hostile()
	documents["accepted"] = string(largest)
	for name, document := range documents {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				component.Check([]byte(document))
			}
		})
	}
}
