package redact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// ControlCharacters makes a text from outside safe to show. It replaces control characters (terminal escapes, GitLab's
// section markers, a carriage return that overwrites a line), marks that change the writing direction, and invalid UTF-8
// with visible characters. Line feeds and tabs are kept, and a CR before an LF is removed, so the text keeps its lines.
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
			return '\u2400' + r // Unicode's control pictures, such as a small "ESC"
		case r == 0x7f:
			return '\u2421'
		}
		return utf8.RuneError
	}, text)
}

// isHarmless reports whether the whole text is printable ASCII, line feeds and tabs, as nearly all texts are.
func isHarmless(text string) bool {
	for i := range len(text) {
		if b := text[i]; (b < ' ' || b > '~') && b != '\n' && b != '\t' {
			return false
		}
	}
	return true
}

// acts reports whether a rune has an effect instead of being shown. It includes RuneError, so that invalid UTF-8 is
// replaced too.
func acts(r rune) bool {
	switch r {
	case '\n', '\t':
		return false
	case utf8.RuneError, '\u2028', '\u2029', '\ufeff':
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}
