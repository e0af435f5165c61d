package config

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"unicode"

	"github.com/org/ami-action/internal/pattern"
	"github.com/org/ami-action/internal/unseen"
)

// entriesOf splits a list that stands in one variable: a JSON array of texts, or such an array as Ruby
// shows it, which is what GitLab makes of an array input, or one entry a line. Blanks around an entry and
// empty entries do not count.
func entriesOf(text string) ([]string, error) {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "[") || !strings.HasSuffix(text, "]") {
		return trimmed(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })), nil
	}
	var entries []string
	err := json.Unmarshal([]byte(text), &entries)
	if err != nil {
		err = json.Unmarshal([]byte(rubyEscapes().ReplaceAllStringFunc(text, jsonEscape)), &entries)
	}
	if err != nil {
		return nil, errors.New("starts and ends like a JSON array, but must be a JSON array of texts")
	}
	return trimmed(entries), nil
}

// spread replaces each value of a flag that is a JSON array of texts by the texts. A flag repeats, so that any other
// value is an entry as it stands.
func spread(values []string) []string {
	var entries []string
	for _, value := range values {
		if array, err := entriesOf(value); err == nil && strings.HasPrefix(strings.TrimSpace(value), "[") {
			entries = append(entries, array...)
			continue
		}
		entries = append(entries, value)
	}
	return entries
}

// rubyEscapes are the escapes of a text. Ruby has some that JSON does not have.
var rubyEscapes = pattern.Lazy(`\\(?:u\{[0-9A-Fa-f]{1,6}\}|x[0-9A-Fa-f]{2}|[^ux])`)

// jsonEscape returns what JSON writes for an escape of Ruby's: "#" needs none there, for one.
func jsonEscape(escape string) string {
	switch escape[1] {
	case '#':
		return "#"
	case 'a':
		return `\u0007`
	case 'e':
		return `\u001b`
	case 'v':
		return `\u000b`
	case 'x':
		return `\u00` + escape[2:]
	case 'u':
		letter, err := strconv.ParseInt(escape[3:len(escape)-1], 16, 32)
		if err != nil {
			return escape
		}
		return string(rune(letter))
	default:
		return escape
	}
}

func trimmed(entries []string) []string {
	var kept []string
	for _, entry := range entries {
		if entry = unseen.Trim(entry); entry != "" {
			kept = append(kept, entry)
		}
	}
	return kept
}

// splitWords splits entries at commas and white space too, and removes quotes: no event's name has any.
func splitWords(entries []string) []string {
	var words []string
	for _, entry := range entries {
		for _, word := range strings.FieldsFunc(entry, func(c rune) bool { return c == ',' || c == ';' || unicode.IsSpace(c) }) {
			if word = unquoted(word); word != "" {
				words = append(words, word)
			}
		}
	}
	return words
}

func cutPair(entry string) (key, value string, found bool) {
	key, value, found = strings.Cut(entry, "::")
	return unseen.Trim(key), value, found
}
