package component

import (
	"fmt"
	"strings"
)

// Problem is one fault of a component, or a warning about it.
type Problem struct {
	// Line and Column say where it begins and EndColumn where it ends on that line. They count from 1, columns in
	// characters; the end is the column after the last character.
	Line, Column, EndColumn int
	// Warning says that Image Builder takes the document all the same.
	Warning bool
	// Message says what is wrong and what is allowed, Hint what to do; Hint may be empty. Both are one line of text
	// without control characters.
	Message, Hint string
	// Link is the page that states the rule, or "".
	Link string
	// Source is the line itself, shortened where it is long, and Caret how many characters of it stand before the
	// fault. Source is empty where the place says nothing, as in an empty file.
	Source string
	Caret  int
}

// Level is "error" or "warning".
func (p Problem) Level() string {
	if p.Warning {
		return "warning"
	}
	return "error"
}

// Advice is what to do and where to read more, in one line, or "".
func (p Problem) Advice() string {
	switch {
	case p.Link == "":
		return p.Hint
	case p.Hint == "":
		return "see " + p.Link
	}
	if strings.HasSuffix(p.Hint, "?") || strings.HasSuffix(p.Hint, ".") {
		return p.Hint + " See " + p.Link
	}
	return p.Hint + "; see " + p.Link
}

// Excerpt is the line with a caret below the fault, in two lines, or "" where the place says nothing.
func (p Problem) Excerpt() string {
	if p.Source == "" {
		return ""
	}
	number := fmt.Sprint(p.Line)
	width := min(max(p.EndColumn-p.Column, 1), max(len([]rune(p.Source))-p.Caret, 1))
	return fmt.Sprintf("  %s | %s\n  %s | %s%s\n", number, p.Source, strings.Repeat(" ", len(number)),
		strings.Repeat(" ", p.Caret), strings.Repeat("^", width))
}

// Text shows a problem of a file as a compiler does: where and what, the line with a caret under the fault, what to do,
// and the page that says more.
func (p Problem) Text(file string) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s:%d:%d: %s: %s\n", shown(file), p.Line, p.Column, p.Level(), p.Message)
	text.WriteString(p.Excerpt())
	if p.Hint != "" {
		fmt.Fprintf(&text, "  help: %s\n", p.Hint)
	}
	if p.Link != "" {
		fmt.Fprintf(&text, "  see:  %s\n", p.Link)
	}
	return text.String()
}

// Error is a component file with faults. Problems has its warnings too.
type Error struct {
	File     string
	Problems []Problem
}

// Error lists the faults as compilers do, one a line: file, line, column, message.
func (e *Error) Error() string {
	var lines []string
	for _, problem := range e.Problems {
		if !problem.Warning {
			lines = append(lines, fmt.Sprintf("%s:%d:%d: %s", shown(e.File), problem.Line, problem.Column, problem.Message))
		}
	}
	return strings.Join(lines, "\n")
}
