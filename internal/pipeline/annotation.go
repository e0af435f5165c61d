package pipeline

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Level is how much a line matters.
type Level string

// The levels. Success marks good news in the story; as an annotation it is a notice.
const (
	Info    Level = "info"
	Success Level = "success"
	Notice  Level = "notice"
	Warning Level = "warning"
	Error   Level = "error"
)

// Annotation is a message that should be seen where people look first.
type Annotation struct {
	Level   Level // Notice, Warning or Error
	Title   string
	Message string // may have several lines
	// Hint says what to do next, and Resume is the command line that goes on. Each is a line of its own.
	Hint, Resume string
	// File is a path, and Line and Column count from 1 in it, EndColumn is the column after the last character; zero
	// values say nothing.
	File                    string
	Line, Column, EndColumn int
	// Excerpt is the line of the file with a caret below the fault, for places that do not show the file itself.
	Excerpt string
}

// maxMessage bounds an annotation: GitHub cuts one at 64 KiB, and nobody reads that much.
const maxMessage = 4 << 10

// Annotate shows the message: on GitHub as an annotation of the run and of the file, elsewhere as a
// coloured line of the story.
func (p *Pipeline) Annotate(a Annotation) {
	a.Title = oneLine(p.clean(a.Title))
	a.File = oneLine(p.clean(a.File))
	a.Message = strings.TrimSpace(p.clean(a.Message))
	if len(a.Message) > maxMessage {
		end := maxMessage
		for !utf8.RuneStart(a.Message[end]) {
			end--
		}
		a.Message = a.Message[:end] + " ... (cut)"
	}
	a.Excerpt = strings.TrimRight(p.clean(a.Excerpt), " \n")
	a.Hint, a.Resume = oneLine(p.clean(a.Hint)), oneLine(p.clean(a.Resume))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.host.annotate(a)
}

// advice are the lines that follow a message: what to do next, and the line that goes on.
func (a Annotation) advice() []string {
	var lines []string
	if a.Hint != "" {
		lines = append(lines, "hint: "+a.Hint)
	}
	if a.Resume != "" {
		lines = append(lines, "resume: "+a.Resume)
	}
	return lines
}

// Say writes a line of the story to stderr, coloured by its level where colours are shown.
func (p *Pipeline) Say(level Level, text string) {
	p.console.line(styleOf(level), strings.TrimRight(p.clean(text), "\n"))
}

func styleOf(level Level) string {
	switch level {
	case Error:
		return red
	case Warning:
		return yellow
	case Success:
		return green
	case Notice:
		return blue
	default:
		return ""
	}
}

// annotateLine is how a place without annotations shows one: "error: patch.yaml:3:5: Title: message". Without
// a file the message says it all.
func (c *console) annotateLine(a Annotation) {
	where := a.File
	if where != "" && a.Line > 0 {
		where += fmt.Sprintf(":%d", a.Line)
		if a.Column > 0 {
			where += fmt.Sprintf(":%d", a.Column)
		}
	}
	title := ""
	if where != "" {
		title = a.Title
	}
	parts := []string{string(a.Level)}
	for _, part := range []string{where, title, strings.ReplaceAll(a.Message, "\n", "\n  ")} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	c.line(styleOf(a.Level), strings.Join(parts, ": "))
	if a.Excerpt != "" {
		c.line("", a.Excerpt)
	}
	for _, line := range a.advice() {
		c.line("", line)
	}
}
