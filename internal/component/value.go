package component

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/org/ami-action/internal/pattern"
)

var (
	blockHeader = pattern.Lazy(`^[|>][0-9+-]{0,2}[ \t]*(#.*)?$`)
	properties  = pattern.Lazy(`^(?:(?:&[^\s\[\]{},&*]+|![^\s\[\]{},]*)[ \t]+)+`)
)

const inQuotes = "put the text in quotes"

// value reads a value that begins at a byte of a line. If hasKey is set, keyAt is where the key before it begins. parent
// is the column of the list or the mapping that the value belongs to.
func (l *layout) value(text string, at, keyAt, parent int, hasKey bool) {
	l.readValue(text, at, parent, hasKey)
	// No key of a component has a space: what is before the colon is the beginning of a text.
	if key := strings.TrimRight(text[keyAt:at], ": \t"); l.found != nil && hasKey && strings.Contains(key, " ") && key[0] != '"' && key[0] != '\'' {
		l.fail(keyAt, `the text contains ": ", which makes a key of what is before it`, inQuotes)
	}
}

func (l *layout) readValue(text string, at, parent int, hasKey bool) {
	at += len(properties().FindString(text[at:]))
	rest := strings.TrimRight(text[at:], " \t")
	if rest == "" || rest[0] == '#' {
		return
	}
	l.opened, l.plain = false, false
	switch first := rest[0]; {
	case strings.HasPrefix(rest, "{{"):
		l.fail(at, "the text begins with {{, which begins a mapping in YAML", "put the text in quotes: '{{ … }}'")
	case first == '|' || first == '>':
		if !blockHeader().MatchString(rest) {
			l.fail(at, fmt.Sprintf("text is not allowed after %c, which begins a block text", first), "begin the text on the next line, or put it in quotes")
			return
		}
		l.block = block{in: true, line: l.line, parent: parent, indent: -1}
	case first == '"' || first == '\'':
		l.quoted(text, at)
	case first == '[' || first == '{':
		l.flow = flow{isDocument: len(l.levels) == 0}
		l.readFlow(text, at)
	case first == '*':
		name, _, _ := strings.Cut(rest[1:], " ")
		if !l.anchors[name] {
			l.fail(at, fmt.Sprintf("the alias %s is unknown: no anchor &%s is above it", shown(rest), shown(name)), "put the text in quotes, if it is not an alias")
		}
	case first == '%' || first == '@' || first == '`' || first == ',' || first == ']' || first == '}':
		l.fail(at, fmt.Sprintf("a text must not begin with %c", first), inQuotes)
	case first == '&' || first == '!' && len(rest) > 1 && rest[1] == ' ':
		l.fail(at, fmt.Sprintf("a text must not begin with %c", first), inQuotes)
	case hasKey && (rest == "-" || strings.HasPrefix(rest, "- ")):
		l.fail(at, "a list must begin on a line of its own", "begin the list on the next line, or put the text in quotes")
	default:
		l.plain, l.text, l.cut = true, place{l.line, at, rest}, 0
		l.noteComment(rest)
		if _, _, isKey := splitKey(rest); isKey && hasKey {
			l.fail(at, `the text contains ": ", which makes a key of what is before it`, inQuotes)
		}
	}
}

// quoted reads a quoted text that begins at a byte of a line.
func (l *layout) quoted(text string, at int) {
	end := quoteEnd(text, at)
	whole := text[at:]
	if end >= 0 {
		whole = text[at:end]
	}
	if escape := invalidEscape(whole); escape != "" {
		l.fail(at, fmt.Sprintf(`\%s is not an escape in double quotes`, shown(escape)), escapeHint(escape))
		return
	}
	if end < 0 {
		l.quote = quote{text[at], l.line, utf8.RuneCountInString(text[:at]) + 1}
		return
	}
	if after := strings.TrimLeft(text[end:], " \t"); after != "" && (after[0] != '#' || len(after) == len(text[end:])) {
		l.fail(len(text)-len(after), "text is not allowed after the closing quote", "put the whole text in quotes, and double the quotes in it")
	}
}

// invalidEscape returns the first escape in a double-quoted text that AWSTOE's library refuses, without its backslash, or
// "".
func invalidEscape(text string) string {
	if text == "" || text[0] != '"' {
		return ""
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}
	for i := 1; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		i++
		if strings.IndexByte("0abt\tnvfre \"'\\N_LP", text[i]) >= 0 {
			continue
		}
		count := digits[text[i]]
		if count == 0 || i+count >= len(text) || strings.Trim(text[i+1:i+1+count], "0123456789abcdefABCDEF") != "" {
			_, size := utf8.DecodeRuneInString(text[i:])
			return text[i : i+size]
		}
		if text[i] == 'u' && (text[i+1] == 'd' || text[i+1] == 'D') && text[i+2] >= '8' {
			return text[i : i+1+count] // half of a pair, as JSON has them
		}
	}
	return ""
}

func escapeHint(escape string) string {
	switch {
	case escape == "/":
		return "write / without the backslash"
	case len(escape) > 1:
		return "write the character itself"
	}
	return `write a backslash as \\, or use single quotes`
}

// readQuoted reads a line inside an open quote. If the line looks like a key or an entry of a list, the quote should have
// been closed on its own line.
func (l *layout) readQuoted(text, trimmed string) {
	end := -1
	if trimmed != "" {
		end = quoteEnd(string(l.quote.letter)+text, 0) - 1
	}
	if isEntry(trimmed) || l.isKey(trimmed) && end < 0 {
		l.unclosedQuote()
		return
	}
	if end < 0 {
		return
	}
	if after := strings.TrimSpace(text[end:]); after != "" && after[0] != '#' && (len(l.flow.open) == 0 || strings.IndexByte(",]}: \t", text[end]) < 0) {
		l.unclosedQuote()
		return
	}
	l.quote = quote{}
	if len(l.flow.open) > 0 {
		l.flow.ended = true
		l.readFlow(text, end)
	}
}

func (l *layout) unclosedQuote() {
	name := "single"
	if l.quote.letter == '"' {
		name = "double"
	}
	l.found = &fault{l.quote.line, l.quote.column, "the " + name + " quote is not closed", "close it at the end of the text"}
}
