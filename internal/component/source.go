package component

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// source is the text of a document, by lines.
type source struct {
	text  string
	lines []int // the offset at which each line begins

	// The last place that was looked up. Nodes are visited in the order of the text, so the next place is near.
	line, column, offset int
	// The last line that was shown, as characters, and without secrets.
	runesOf       int
	runes, masked []rune
}

func newSource(data []byte) *source {
	s := &source{text: string(data), lines: []int{0}}
	for at := 0; ; {
		end := bytes.IndexByte(data[at:], '\n')
		if end < 0 {
			return s
		}
		at += end + 1
		s.lines = append(s.lines, at)
	}
}

// lineText returns a line, counted from 1, without its line break.
func (s *source) lineText(line int) string {
	if line < 1 || line > len(s.lines) {
		return ""
	}
	end := len(s.text)
	if line < len(s.lines) {
		end = s.lines[line] - 1
	}
	text := strings.TrimSuffix(s.text[s.lines[line-1]:end], "\r")
	if line == 1 {
		text = strings.TrimPrefix(text, "\uFEFF")
	}
	return text
}

// lineRunes returns the characters of a line. The caller must not change them.
func (s *source) lineRunes(line int) []rune {
	if s.runesOf != line {
		s.runesOf, s.runes, s.masked = line, []rune(s.lineText(line)), nil
	}
	return s.runes
}

// offsetOf returns the byte offset of a line and a column in the text.
func (s *source) offsetOf(line, column int) int {
	if line < 1 || line > len(s.lines) {
		return len(s.text)
	}
	if s.line != line || s.column > column {
		s.line, s.column, s.offset = line, 1, s.lines[line-1]
		if line == 1 {
			s.offset += len(s.text) - len(strings.TrimPrefix(s.text, "\uFEFF"))
		}
	}
	for s.column < column && s.offset < len(s.text) && s.text[s.offset] != '\n' {
		_, size := utf8.DecodeRuneInString(s.text[s.offset:])
		s.offset += size
		s.column++
	}
	return s.offset
}

// placeOf returns the line and the column of a byte offset.
func (s *source) placeOf(offset int) (line, column int) {
	low, high := 0, len(s.lines)
	for high-low > 1 {
		if middle := (low + high) / 2; s.lines[middle] <= offset {
			low = middle
		} else {
			high = middle
		}
	}
	before := s.text[s.lines[low]:offset]
	if low == 0 {
		before = strings.TrimPrefix(before, "\uFEFF")
	}
	return low + 1, utf8.RuneCountInString(before) + 1
}

// dashBefore returns the column of the "-" of the list entry that begins at a place. If the entry has no "-", as in
// JSON, it returns the column of the place.
func (s *source) dashBefore(line, column int) int {
	before := s.lineRunes(line)
	for at := min(column, len(before)+1) - 1; at > 0; at-- {
		switch before[at-1] {
		case ' ':
		case '-':
			return at
		default:
			return column
		}
	}
	return column
}

// keyBefore returns the column of the key, or of the dash, whose value would begin at a place.
func (s *source) keyBefore(line, column int) int {
	before := s.lineRunes(line)
	before = before[:min(column-1, len(before))]
	text := strings.TrimRight(string(before), " ")
	if strings.HasSuffix(text, "-") {
		return utf8.RuneCountInString(text)
	}
	start := 0
	if at := strings.LastIndexAny(text, "{,"); at >= 0 && strings.Contains(text, "{") {
		start = at + 1
	}
	for start < len(text) && (text[start] == ' ' || text[start] == '?' || strings.HasPrefix(text[start:], "- ")) {
		start++
	}
	if start == len(text) {
		return column
	}
	return utf8.RuneCountInString(text[:start]) + 1
}

// endOf returns the column after the word, the key, the quoted text or the reference that begins at a place.
func (s *source) endOf(line, column int) int {
	text := s.lineRunes(line)
	if column < 1 || column > len(text) {
		return column + 1
	}
	rest := text[column-1 : min(len(text), column-1+2*sourceWidth)]
	switch first := rest[0]; {
	case first == '"' || first == '\'':
		for i := 1; i < len(rest); i++ {
			if rest[i] == first && (first == '\'' || rest[i-1] != '\\') {
				return column + i + 1
			}
		}
	case strings.HasPrefix(string(rest[:min(2, len(rest))]), "{{"):
		for i := 2; i+1 < len(rest); i++ {
			if rest[i] == '}' && rest[i+1] == '}' {
				return column + i + 2
			}
		}
	case first == '-' && len(rest) > 1 && rest[1] == ' ', first == '\t', unicode.IsSpace(first):
		return column + 1
	default:
		for i := 1; i < len(rest); i++ {
			if rest[i] == ':' && (i+1 == len(rest) || rest[i+1] == ' ') || rest[i] == '#' && rest[i-1] == ' ' {
				return column + len([]rune(strings.TrimRight(string(rest[:i]), " ")))
			}
		}
	}
	return column + max(len([]rune(strings.TrimRight(string(rest), " \t"))), 1)
}
