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

// entriesOf splits a list in one variable. The list is a JSON array of texts, an array in Ruby's notation, in which GitLab
// passes an array input, or has one entry on each line. A line may begin with a hyphen and a space, as in a list of YAML.
// Entries are trimmed, and empty entries are removed.
func entriesOf(text string) ([]string, error) {
	text = strings.TrimSpace(text)
	if !isArray(text) {
		lines := trimmed(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }))
		for i, line := range lines {
			lines[i] = strings.TrimPrefix(line, "- ")
		}
		return trimmed(lines), nil
	}
	var entries []string
	err := json.Unmarshal([]byte(text), &entries)
	if err != nil {
		err = json.Unmarshal([]byte(rubyEscapes().ReplaceAllStringFunc(text, jsonEscape)), &entries)
	}
	if err != nil {
		return nil, errors.New(`starts and ends like a JSON array, but must be a JSON array of texts in double quotes, such as ["A", "B"]`)
	}
	return trimmed(entries), nil
}

// isArray reports whether the text starts and ends like a JSON array.
func isArray(text string) bool {
	text = strings.TrimSpace(text)
	return strings.HasPrefix(text, "[") && strings.HasSuffix(text, "]")
}

// spread replaces each value of a flag that is a JSON array of strings with its elements. Any other value is one entry.
func spread(values []string) []string {
	var entries []string
	for _, value := range values {
		if array, err := entriesOf(value); err == nil && isArray(value) {
			entries = append(entries, array...)
			continue
		}
		entries = append(entries, value)
	}
	return entries
}

// rubyEscapes matches the escapes in a Ruby string. JSON does not have all of them.
var rubyEscapes = pattern.Lazy(`\\(?:u\{[0-9A-Fa-f]{1,6}\}|x[0-9A-Fa-f]{2}|[^ux])`)

// jsonEscape converts an escape of Ruby to JSON.
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

// splitWords also splits the entries at commas, semicolons and white space, and removes quotes. None of these can be part
// of the name of an event.
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
