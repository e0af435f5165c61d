package redact

import (
	"html"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/org/ami-action/internal/pattern"
)

// maxLayers is the number of layers of escapes that are undone. JSON in JSON in a URL in a page has four, and a line
// break is one more.
const maxLayers = 5

// view is a text after layers of escapes, line breaks and invisible characters have been removed from it. In a view, a
// secret that was escaped, or split over several lines, has its plain form. from and to hold for each byte of the view
// where its source begins and ends in the original text.
type view struct {
	text     []byte
	from, to []int32
}

// viewOf returns the view of a text before anything is removed.
func viewOf(text string) view {
	v := view{[]byte(text), make([]int32, len(text)), make([]int32, len(text))}
	for i := range v.from {
		v.from[i], v.to[i] = int32(i), int32(i)+1 //nolint:gosec // a text is at most maxBlock
	}
	return v
}

// original returns the part of the original text that a part of the view comes from.
func (v view) original(begin, end int) span { return span{int(v.from[begin]), int(v.to[end-1])} }

// unfold returns the view with one more layer removed. changed is false if there is nothing left to remove.
func (v view) unfold() (u view, changed bool) {
	u = view{make([]byte, 0, len(v.text)), make([]int32, 0, len(v.from)), make([]int32, 0, len(v.to))}
	for i := 0; i < len(v.text); {
		meant, length := meaningOf(v.text[i:])
		if meant == "\n" {
			u.joinLines()
			length += lineHead(v.text[i+length:])
			meant = ""
		}
		if meant != string(v.text[i:i+length]) {
			changed = true
		}
		for j := range len(meant) {
			from, to := v.from[i], v.to[i+length-1]
			if len(meant) == length {
				from, to = v.from[i+j], v.to[i+j]
			}
			u.text, u.from, u.to = append(u.text, meant[j]), append(u.from, from), append(u.to, to)
		}
		i += length
	}
	return u, changed
}

// lineHead returns the length of what precedes the text of a wrapped line: the indentation and, in source code, the
// opening quote of the next part of a string.
func lineHead(s []byte) (length int) {
	for length < len(s) && (s[length] == ' ' || s[length] == '\t') {
		length++
	}
	if length < len(s) && (s[length] == '"' || s[length] == '\'') {
		length++
	}
	return length
}

// joinLines removes what follows the text of a wrapped line from the end of the view: spaces, quotes and backslashes.
func (v *view) joinLines() {
	kept := len(v.text)
	for kept > 0 && isLineEnd(v.text[kept-1]) {
		kept--
	}
	v.text, v.from, v.to = v.text[:kept], v.from[:kept], v.to[:kept]
}

func isLineEnd(b byte) bool { return b == ' ' || b == '\t' || b == '"' || b == '\'' || b == '\\' }

var (
	// reference is a character reference of HTML. A numeric one needs no semicolon.
	reference = pattern.Lazy(`^&(?:#[0-9]{1,8};?|#[xX][0-9A-Fa-f]{1,7};?|[0-9A-Za-z]{1,8};)`)
	// terminalEscape is an escape sequence that sets colours and the like (ECMA-48, "control sequence").
	terminalEscape = pattern.Lazy(`^\x1b\[[0-?]{0,16}[ -/]{0,4}[@-~]`)
)

// continues reports whether a character reference without a semicolon is followed by a line break, in whatever notation.
func continues(reference, rest []byte) bool {
	return reference[len(reference)-1] != ';' && len(rest) > 0 && (rest[0] == '\n' || rest[0] == '\r' || rest[0] == '\\')
}

// meaningOf returns the meaning of the escape or character at the beginning of the text, and its length in bytes. The
// meaning of any line break is "\n", and that of an invisible character is "".
func meaningOf(s []byte) (meant string, length int) {
	switch c := s[0]; {
	case c == '%' && len(s) > 2:
		if b, err := strconv.ParseUint(string(s[1:3]), 16, 8); err == nil {
			return string([]byte{byte(b)}), 3
		}
		if len(s) > 5 && (s[1] == 'u' || s[1] == 'U') { // of JavaScript's escape
			if r, err := strconv.ParseUint(string(s[2:6]), 16, 16); err == nil {
				return string(rune(r)), 6 //nolint:gosec // four digits
			}
		}
	case c == '\\' && len(s) > 1:
		return backslash(s)
	case c == '&':
		// One at the end of a line may go on in the next line, so it waits until the lines are joined.
		if found := reference().Find(s[:min(len(s), 12)]); found != nil && !continues(found, s[len(found):]) {
			return html.UnescapeString(string(found)), len(found)
		}
	case c == '\n' || c == '\r':
		return "\n", 1
	case c == 0x1b:
		return "", max(1, len(terminalEscape().Find(s[:min(len(s), 24)])))
	case c < ' ' || c == 0x7f:
		return "", 1
	case c >= utf8.RuneSelf:
		r, size := utf8.DecodeRune(s)
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r) {
			return "", size
		}
		return string(s[:size]), size
	}
	return string(s[:1]), 1
}

// bracedRune is a rune as Rust, Swift and JavaScript write it.
var bracedRune = pattern.Lazy(`^\\u\{([0-9a-fA-F]{1,6})\}`)

// backslash returns the same as meaningOf for a backslash escape of JSON, Python, Go, C or JavaScript.
func backslash(s []byte) (meant string, length int) {
	hexadecimal := func(digits int) (uint64, bool) {
		if len(s) < 2+digits {
			return 0, false
		}
		value, err := strconv.ParseUint(string(s[2:2+digits]), 16, 32)
		return value, err == nil
	}
	switch s[1] {
	case 'n', 'r':
		return "\n", 2
	case 't':
		return "", 2
	case '"', '\'', '\\', '/':
		return string(s[1:2]), 2
	case 'x':
		if b, ok := hexadecimal(2); ok {
			return string([]byte{byte(b)}), 4 //nolint:gosec // two digits
		}
	case 'u':
		if r, ok := hexadecimal(4); ok {
			return string(rune(r)), 6 //nolint:gosec // four digits
		}
		if found := bracedRune().FindSubmatch(s[:min(len(s), 10)]); found != nil {
			r, _ := strconv.ParseUint(string(found[1]), 16, 32)
			return string(rune(r)), len(found[0]) //nolint:gosec // six digits
		}
	case 'U':
		if r, ok := hexadecimal(8); ok {
			return string(rune(r)), 10 //nolint:gosec // an invalid rune becomes U+FFFD
		}
	case '0', '1', '2', '3':
		if len(s) > 3 {
			if b, err := strconv.ParseUint(string(s[1:4]), 8, 8); err == nil {
				return string([]byte{byte(b)}), 4 //nolint:gosec // eight bits
			}
		}
	}
	return string(s[:1]), 1
}
