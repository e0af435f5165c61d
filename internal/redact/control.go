package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ControlCharacters makes a text from outside harmless where it is shown: control characters (a
// terminal's escapes, GitLab's section markers, a carriage return that begins a line anew), marks that
// turn the direction of writing, and bytes that are no UTF-8 are replaced by visible stand-ins. Line
// feeds and tabs stay, and a CR before an LF is dropped: the text keeps its lines.
func ControlCharacters(text string) string {
	if isHarmless(text) || !strings.ContainsFunc(text, acts) {
		return text
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case !acts(r):
			return r
		case r < 0x20:
			return '\u2400' + r // the control pictures: ESC becomes a small "ESC"
		case r == 0x7f:
			return '\u2421'
		}
		return utf8.RuneError
	}, text)
}

// isHarmless reports whether all of the text is printable ASCII, as nearly all texts are.
func isHarmless(text string) bool {
	for i := range len(text) {
		if b := text[i]; (b < ' ' || b > '~') && b != '\n' && b != '\t' {
			return false
		}
	}
	return true
}

// acts reports whether a rune does something instead of being shown. RuneError is among them, so that
// a byte that is not UTF-8 is replaced too.
func acts(r rune) bool {
	switch r {
	case '\n', '\t':
		return false
	case utf8.RuneError, '\u2028', '\u2029', '\ufeff':
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}
