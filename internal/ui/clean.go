package ui

import (
	"strings"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/org/ami-action/internal/redact"
)

// maxMarks is the largest number of combining marks shown on one letter. A pile of marks reaches into the lines above
// and below.
const maxMarks = 2

// still makes a text from outside safe to show: it cannot move the cursor or other text on the screen. Control
// characters, direction marks and characters that terminals draw with different widths are replaced or removed, and
// combining marks are limited to maxMarks. Line breaks are kept.
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

// oneLine returns still(text) in one line.
func oneLine(text string) string { return strings.Join(strings.Fields(still(text)), " ") }

// cut truncates a line to a number of columns.
func cut(line string, columns int) string { return ansi.Truncate(line, max(columns, 0), "…") }

// wrapped breaks a text at spaces into lines of at most so many columns. A word that is longer than a line is broken
// anywhere. The parts of a line keep its indentation.
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
