package ui

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
)

func TestTextFromOutsideMovesNothing(t *testing.T) {
	for _, c := range []struct{ name, text, shown string }{
		{"plain text", "Demo 1.0.0", "Demo 1.0.0"},
		{"letters with marks", "Cafe\u0301 漢字", "Cafe\u0301 漢字"},
		{"an escape sequence", "a\x1b[2Jb", "a␛[2Jb"},
		{"a control of eight bits", "a\u009b2Jb", "a\ufffd2Jb"},
		{"marks of direction", "a\u202eb\u2066c", "a\ufffdb\ufffdc"},
		{"a joiner and a mark without a letter", "\u0301a\u200db", "a\ufffdb"},
		{"a pile of marks", "e" + strings.Repeat("\u0301", 9), "e\u0301\u0301"},
		{"a tab", "a\tb", "a    b"},
		{"bytes that are no UTF-8", "a\xffb", "a\ufffdb"},
		{"lines", "a\r\nb", "a\nb"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.shown, still(c.text)) })
	}
	assert.Equal(t, "a b", oneLine(" a\n\tb "))
}

func TestWrapping(t *testing.T) {
	for _, c := range []struct {
		name, text string
		columns    int
		lines      []string
	}{
		{"what fits stays as it is", "a  b\n  c", 10, []string{"a  b", "  c"}},
		{"words stay whole, hyphens too", "aaaa --bb-cc dd", 10, []string{"aaaa", "--bb-cc dd"}},
		{"the indentation goes on", "  aaaa bbbb cccc", 12, []string{"  aaaa bbbb", "  cccc"}},
		{"a long word is broken", "abcdefghijklmno", 10, []string{"abcdefghij", "klmno"}},
		{"wide characters count twice", "漢字漢字漢字漢字", 10, []string{"漢字漢字漢", "字漢字"}},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.lines, wrapped(c.text, c.columns)) })
	}
}

func FuzzNothingIsWiderThanTheScreen(f *testing.F) {
	f.Add("漢字 \x1b[2J e\u0301\u0301\u0301", 12)
	f.Fuzz(func(t *testing.T, text string, columns int) {
		columns = 10 + abs(columns)%200
		for _, line := range wrapped(still(text), columns) {
			assert.LessOrEqual(t, ansi.StringWidth(line), columns)
			assert.NotContains(t, line, "\x1b")
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}
