package component

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/org/ami-action/internal/pattern"
)

// fault is the reason why a text is not valid YAML, and its place.
type fault struct {
	line, column  int
	message, hint string
}

// layout reads the lines of a text that the YAML library refused, to find the cause where a person would see it. It
// handles block texts, quotes, and lists and mappings in brackets, which have different rules.
type layout struct {
	source *source
	line   int // the number of the current line, counted from 1
	found  *fault
	// tab is a tab before a comment or alone in a line. It is the fault if there is no other.
	tab *fault

	// levels are the columns, counted from 0, of the lists and mappings that are open.
	levels []level
	// opened is true if the last line ended with a key or a dash without a value, so that its value may follow.
	opened bool
	// plain is true if the last line ended with a text without quotes, which may continue in lines that are indented more.
	plain   bool
	text    place // where that text begins
	anchors map[string]bool

	block block
	quote quote
	flow  flow
}

// place is a text in a line, and the byte at which it begins.
type place struct {
	line, at int
	text     string
}

type level struct {
	column int
	isList bool
}

// block is a block text, which begins with | or >.
type block struct {
	in             bool
	line           int
	parent, indent int // columns, counted from 0; indent is -1 before the first line of the text
	heredoc        string
}

// quote is an open quote.
type quote struct {
	letter       byte // 0 if no quote is open
	line, column int
}

// flow is a list or a mapping in brackets.
type flow struct {
	depth, line, column int
}

var (
	conflictMarker = pattern.Lazy(`^(<<<<<<<|=======|>>>>>>>|\|\|\|\|\|\|\|)( |$)`)
	heredocStart   = pattern.Lazy(`<<[-~]?\s*\\?["']?([A-Za-z_][A-Za-z0-9_]*)["']?`)
	anchorName     = pattern.Lazy(`(?:^|[\s\[{,])&([^\s\[\]{},]+)`)
)

const tabMessage = "the line is indented with a tab: YAML allows only spaces"

// findFault returns the first fault in the text, and whether there is one.
func findFault(s *source) (fault, bool) {
	l := &layout{source: s, anchors: map[string]bool{}}
	for l.line = 1; l.line <= len(s.lines) && l.found == nil; l.line++ {
		l.read(s.lineText(l.line))
	}
	switch {
	case l.found != nil:
	case l.quote.letter != 0:
		l.unclosedQuote()
	case l.flow.depth > 0:
		l.found = &fault{l.flow.line, l.flow.column, "the bracket is not closed", ""}
	case l.tab != nil:
		l.found = l.tab
	default:
		return fault{}, false
	}
	return *l.found, true
}

// fail records a fault at a byte of the current line.
func (l *layout) fail(at int, message, hint string) {
	text := l.source.lineText(l.line)
	l.found = &fault{l.line, utf8.RuneCountInString(text[:min(at, len(text))]) + 1, message, hint}
}

func (l *layout) read(text string) {
	content := strings.TrimLeft(text, " ")
	indent := len(text) - len(content)
	if l.block.in && l.readBlock(text, content, indent) || l.found != nil {
		return
	}
	trimmed := strings.TrimSpace(text)
	if l.quote.letter != 0 {
		l.readQuoted(text, trimmed)
		return
	}
	if trimmed == "" || trimmed[0] == '#' {
		if l.tab == nil && strings.HasPrefix(content, "\t") && l.flow.depth == 0 {
			l.tab = &fault{l.line, indent + 1, tabMessage, "remove it"}
		}
		return
	}
	if conflictMarker().MatchString(text) {
		l.fail(0, "the line is a marker of a merge conflict", "resolve the conflict, and remove its markers")
		return
	}
	if l.flow.depth > 0 {
		l.readFlow(text, indent)
		return
	}
	first, _ := utf8.DecodeRuneInString(content)
	switch {
	case first == '\t':
		l.fail(indent, tabMessage, "replace the tab with spaces")
		return
	case unicode.IsSpace(first) || first == '\u200B' || first == '\u2060':
		l.fail(indent, "the line is indented with a space that is not an ordinary one, as web pages have it", "replace it with ordinary spaces")
		return
	case strings.HasPrefix(text, "---") || text == "..." || text[0] == '%' && len(l.levels) == 0:
		l.levels, l.opened, l.plain = nil, true, false
		return
	}
	for _, anchor := range anchorName().FindAllStringSubmatch(text, -1) {
		l.anchors[anchor[1]] = true
	}
	l.readLine(text, content, indent)
}

// readBlock reads a line after the beginning of a block text, and reports whether the line is part of that text.
func (l *layout) readBlock(text, content string, indent int) bool {
	b := &l.block
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
		return true
	case b.indent < 0 && indent > b.parent:
		b.indent = indent
	}
	if b.indent >= 0 && indent >= b.indent {
		if b.heredoc != "" {
			if trimmed == b.heredoc {
				b.heredoc = ""
			}
		} else if start := heredocStart().FindStringSubmatch(text); start != nil && !strings.Contains(text, "<<<") {
			b.heredoc = start[1]
		}
		return true
	}
	b.in = false
	isDocument := strings.HasPrefix(text, "---") || text == "..."
	switch {
	case content[0] == '\t' || content[0] == '#' || conflictMarker().MatchString(text) || isDocument && b.heredoc == "":
	case b.heredoc != "" && l.hasLine(b.heredoc):
		l.fail(indent, "the line is not indented, which ends the block text above", "indent the here-document like the lines above it")
	case b.indent >= 0 && indent > b.parent, !isEntry(content) && !l.isKey(content):
		l.fail(indent, "the line is indented less than the block text above, which it ends", "indent it like the lines above it")
	}
	return false
}

// hasLine reports whether the current line or a later one consists of the word only.
func (l *layout) hasLine(word string) bool {
	for line := l.line; line <= len(l.source.lines); line++ {
		if strings.TrimSpace(l.source.lineText(line)) == word {
			return true
		}
	}
	return false
}

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
	if wasPlain && len(l.levels) > 0 && indent > l.levels[len(l.levels)-1].column {
		if name, _, hasColon := strings.Cut(l.text.text, ":"); hasKey && hasColon && nameCharacters().MatchString(name) {
			l.line = l.text.line
			l.fail(l.text.at, fmt.Sprintf("the key %s has no space after its colon", shown(name)), `put a space after the ":"`)
		} else if hasKey && !isEntry(content) {
			l.fail(indent, "the line is indented too far: it is part of the text above", "indent it like the keys above it")
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
	case l.plain && isDeeper:
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
		case strings.HasPrefix(content, "-"):
			hint = `put a space after the "-"`
		}
		l.fail(indent, `the line must be "key: value", or be indented as part of the text above`, hint)
	}
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
