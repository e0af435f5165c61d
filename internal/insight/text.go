package insight

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxRaw is how many bytes of a text are used.
	maxRaw = 64 << 10
	// maxSecret is the largest length of a secret. If a text was cut, this much of its end is dropped, because redaction
	// does not recognise a secret that is cut in half.
	maxSecret = 4 << 10
)

// cleaner redacts a text. Its methods also shorten text, and make single lines of it for display.
type cleaner func(secret string) string

// redacted returns the text, redacted, and cut to at most maxRaw bytes before that.
func (c cleaner) redacted(text string) string {
	if len(text) <= maxRaw {
		return c(strings.ToValidUTF8(text, ""))
	}
	text = c(strings.ToValidUTF8(text[:maxRaw], ""))
	return strings.ToValidUTF8(text[:max(len(text)-maxSecret, 0)], "")
}

// line returns the text as one line, redacted, without control characters, cut to at most limit characters.
func (c cleaner) line(text string, limit int) string { return oneLine(c.redacted(text), limit) }

// oneLine is like line, for a text that is already redacted.
func oneLine(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), unicode.In(r, unicode.Zl, unicode.Zp), r == utf8.RuneError:
			return -1
		}
		return r
	}, text)
	text = strings.TrimSpace(text)
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:limit-3])) + "..."
}

// tail returns the last lines of a log's messages, at most limit of them, each like the result of [cleaner.line].
func (c cleaner) tail(messages []string, limit int) []string {
	// The messages are redacted together, because a secret may continue over several of them. Before that, each is
	// shortened.
	messages = messages[max(len(messages)-limit, 0):]
	bounded := make([]string, len(messages))
	for i, message := range messages {
		bounded[i] = message
		if len(message) > maxRaw {
			bounded[i] = c.redacted(message)
		}
	}
	var lines []string
	text := strings.TrimRight(c(strings.ToValidUTF8(strings.Join(bounded, "\n"), "")), "\r\n")
	if text == "" {
		return nil
	}
	for line := range strings.Lines(text) {
		lines = append(lines, oneLine(line, maxLine))
	}
	return lines[max(len(lines)-limit, 0):]
}
