package component

import (
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
	plain bool
	text  place // where that text begins
	cut   int   // the line of the comment that ended that text, or 0
	// closed is true after the bracket that ends the whole document, as in JSON.
	closed  bool
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

var (
	conflictMarker = pattern.Lazy(`^(<<<<<<<|=======|>>>>>>>|\|\|\|\|\|\|\|)( |$)`)
	heredocStart   = pattern.Lazy(`<<[-~]?\s*\\?["']?([A-Za-z_][A-Za-z0-9_]*)["']?`)
	anchorName     = pattern.Lazy(`(?:^|[\s\[{,])&([^\s\[\]{},]+)`)
	// templateStatement matches a line that only a template has: of Jinja, of ERB, of Terraform, of Go.
	templateStatement = pattern.Lazy(`^(\{%|\{#|<%|%\{|\{\{-?\s*(/\*|(if|else|end|range|with|define|template|include|block|for)\b))`)
)

const tabMessage = "the line is indented with a tab: YAML allows only spaces"

// findFault returns the first fault in the text, and whether there is one.
func findFault(s *source) (fault, bool) {
	l := &layout{source: s, anchors: map[string]bool{}, opened: true}
	for l.line = 1; l.line <= len(s.lines) && l.found == nil; l.line++ {
		l.read(s.lineText(l.line))
	}
	switch {
	case l.found != nil:
	case l.quote.letter != 0:
		l.unclosedQuote()
	case len(l.flow.open) > 0:
		l.unclosedBracket()
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
		if l.tab == nil && strings.HasPrefix(content, "\t") && len(l.flow.open) == 0 {
			l.tab = &fault{l.line, indent + 1, tabMessage, "remove it"}
		}
		if l.plain && l.cut == 0 && trimmed != "" {
			l.cut = l.line
		}
		return
	}
	if conflictMarker().MatchString(text) {
		l.fail(0, "the line is a marker of a merge conflict", "resolve the conflict, and remove its markers")
		return
	}
	if len(l.flow.open) > 0 {
		l.readFlow(text, indent)
		return
	}
	if templateStatement().MatchString(content) {
		l.fail(indent, "the line is a statement of a template, not YAML", "check the file that the template makes")
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
	case l.closed:
		l.fail(indent, "text is not allowed after the bracket that ends the document", "remove it")
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
