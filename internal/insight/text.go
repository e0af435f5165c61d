package insight

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// maxRaw is how much of a text is looked at.
	maxRaw = 64 << 10
	// maxSecret is how long a secret may be. Where a text was cut, so much of its end is dropped: half a
	// secret is not found by redaction.
	maxSecret = 4 << 10
)

// cleaner makes of a text from outside one line of bounded length that can be shown.
type cleaner func(secret string) string

// redacted returns the text without its secrets, of bounded length.
func (c cleaner) redacted(text string) string {
	if len(text) <= maxRaw {
		return c(strings.ToValidUTF8(text, ""))
	}
	text = c(strings.ToValidUTF8(text[:maxRaw], ""))
	return strings.ToValidUTF8(text[:max(len(text)-maxSecret, 0)], "")
}

// line returns the text in one line, redacted, without control characters, of at most so many characters.
func (c cleaner) line(text string, limit int) string { return oneLine(c.redacted(text), limit) }

// oneLine makes one line of a text that is redacted already.
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

// tail returns the last lines of the messages of a log, so many at most, each as [cleaner.line] makes it.
func (c cleaner) tail(messages []string, limit int) []string {
	// Together, since a secret may be spread over several messages; each of bounded length before that.
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
