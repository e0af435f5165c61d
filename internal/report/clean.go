package report

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/org/ami-action/internal/redact"
)

// The limits that keep a report readable and its size bounded. Lengths are in bytes.
const (
	maxName  = 120 // a name, an id, a version
	maxNote  = 600 // a sentence in a table
	maxBlock = 12 << 10
	maxRows  = 60 // rows of any table
)

// cleaner redacts a text from outside, replaces its control characters and cuts it. Each format must still escape the
// text.
type cleaner struct{ redactor *redact.Redactor }

func newCleaner(redactor *redact.Redactor) cleaner {
	if redactor == nil {
		redactor = redact.New()
	}
	return cleaner{redactor}
}

// line returns the text in one line of at most limit bytes.
func (c cleaner) line(text string, limit int) string {
	text = redact.ControlCharacters(c.redactor.Value(text))
	return cut(strings.Join(strings.Fields(text), " "), limit)
}

func (c cleaner) name(text string) string { return c.line(text, maxName) }

// block returns a text of several lines, of at most maxBlock bytes.
func (c cleaner) block(text string) string {
	text = redact.ControlCharacters(c.redactor.Text(text))
	return cut(strings.TrimSpace(strings.ReplaceAll(text, "\t", "    ")), maxBlock)
}

// address returns the text if it is an http or https URL with a host, and "" for anything else, such as a javascript:
// URL.
func (c cleaner) address(text string) string {
	parsed, err := url.Parse(c.line(text, maxNote))
	if err != nil || parsed.Host == "" || parsed.Scheme != "https" && parsed.Scheme != "http" {
		return ""
	}
	return parsed.String()
}

func cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
