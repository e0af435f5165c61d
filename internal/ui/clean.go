package ui

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/org/ami-action/internal/redact"
)

// maxMarks is how many combining marks of one letter are shown. Text of any language has fewer; more of them reach
// into the lines above and below.
const maxMarks = 2

// still returns a text from outside such that it moves nothing on the screen: without control characters and marks of
// direction, with few combining marks, and without characters whose width terminals disagree about. Lines stay.
func still(text string) string {
	text = strings.ReplaceAll(redact.ControlCharacters(text), "\t", "    ")
	var b strings.Builder
	marks, atStart := 0, true
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me):
			if marks++; atStart || marks > maxMarks || unicode.Is(unicode.Variation_Selector, r) {
				continue
			}
		case r != '\n' && !unicode.IsGraphic(r) || unicode.Is(unicode.Cf, r):
			r, marks, atStart = unicode.ReplacementChar, 0, false
		default:
			marks, atStart = 0, r == '\n'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// oneLine is still in one line.
func oneLine(text string) string { return strings.Join(strings.Fields(still(text)), " ") }

// cut cuts a line to a number of columns.
func cut(line string, columns int) string { return ansi.Truncate(line, max(columns, 0), "…") }

// wrapped breaks a text at spaces into lines of at most so many columns; a longer word is broken anywhere. The parts of
// a line keep its indentation.
func wrapped(text string, columns int) []string {
	columns = max(columns, 10)
	var lines []string
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		if ansi.StringWidth(line) <= columns {
			lines = append(lines, line)
			continue
		}
		words := strings.TrimLeft(line, " ")
		indent := line[:min(len(line)-len(words), columns/2)]
		part := indent
		for word := range strings.FieldsSeq(words) {
			if part != indent && ansi.StringWidth(part+" "+word) > columns {
				lines, part = append(lines, part), indent
			}
			if part != indent {
				part += " "
			}
			part += word
			for ansi.StringWidth(part) > columns {
				head := ansi.Truncate(part, columns, "")
				lines, part = append(lines, head), indent+strings.TrimPrefix(part, head)
			}
		}
		lines = append(lines, part)
	}
	return lines
}
