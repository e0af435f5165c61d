package report

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/org/ami-action/internal/redact"
)

// The lengths, in bytes, that keep a report readable and bounded.
const (
	maxName  = 120 // a name, an id, a version
	maxNote  = 600 // a sentence in a table
	maxBlock = 12 << 10
	maxRows  = 60 // of any table
)

// cleaner makes a text from outside fit to be shown anywhere; escaping it for where it stands is up to
// each form.
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

// block returns the text with its lines.
func (c cleaner) block(text string) string {
	text = redact.ControlCharacters(c.redactor.Text(text))
	return cut(strings.TrimSpace(strings.ReplaceAll(text, "\t", "    ")), maxBlock)
}

// address returns a web page's address, or "" of anything else (javascript: among it).
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
