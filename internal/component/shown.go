package component

import (
	"strconv"
	"strings"
)

const shownLength = 80

// shown makes text of unknown origin safe for a message: escaped, and shortened.
func shown(text string) string {
	return strings.TrimSuffix(strings.TrimPrefix(quoted(text), `"`), `"`)
}

// quoted is shown, in quotes.
func quoted(text string) string {
	if len(text) > shownLength {
		if runes := []rune(strings.ToValidUTF8(text, "\uFFFD")); len(runes) > shownLength {
			text = string(runes[:shownLength]) + "…"
		}
	}
	return strconv.QuoteToGraphic(text)
}
