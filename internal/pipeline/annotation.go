package pipeline

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Level is the level of a message.
type Level string

// The levels. Success is for good news on stderr. An annotation of that level is shown as a notice.
const (
	Info    Level = "info"
	Success Level = "success"
	Notice  Level = "notice"
	Warning Level = "warning"
	Error   Level = "error"
)

// Annotation is a message that is shown prominently.
type Annotation struct {
	Level   Level // Notice, Warning or Error
	Title   string
	Message string // may have several lines
	// Hint says what to do next, and Resume is the command line that resumes the wait. Each is shown on a separate line.
	Hint, Resume string
	// File is the path of the file that the message is about. Line and Column count from 1, and EndColumn is the column
	// after the last character. A zero value means unknown.
	File                    string
	Line, Column, EndColumn int
	// Excerpt is the line of the file with a caret below the error, for hosts that do not show the file.
	Excerpt string
}

// maxMessage is the largest size of a message in bytes. GitHub cuts a message at 64 KiB, which is too long to be read.
const maxMessage = 4 << 10

// Annotate shows the message: on GitHub as an annotation of the run and of the file, elsewhere as a line on stderr,
// coloured if colours are enabled.
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

// advice returns the lines that follow a message: the hint and the resume command.
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

// Say writes text to stderr, coloured by its level if colours are enabled.
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

// annotateLine writes an annotation as lines on stderr: "error: patch.yaml:3:5: Title: message". Without a file the title
// is left out, because the message alone is enough.
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
