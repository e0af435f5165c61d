package component

import (
	"strconv"
	"strings"
)

const shownLength = 80

// shown returns untrusted text in a form that is safe for a message: escaped and shortened.
func shown(text string) string {
	return strings.TrimSuffix(strings.TrimPrefix(quoted(text), `"`), `"`)
}

// quoted returns text as shown does, but in quotes.
func quoted(text string) string {
	if len(text) > shownLength {
		if runes := []rune(strings.ToValidUTF8(text, "\uFFFD")); len(runes) > shownLength {
			text = string(runes[:shownLength]) + "…"
		}
	}
	return strconv.QuoteToGraphic(text)
}

// either joins words with "or": "a", "a or b", "a, b or c".
func either(words []string) string { return joined(words, "or") }

// all joins words with "and": "a", "a and b", "a, b and c".
func all(words []string) string { return joined(words, "and") }

func joined(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}
