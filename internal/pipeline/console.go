package pipeline

import (
	"io"
	"strings"
	"sync"
)

// console is stdout and stderr, which may be the same terminal, and the live line below them.
type console struct {
	mu             sync.Mutex
	stdout, stderr *stream
	width          func() (int, bool)
	neutralise     func(text string) string
	colour         bool
	live           string
}

// sink returns a writer of whole lines of text from anywhere, already redacted.
func (c *console) sink(to *stream) io.Writer { return sink{c, to} }

type sink struct {
	console *console
	to      *stream
}

func (s sink) Write(p []byte) (int, error) {
	if err := s.console.write(s.to, s.console.neutralise(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// line writes a line of our own to the story: style is one of the constants below, or "".
func (c *console) line(style, text string) {
	text = c.neutralise(text)
	if c.colour && style != "" {
		text = style + text + resetStyle
	}
	// A story that cannot be written does not fail the command: the outcome is the exit code.
	_ = c.write(c.stderr, text+"\n")
}

const (
	bold       = "\x1b[1m"
	red        = "\x1b[31;1m"
	yellow     = "\x1b[33;1m"
	green      = "\x1b[32;1m"
	blue       = "\x1b[34;1m"
	resetStyle = "\x1b[0m"
)

// commands is the way of our own commands to the pipeline, which stand on lines of their own on stderr:
// stdout belongs to the result, so that id=$(ami-action ...) takes nothing else. It never fails,
// because the library that writes to it panics when it does.
func (c *console) commands() io.Writer { return commands{c} }

type commands struct{ console *console }

func (w commands) Write(p []byte) (int, error) {
	_ = w.console.write(w.console.stderr, string(p))
	return len(p), nil
}

// write writes whole lines and keeps the live line below them. Without a terminal there is no live line, and a
// stream that nobody reads does not hold up the other.
func (c *console) write(to *stream, text string) error {
	if _, isTerminal := c.columns(); !isTerminal {
		return to.write(text)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live == "" {
		return to.write(text)
	}
	_ = c.stderr.write(eraseLine)
	err := to.write(text)
	c.drawLive()
	return err
}

const eraseLine = "\r\x1b[K"

func (c *console) setLive(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, isTerminal := c.columns(); !isTerminal || text == c.live {
		return
	}
	if c.live != "" {
		_ = c.stderr.write(eraseLine)
	}
	c.live = text
	c.drawLive()
}

// drawLive writes the live line, cut to the terminal's width: a longer one would wrap, and the next
// call could erase its last row only.
func (c *console) drawLive() {
	columns, _ := c.columns()
	_ = c.stderr.write(cutToColumns(c.live, columns-1))
}

func (c *console) columns() (int, bool) {
	if c.width == nil {
		return 0, false
	}
	return c.width()
}

// cutToColumns cuts a text of one line to at most so many columns of a terminal.
func cutToColumns(text string, columns int) string {
	used := 0
	for i, r := range text {
		width := 1
		if r >= 0x1100 {
			width = 2 // wide at most: a line too short is better than one that wraps
		}
		if strings.ContainsRune("✓✗…·—–•", r) {
			width = 1
		}
		if used += width; used > columns {
			return text[:i]
		}
	}
	return text
}
