package component

import "unicode"

// sourceWidth is how much of a line is shown at most, in characters.
const sourceWidth = 100

// excerpt returns the line for a message, shortened to the part around the column, and the number of its characters
// before the column. It does not cut a word if it can, so that no part of a secret is shown that the process would
// recognize as a whole, and it masks what looks like a secret.
func (s *source) excerpt(line, column int) (text string, caret int) {
	if length := len(s.lineRunes(line)); length == 0 || column > length+1 {
		return "", 0
	}
	if s.masked == nil {
		s.masked = []rune(masked(s.lineText(line)))
	}
	runes := s.masked
	caret = min(column-1, len(runes))
	start := 0
	if caret > sourceWidth*3/4 {
		start = caret - sourceWidth/2
		for start < caret && runes[start-1] != ' ' {
			start++
		}
	}
	end := min(len(runes), start+sourceWidth)
	for last := end; end < len(runes) && last > caret+1; last-- {
		if runes[last] == ' ' {
			end = last
			break
		}
	}
	shownRunes := make([]rune, 0, end-start+2)
	if start > 0 {
		shownRunes = append(shownRunes, '…')
		caret = caret - start + 1
	}
	for _, letter := range runes[start:end] {
		shownRunes = append(shownRunes, visible(letter))
	}
	if end < len(runes) {
		shownRunes = append(shownRunes, '…')
	}
	return string(shownRunes), caret
}

// visible returns the character, or a replacement if it is invisible or could control a terminal.
func visible(letter rune) rune {
	switch {
	case letter == '\t':
		return '→'
	case letter == ' ' || unicode.IsPrint(letter):
		return letter
	case unicode.Is(unicode.Zs, letter):
		return '␣'
	}
	return '\uFFFD'
}
