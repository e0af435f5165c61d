// Package unseen knows the characters that nobody sees, which come with a text from a page, a file or a secret.
package unseen

import (
	"strings"
	"unicode"
)

// Trim returns the text without white space and characters without a width at its ends.
func Trim(text string) string {
	return strings.TrimFunc(text, func(c rune) bool { return unicode.IsSpace(c) || Is(c) })
}

// Is reports whether a character has no width and no meaning in a name. Joiners have a meaning: emoji are made of them.
func Is(c rune) bool {
	switch c {
	case '\u200b', '\u200e', '\u200f', '\u2060', '\ufeff', '\u00ad':
		return true
	}
	return false
}
