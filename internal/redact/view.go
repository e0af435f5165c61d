package redact

import (
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLayers is how many layers of escapes are undone: JSON in JSON in a URL in a page has four, and a line break is one.
const maxLayers = 5

// view is a text as somebody reads it who undoes what carried it, and where each byte of it stands in the
// original. A secret that was escaped in any way, or wrapped into several lines, is itself there.
type view struct {
	text string
	// begin and end say of each byte which part of the original it stands for. Both are nil where the
	// view is the original.
	begin, end []int
}

// span is a part of a text, in bytes.
type span struct{ begin, end int }

func (v view) span(begin, end int) span {
	if v.begin == nil {
		return span{begin, end}
	}
	return span{v.begin[begin], v.end[end-1]}
}

// unfolding is a view in the making.
type unfolding struct {
	from       view
	text       []byte
	begin, end []int
}

func (u *unfolding) emit(text string, begin, end int) {
	at := u.from.span(begin, end)
	for i := range len(text) {
		u.text = append(u.text, text[i])
		u.begin, u.end = append(u.begin, at.begin), append(u.end, at.end)
	}
}

// unfold undoes one layer of escapes, joins lines, and drops what is not shown. changed is false where there
// is nothing to undo.
func (v view) unfold() (unfolded view, changed bool) {
	if !slices.ContainsFunc([]byte(v.text), mayCarry) {
		return v, false
	}
	u := unfolding{from: v, text: make([]byte, 0, len(v.text))}
	for i := 0; i < len(v.text); {
		meant, length := escapeAt(v.text[i:])
		switch {
		case meant == "\n" || meant == "\r":
			i += length
			u.joinLines()
			i += len(lineHead.FindString(v.text[i:]))
			changed = true
			continue
		case length == 1 && meant == v.text[i:i+1]:
		case meant == v.text[i:i+length]:
			// A letter of several bytes, each of which stands for itself.
			for j := range length {
				u.emit(meant[j:j+1], i+j, i+j+1)
			}
			i += length
			continue
		default:
			changed = true
		}
		u.emit(meant, i, i+length)
		i += length
	}
	return view{string(u.text), u.begin, u.end}, changed
}

// lineHead is what a wrapped line begins with: its indentation, and where it is source code the quote that
// opens the next part of a text.
var lineHead = regexp.MustCompile(`^[ \t]*["']?`)

// joinLines takes back what a wrapped line ends in: spaces, a quote, a backslash.
func (u *unfolding) joinLines() {
	kept := len(strings.TrimRight(string(u.text[max(0, len(u.text)-8):]), " \t\"'\\"))
	kept += max(0, len(u.text)-8)
	u.text, u.begin, u.end = u.text[:kept], u.begin[:kept], u.end[:kept]
}

// reference is a character reference of HTML.
var reference = regexp.MustCompile(`^&#?[0-9A-Za-z]+;`)

// mayCarry reports whether a byte can begin something that unfold undoes.
func mayCarry(b byte) bool {
	return b == '%' || b == '\\' || b == '&' || b < ' ' || b >= 0x7f
}

// escapeAt returns what the beginning of the text means, and how many bytes of it mean that.
func escapeAt(s string) (meant string, length int) {
	switch c := s[0]; {
	case c == '%':
		if b, ok := hexByte(s, 1); ok {
			return string([]byte{b}), 3
		}
	case c == '\\' && len(s) > 1:
		return backslashAt(s)
	case c == '&':
		if reference := reference.FindString(s[:min(len(s), 12)]); reference != "" {
			return html.UnescapeString(reference), len(reference)
		}
	case c == '\n' || c == '\r':
		return s[:1], 1
	case c < ' ' || c == 0x7f:
		return "", 1
	case c >= utf8.RuneSelf:
		r, size := utf8.DecodeRuneInString(s)
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return "", size
		}
		return s[:size], size
	}
	return s[:1], 1
}

// backslashAt is escapeAt for the escapes of JSON, Python and Go.
func backslashAt(s string) (meant string, length int) {
	switch s[1] {
	case 'n', 'r':
		return "\n", 2
	case 't':
		return "", 2
	case '"', '\'', '\\', '/':
		return s[1:2], 2
	case 'x':
		if b, ok := hexByte(s, 2); ok {
			return string([]byte{b}), 4
		}
	case 'u':
		if len(s) >= 6 {
			if r, err := strconv.ParseUint(s[2:6], 16, 16); err == nil {
				return string(rune(r)), 6
			}
		}
	}
	return s[:1], 1
}

// hexByte reads the two hexadecimal digits that stand at the place.
func hexByte(s string, at int) (byte, bool) {
	if len(s) < at+2 {
		return 0, false
	}
	b, err := strconv.ParseUint(s[at:at+2], 16, 8)
	return byte(b), err == nil
}

// lengthy are secrets of a known length that something gives away. They are looked for in what was
// unfolded: there nothing tells the end of a secret from the line after it, but its length does
// (orchestrator-api.md, "Finding it").
var lengthy = []pattern{
	{[]string{"api_key"}, false, regexp.MustCompile(`(?i)^(api_key[^0-9a-z]{1,8})([0-9a-z]{30})`)},
	{[]string{"x-amz-signature"}, false, regexp.MustCompile(`(?i)^(x-amz-signature[^0-9a-z]{1,8})([0-9a-f]{64})`)},
}

// lengthySecrets returns where in the original such secrets are, if they look random.
func (v view) lengthySecrets() []span {
	var found []span
	for _, at := range given(lengthy, v.text, lowerCase(v.text)) {
		if looksRandom(v.text[at.begin:at.end]) {
			found = append(found, v.span(at.begin, at.end))
		}
	}
	return found
}

// replaceSpans returns the text with a placeholder for each span, one for those that overlap.
func replaceSpans(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	slices.SortFunc(spans, func(a, b span) int { return a.begin - b.begin })
	var out strings.Builder
	done := 0
	for _, s := range spans {
		if s.begin >= done && s.end > s.begin {
			out.WriteString(text[done:s.begin])
			out.WriteString(Placeholder)
		}
		done = max(done, s.end)
	}
	out.WriteString(text[done:])
	return out.String()
}
