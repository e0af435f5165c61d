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
