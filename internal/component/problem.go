package component

import (
	"fmt"
	"strings"
)

// Problem is an error in a component, or a warning about it.
type Problem struct {
	// Line and Column are where the problem begins. EndColumn is the column after its last character on that line. All
	// count from 1, and columns count characters.
	Line, Column, EndColumn int
	// Warning is true if Image Builder accepts the document anyway.
	Warning bool
	// Message says what is wrong and what is allowed, and Hint what to do. Hint may be empty. Both are one line of text
	// without control characters.
	Message, Hint string
	// Link is the page that states the rule, or "".
	Link string
	// Source is the line, shortened if it is long, and Caret is the number of its characters before the
	// problem. Source is empty if there is nothing to show, as in an empty file.
	Source string
	Caret  int
}

// Level returns "error" or "warning".
func (p Problem) Level() string {
	if p.Warning {
		return "warning"
	}
	return "error"
}

// Advice returns what to do and where to read more, in one line, or "".
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

// Excerpt returns two lines, the line of the problem and carets below the problem, or "" if Source is empty.
func (p Problem) Excerpt() string {
	if p.Source == "" {
		return ""
	}
	number := fmt.Sprint(p.Line)
	width := min(max(p.EndColumn-p.Column, 1), max(len([]rune(p.Source))-p.Caret, 1))
	return fmt.Sprintf("  %s | %s\n  %s | %s%s\n", number, p.Source, strings.Repeat(" ", len(number)),
		strings.Repeat(" ", p.Caret), strings.Repeat("^", width))
}

// Text returns the problem of a file in the form of a compiler's message: the place and the message, the excerpt, what to
// do, and the page that says more.
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

// Error is the error of a component file that has errors. Problems also contains the warnings.
type Error struct {
	File     string
	Problems []Problem
}

// Error returns the errors in the form of compilers, one on each line: file, line, column, message.
func (e *Error) Error() string {
	var lines []string
	for _, problem := range e.Problems {
		if !problem.Warning {
			lines = append(lines, fmt.Sprintf("%s:%d:%d: %s", shown(e.File), problem.Line, problem.Column, problem.Message))
		}
	}
	return strings.Join(lines, "\n")
}
