// Package unseen removes invisible characters, which often come with texts that were copied from a page, a file or a
// secret.
package unseen

import (
	"strings"
	"unicode"
)

// Trim returns the text without leading and trailing white space and invisible characters.
func Trim(text string) string {
	return strings.TrimFunc(text, func(c rune) bool { return unicode.IsSpace(c) || Is(c) })
}

// Is reports whether a character is invisible and has no meaning in a name. Joiners are not included, because they are
// part of emoji.
func Is(c rune) bool {
	switch c {
	case '\u200b', '\u200e', '\u200f', '\u2060', '\ufeff', '\u00ad':
		return true
	}
	return false
}
