package component

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/org/ami-action/internal/component/awstoe"
)

// hasBadEncoding reports whether a file is empty, too large, not UTF-8, or has control characters, and adds an error if
// it does.
func (c *checker) hasBadEncoding(data []byte) bool {
	at := func(offset int, a advice, format string, arguments ...any) {
		line, column := c.source.placeOf(offset)
		c.add(false, line, column, a, format, arguments...)
	}
	saved := advice{hint: "save the file as UTF-8"}
	switch {
	case len(bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\uFEFF")))) == 0:
		at(0, advice{link: awstoe.PageDocument}, "the file is empty")
	case len(data) > MaxSize:
		at(0, advice{"move scripts to Amazon S3 and get them with S3Download", awstoe.PageQuotas}, "the file is larger than %d KB, the maximum size of a component", MaxSize>>10)
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		saved.hint += `; PowerShell's ">" writes UTF-16`
		at(0, saved, "the file is UTF-16: it must be UTF-8")
	case !utf8.Valid(data):
		for offset := 0; offset < len(data); {
			letter, size := utf8.DecodeRune(data[offset:])
			if letter == utf8.RuneError && size == 1 {
				at(offset, saved, "invalid UTF-8: the byte 0x%02X is not part of a character", data[offset])
				return true
			}
			offset += size
		}
	default:
		c.controlCharacters(data, at)
	}
	return len(c.problems) > 0
}

// controlCharacters adds an error for the first character that YAML does not allow anywhere.
func (c *checker) controlCharacters(data []byte, at func(offset int, a advice, format string, arguments ...any)) {
	for offset, letter := range string(data) {
		isAllowed := letter >= ' ' && letter != 0x7F || letter == '\t' || letter == '\n' || letter == '\r'
		if !isAllowed || letter >= 0x80 && letter < 0xA0 && letter != 0x85 || letter == 0xFEFF && offset > 0 {
			at(offset, advice{hint: "remove it"}, "the control character %s is not allowed", fmt.Sprintf("U+%04X", letter))
			return
		}
	}
}
