package component

import (
	"fmt"
	"strings"
)

const loosely = `the line must be "key: value", or be indented as part of the text above`

func isEntry(content string) bool { return content == "-" || strings.HasPrefix(content, "- ") }

func (l *layout) isKey(content string) bool {
	_, _, ok := splitKey(content)
	return ok
}

// readLine reads a line outside of block texts, quotes and brackets: its dashes, its key, its value.
func (l *layout) readLine(text, content string, indent int) {
	at, wasOpened, wasPlain := indent, l.opened, l.plain
	if strings.HasPrefix(content, "-\t") {
		l.fail(indent+1, "a tab is not allowed after the dash: YAML allows only spaces", "replace the tab with a space")
		return
	}
	_, _, hasKey := splitKey(content)
	if !isEntry(content) && !hasKey {
		l.readLoose(text, content, indent)
		return
	}
	if wasPlain && len(l.levels) == 0 {
		l.line = l.text.line // a text cannot have keys
		l.fail(l.text.at, loosely, "")
		return
	}
	if wasPlain && len(l.levels) > 0 && indent > l.levels[len(l.levels)-1].column {
		if name, _, hasColon := strings.Cut(l.text.text, ":"); hasKey && hasColon && nameCharacters().MatchString(name) {
			l.line = l.text.line
			l.fail(l.text.at, fmt.Sprintf("the key %s has no space after its colon", shown(name)), `put a space after the ":"`)
		} else if hasKey && !isEntry(content) && l.hasJoinedDash(l.text.line) {
			l.line = l.text.line
			l.failJoinedDash()
		} else if hasKey && !isEntry(content) {
			hint := "indent it like the keys above it"
			if l.levels[len(l.levels)-1].isList {
				hint = `begin the text above with "|" on a line of its own, if the line belongs to it`
			}
			l.fail(indent, "the line is indented too far: it is part of the text above", hint)
		}
		return // here, a dash is part of the text above
	}
	if !l.align(indent, isEntry(content), wasOpened) {
		return
	}
	for isEntry(text[at:]) {
		l.push(at, true)
		rest := strings.TrimLeft(text[at+1:], " ")
		at = len(text) - len(rest)
		l.opened, l.plain = true, false
	}
	parent, keyAt := indent-1, at
	if len(l.levels) > 0 {
		parent = l.levels[len(l.levels)-1].column
	}
	keyLength, valueStart, hasKey := splitKey(text[at:])
	if hasKey && keyLength > 0 {
		l.push(at, false)
		parent = at
		at += valueStart
		l.opened, l.plain = true, false
	}
	l.value(text, at, keyAt, parent, hasKey)
}

// readLoose reads a line that is neither a key nor an entry of a list. It is a value, the continuation of a text, or a
// fault.
func (l *layout) readLoose(text, content string, indent int) {
	isDeeper := len(l.levels) == 0 || indent > l.levels[len(l.levels)-1].column
	switch {
	case l.plain && isDeeper && l.cut > 0:
		l.fail(indent, fmt.Sprintf("the line continues the text of line %d, which ended at the comment of line %d", l.text.line, l.cut),
			`begin the text with |, so that the comment becomes part of it, or begin the line with "- "`)
	case l.plain && isDeeper:
		l.noteComment(content)
	case l.opened && (isDeeper || len(l.levels) > 0 && l.levels[len(l.levels)-1].isList):
		l.value(text, indent, indent, indent-1, false)
	default:
		hint := ""
		name, _, hasColon := strings.Cut(content, ":")
		switch {
		case hasColon && nameCharacters().MatchString(name):
			hint = `put a space after the ":"`
		case strings.Contains(content, "="):
			hint = `write "key: value", or indent the line like the text above`
		case l.plain && len(l.levels) > 0 && (strings.HasPrefix(content, "--") || !strings.HasPrefix(content, "-")):
			hint = "indent it more than the line above, if it continues that text"
		case strings.HasPrefix(content, "-"):
			hint = `put a space after the "-"`
		}
		l.fail(indent, loosely, hint)
	}
}

// noteComment records that a text without quotes ends at a comment in the current line.
func (l *layout) noteComment(text string) {
	if strings.Contains(text, " #") {
		l.cut = l.line
	}
}

// hasJoinedDash reports whether a line begins with a dash that has no space after it, as in "-name: x".
func (l *layout) hasJoinedDash(line int) bool {
	content := strings.TrimLeft(l.source.lineText(line), " ")
	return len(content) > 1 && content[0] == '-' && content[1] != '-' && !isEntry(content)
}

func (l *layout) failJoinedDash() {
	text := l.source.lineText(l.line)
	l.fail(len(text)-len(strings.TrimLeft(text, " ")), `the dash has no space after it, so that the line does not begin an entry of a list`, `put a space after the "-"`)
}

// align closes the lists and mappings that end before a line in this column. It reports whether the line is indented
// correctly, and records a fault if it is not.
func (l *layout) align(column int, isEntry, wasOpened bool) bool {
	popped := false
	for len(l.levels) > 0 && l.levels[len(l.levels)-1].column > column {
		l.levels, popped = l.levels[:len(l.levels)-1], true
	}
	if len(l.levels) > 0 && !isEntry {
		// A list may be in the same column as the key that it belongs to.
		if top := l.levels[len(l.levels)-1]; top.column == column && top.isList {
			l.levels, popped = l.levels[:len(l.levels)-1], true
		}
	}
	switch {
	case len(l.levels) == 0 && popped:
		l.fail(column, `the line is not indented like any line above it`, `begin it with "- " if it is an entry of the list`)
	case len(l.levels) > 0 && l.levels[len(l.levels)-1].column < column && (popped || !wasOpened):
		l.fail(column, "the line is not indented like any line above it", "")
	default:
		return true
	}
	return false
}

func (l *layout) push(column int, isList bool) {
	if len(l.levels) == 0 || l.levels[len(l.levels)-1] != (level{column, isList}) {
		l.levels = append(l.levels, level{column, isList})
	}
}

// splitKey returns the length of the key that a text begins with, and where its value begins. ok is false if there is no
// key.
func splitKey(text string) (length, valueStart int, ok bool) {
	if text == "" || strings.ContainsRune("[{&*!|>%@`#,]}", rune(text[0])) {
		return 0, 0, false
	}
	from := 0
	if text[0] == '"' || text[0] == '\'' {
		end := quoteEnd(text, 0)
		if end < 0 {
			return 0, 0, false
		}
		from = end
		if rest := strings.TrimLeft(text[end:], " "); rest == "" || rest[0] != ':' {
			return 0, 0, false
		}
	}
	for i := from; i < len(text); i++ {
		switch {
		case text[i] == '#' && i > 0 && text[i-1] == ' ':
			return 0, 0, false
		case text[i] == ':' && (i+1 == len(text) || text[i+1] == ' ' || text[i+1] == '\t'):
			start := i + 1
			for start < len(text) && (text[start] == ' ' || text[start] == '\t') {
				start++
			}
			return i, start, true
		}
	}
	return 0, 0, false
}

// quoteEnd returns the position after the quoted text that begins at a byte, or -1 if it does not end.
func quoteEnd(text string, at int) int {
	for i := at + 1; i < len(text); i++ {
		switch {
		case text[at] == '"' && text[i] == '\\':
			i++
		case text[i] != text[at]:
		case text[at] == '\'' && i+1 < len(text) && text[i+1] == '\'':
			i++
		default:
			return i + 1
		}
	}
	return -1
}
