package pipeline

import (
	"io"
	"strings"
	"sync"
)

// console writes to stdout and stderr, which may be the same terminal, and keeps the live line below all other text.
type console struct {
	mu             sync.Mutex
	stdout, stderr *stream
	width          func() (int, bool)
	neutralise     func(text string) string
	colour         bool
	live           string
}

// sink returns a writer to the stream that neutralises what it is given. Each Write must be whole lines, and redacted.
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

// line writes a line to stderr. style is one of the constants below, or "".
func (c *console) line(style, text string) {
	text = c.neutralise(text)
	if c.colour && style != "" {
		text = style + text + resetStyle
	}
	// An error on stderr does not fail the command: the exit code tells the outcome.
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

// commands returns a writer for the commands to the host, which are not neutralised. They go to stderr, because stdout
// contains only the result, so that id=$(ami-action ...) works. The writer never fails, because the library that writes
// to it panics on an error.
func (c *console) commands() io.Writer { return commands{c} }

type commands struct{ console *console }

func (w commands) Write(p []byte) (int, error) {
	_ = w.console.write(w.console.stderr, string(p))
	return len(p), nil
}

// write writes whole lines above the live line. Without a terminal there is no live line. Then it does not lock, so that
// a stream whose reader has stopped does not block the other stream.
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

// drawLive writes the live line, cut to the width of the terminal. A longer line wraps, and then only its last row can be
// erased.
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

// cutToColumns cuts one line of text to at most the given number of terminal columns.
func cutToColumns(text string, columns int) string {
	used := 0
	for i, r := range text {
		width := 1
		if r >= 0x1100 {
			width = 2 // the most that a character can take: a line may be too short, but must not wrap
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
