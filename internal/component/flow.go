package component

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// flow is a list or a mapping in brackets, and the ones in it that are open.
type flow struct {
	open []bracket
	// isDocument is true if the brackets are the whole document, as in JSON.
	isDocument bool
	// ended is true after a quote or a bracket has ended a value, until the comma or the colon. plain is true after a
	// text without quotes, which may continue in the next line.
	ended, plain bool
	// inValue is true between the colon after a key and the next comma.
	inValue bool
}

type bracket struct {
	letter       byte
	line, column int
	inValue      bool // of the list or mapping that the bracket is in
}

// readFlow reads a list or a mapping in brackets, from a byte of a line.
func (l *layout) readFlow(text string, at int) {
	f := &l.flow
	isLineStart := true // of what is left of the line
	for at < len(text) && l.found == nil {
		letter := text[at]
		switch {
		case letter == ' ' || letter == '\t':
			at++
			continue
		case letter == '#' && (at == 0 || text[at-1] == ' ' || text[at-1] == '\t'):
			return
		case letter == ',':
			f.ended, f.plain, f.inValue = false, false, false
			at++
		case letter == ':' && (f.ended || at+1 == len(text) || strings.IndexByte(" \t,[]{}", text[at+1]) >= 0):
			f.ended, f.plain, f.inValue = false, false, true
			at++
		case letter == ']' || letter == '}':
			at = l.closeBracket(text, at)
			if len(f.open) == 0 {
				return
			}
		case f.plain && (!isLineStart || !isQuotedKey(text[at:])):
			at = l.readFlowText(text, at)
		case strings.HasPrefix(text[at:], "//") || strings.HasPrefix(text[at:], "/*"):
			l.fail(at, "JSON has no comments", "remove it, or write a comment of YAML, which begins with #")
		case f.ended && f.open[len(f.open)-1].letter == '{' && !f.inValue:
			l.fail(at, "a colon is missing after the key", `write "key": value`)
		case f.ended || f.plain:
			l.fail(at, "a comma is missing before the text", "put a comma between the entries")
		default:
			at = l.readFlowValue(text, at)
		}
		isLineStart = false
	}
}

// readFlowValue reads the beginning of a value, and returns the byte after it.
func (l *layout) readFlowValue(text string, at int) int {
	f := &l.flow
	switch letter := text[at]; letter {
	case '"', '\'':
		end := quoteEnd(text, at)
		if end < 0 {
			l.quote = quote{letter, l.line, utf8.RuneCountInString(text[:at]) + 1}
			return len(text)
		}
		if escape := invalidEscape(text[at:end]); escape != "" {
			l.fail(at, fmt.Sprintf(`\%s is not an escape in double quotes`, shown(escape)), escapeHint(escape))
		}
		f.ended = true
		return end
	case '[', '{':
		f.open = append(f.open, bracket{letter, l.line, utf8.RuneCountInString(text[:at]) + 1, f.inValue})
		f.inValue = false
		return at + 1
	case '*':
		name, _, _ := strings.Cut(text[at+1:], " ")
		if name = strings.TrimRight(name, ",]}"); !l.anchors[name] {
			l.fail(at, fmt.Sprintf("the alias *%s is unknown: no anchor &%s is above it", shown(name), shown(name)), "put the text in quotes, if it is not an alias")
		}
	}
	return l.readFlowText(text, at)
}

// readFlowText reads a text without quotes up to the comma, the bracket, the comment or the end of the line that ends it,
// and returns the byte after it.
func (l *layout) readFlowText(text string, at int) int {
	f := &l.flow
	start := at
	for f.plain = true; at < len(text); at++ {
		isLast := at+1 == len(text)
		switch letter := text[at]; {
		case strings.IndexByte(",[]{}", letter) >= 0, letter == '#' && at > 0 && text[at-1] == ' ':
			return max(at, start+1)
		case letter != ':' || !isLast && strings.IndexByte(" \t,[]{}", text[at+1]) < 0:
		case f.inValue:
			l.fail(start, `the text contains ": ", which makes a key of what is before it`, "put a comma before the key, or put the text in quotes")
			return at
		default:
			return at
		}
	}
	return at
}

// closeBracket reads a closing bracket and returns the byte after it.
func (l *layout) closeBracket(text string, at int) int {
	f := &l.flow
	top := f.open[len(f.open)-1]
	if pair := string(top.letter) + text[at:at+1]; pair != "[]" && pair != "{}" {
		l.found = &fault{top.line, top.column, fmt.Sprintf("the bracket %c is closed by %c", top.letter, text[at]), "close each bracket by its own kind, the inner one first"}
		return at
	}
	first := f.open[0]
	f.open = f.open[:len(f.open)-1]
	f.ended, f.plain, f.inValue = true, false, top.inValue
	if len(f.open) > 0 {
		return at + 1
	}
	after := strings.TrimLeft(text[at+1:], " \t")
	switch {
	case after == "" || after[0] == '#' || after[0] == ':':
		l.closed = f.isDocument && (after == "" || after[0] == '#')
	case f.isDocument:
		l.fail(len(text)-len(after), "text is not allowed after the bracket that ends the document", "remove it")
	default:
		l.found = &fault{first.line, first.column, "the text begins with a bracket and continues after the closing one", "put the whole text in quotes"}
	}
	return at + 1
}

// unclosedBracket reports the outermost bracket that is open at the end of the file.
func (l *layout) unclosedBracket() {
	open := l.flow.open[0]
	l.found = &fault{open.line, open.column, "the bracket is not closed", ""}
}

// isQuotedKey reports whether a text begins with a key in quotes.
func isQuotedKey(text string) bool {
	if text[0] != '"' && text[0] != '\'' {
		return false
	}
	end := quoteEnd(text, 0)
	return end > 0 && strings.HasPrefix(strings.TrimLeft(text[end:], " \t"), ":")
}
