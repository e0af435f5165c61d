package redact

import (
	"html"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLayers is how many layers of escapes are undone: JSON in JSON in a URL in a page has four, and a line break is one.
const maxLayers = 5

// view is a text as somebody reads it who undoes what carried it, and where in the original it stands. A
// secret that was escaped in any way, or wrapped into several lines, is itself there.
type view struct {
	text   string
	pieces []piece
}

// piece says which part of the original the bytes of a view stand for, from at to the next piece: all of them
// for that from begin to end, or each for the next one after begin where end is plain. It is small, because
// a text of many short lines has many; no answer has more than 32 MB.
type piece struct{ at, begin, end int32 }

const plain = -1

// span is a part of a text, in bytes.
type span struct{ begin, end int }

// viewOf returns the view that is the original.
func viewOf(text string) view { return view{text, []piece{{end: plain}}} }

// span returns which part of the original a part of the view stands for.
func (v view) span(begin, end int) span {
	return span{v.original(begin).begin, v.original(end - 1).end}
}

func (v view) original(at int) span {
	next := sort.Search(len(v.pieces), func(i int) bool { return int(v.pieces[i].at) > at })
	return v.pieces[next-1].original(at)
}

func (p piece) original(at int) span {
	if p.end == plain {
		begin := int(p.begin) + at - int(p.at)
		return span{begin, begin + 1}
	}
	return span{int(p.begin), int(p.end)}
}

// unfolding is a view in the making.
type unfolding struct {
	from   view
	next   int // the piece of from after the one that was read last
	text   []byte
	pieces []piece
}

// copy takes over a part of from as it is.
func (u *unfolding) copy(begin, end int) {
	for begin < end {
		for u.next < len(u.from.pieces) && int(u.from.pieces[u.next].at) <= begin {
			u.next++
		}
		until, p := end, u.from.pieces[u.next-1]
		if u.next < len(u.from.pieces) {
			until = min(end, int(u.from.pieces[u.next].at))
		}
		original := p.original(begin)
		if p.end == plain {
			original.end = plain
		}
		u.add(original)
		u.text = append(u.text, u.from.text[begin:until]...)
		begin = until
	}
}

// add begins a piece for the part of the original, unless the one before goes on to where it begins.
func (u *unfolding) add(original span) {
	p := piece{at: int32(len(u.text)), begin: int32(original.begin), end: int32(original.end)} //nolint:gosec // see piece
	if len(u.pieces) > 0 {
		last := u.pieces[len(u.pieces)-1]
		if p.end == plain && last.end == plain && last.begin+p.at-last.at == p.begin {
			return
		}
	}
	u.pieces = append(u.pieces, p)
}

// put writes what a part of from means.
func (u *unfolding) put(meant string, begin, end int) {
	u.add(u.from.span(begin, end))
	u.text = append(u.text, meant...)
}

// unfold undoes one layer of escapes, joins lines, and drops what is not shown. changed is false where there
// is nothing to undo.
func (v view) unfold() (unfolded view, changed bool) {
	u := unfolding{from: v, next: 1, text: make([]byte, 0, len(v.text))}
	for i := 0; i < len(v.text); {
		begin := i
		for i < len(v.text) && !mayCarry(v.text[i]) {
			i++
		}
		u.copy(begin, i)
		if i == len(v.text) {
			break
		}
		meant, length := escapeAt(v.text[i:])
		switch meant {
		case "\n", "\r":
			u.joinLines()
			i += lineHead(v.text[i+length:])
			changed = true
		case v.text[i : i+length]:
			u.copy(i, i+length)
		default:
			changed = true
			if meant != "" {
				u.put(meant, i, i+length)
			}
		}
		i += length
	}
	return view{string(u.text), u.pieces}, changed
}

// lineHead returns the length of what a wrapped line begins with: its indentation, and where it is source code
// the quote that opens the next part of a text.
func lineHead(s string) int {
	rest := strings.TrimLeft(s, " \t")
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		rest = rest[1:]
	}
	return len(s) - len(rest)
}

// joinLines takes back what a wrapped line ends in: spaces, a quote, a backslash.
func (u *unfolding) joinLines() {
	kept := len(u.text)
	for kept > 0 && strings.IndexByte(" \t\"'\\", u.text[kept-1]) >= 0 {
		kept--
	}
	u.text = u.text[:kept]
	for len(u.pieces) > 0 && int(u.pieces[len(u.pieces)-1].at) >= kept {
		u.pieces = u.pieces[:len(u.pieces)-1]
	}
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
