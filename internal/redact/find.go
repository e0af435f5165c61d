package redact

import (
	"slices"
	"strings"

	"github.com/org/ami-action/internal/pattern"
)

// span is a part of a text, in bytes.
type span struct{ begin, end int }

// Parts of the patterns below. A text may be JSON within JSON (any number of backslashes), or a URL within a
// URL (any number of %25).
const (
	equals = `(?:=|%(?:25)*3D|\\+u003d)`
	quote  = `(?:\\*["']|&quot;|&#34;|&#39;|%22)`
)

var (
	// assignment stands between a name, which it follows at once, and its value. Each group tells another way of
	// writing it: in quotes, as a member of JSON, of a Python dump, of DynamoDB, or as a shell and a configuration write
	// it; a query or an environment; an element of XML; a header, a line of a configuration.
	assignment = pattern.Lazy(`(?i)^(?:((?:` + quote + `\s*:\s*(?:\{\s*` + quote + `S` + quote + `\s*:\s*)?|` + equals +
		`|\s?[:=]\s{0,8})u?` + quote + `)|(` + equals + `)|(>)|(\s?[:=]\s{0,8}(?:(?:bearer|basic)\s{1,8})?))`)
	// Each of these is the value of one group, from its beginning to where the text around it goes on.
	queryValue  = pattern.Lazy(`(?i)^(?:[^&\s"'<>\\#]|\\+u[0-9a-f]{4}|\\+/)*`)
	quotedValue = pattern.Lazy(`(?i)^(?:[^"'\\&]|\\+u[0-9a-f]{4}|\\+/)*`)
	wordValue   = pattern.Lazy(`^[^\s"'<>\\]*`)
)

// named returns where in the text secrets stand that their names give away.
func named(text string) []span {
	if !mayName([]byte(text)) {
		return nil
	}
	found := presigned(text, lowerCase(text))
	for at := 0; at < len(text); {
		begin, end := nextName(text, at)
		at = end
		if !mayBeAssigned(text[end:]) {
			continue
		}
		name := text[max(begin, end-maxName):end]
		// AWS's own header has a signature of this name; elsewhere it is a word.
		isSignature := strings.EqualFold(name, "signature")
		if !isSignature && !isSecretName([]byte(name)) {
			continue
		}
		how := assignment().FindStringSubmatchIndex(text[end:])
		if how == nil || isSignature && how[4] < 0 {
			continue
		}
		value := wordValue()
		switch {
		case how[2] >= 0:
			value = quotedValue()
		case how[4] >= 0:
			value = queryValue()
		}
		begin = end + how[1]
		at = begin + value.FindStringIndex(text[begin:])[1]
		// "api_key: missing" is a sentence.
		if isBare := how[8] >= 0; isBare && !looksRandom(text[begin:at]) {
			continue
		}
		found = append(found, span{begin, at})
	}
	return found
}

// maxName is how much of a name's end is looked at, in bytes.
const maxName = 64

// nextName returns where the next name of the text is, from a place on. At the end of the text it is empty.
func nextName(text string, from int) (begin, end int) {
	for from < len(text) && !isNameByte(text[from]) {
		from++
	}
	end = from
	for end < len(text) && isNameByte(text[end]) {
		end++
	}
	return from, end
}

// mayBeAssigned reports whether the text that follows a name can begin with an assignment. It answers for most words
// of a text, so that the pattern is asked about few: a pattern costs a hundred times as much.
func mayBeAssigned(rest string) bool {
	if rest == "" {
		return false
	}
	switch rest[0] {
	case '=', ':', '"', '\'', '\\', '%', '&', '>':
		return true
	case ' ', '\t', '\n', '\r', '\f':
		return len(rest) > 1 && (rest[1] == ':' || rest[1] == '=')
	}
	return false
}

func isNameByte(b byte) bool { return b == '_' || b == '-' || isAlphanumeric(b) }

func isAlphanumeric(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// presigned returns the queries of presigned URLs: the whole of one is a capability.
func presigned(text, lower string) (found []span) {
	delimiter := func(r rune) bool { return strings.ContainsRune(" \t\r\n\"'<>", r) }
	for from := 0; ; {
		at := strings.Index(lower[from:], "x-amz-")
		if at < 0 {
			return found
		}
		at += from
		begin := max(from, strings.LastIndexFunc(text[from:at], delimiter)+from+1)
		end := len(text)
		if next := strings.IndexFunc(text[at:], delimiter); next >= 0 {
			end = at + next
		}
		// A backslash before the closing quote is JSON's.
		end = begin + len(strings.TrimRight(text[begin:end], `\`))
		from = max(end, at+1)
		address := strings.LastIndex(lower[begin:at], "http")
		if address < 0 {
			continue
		}
		if query := strings.IndexByte(text[begin+address:at], '?'); query >= 0 {
			found = append(found, span{begin + address + query + 1, end})
		}
	}
}

// fixedLength are secrets of a known length (docs/wire-contract.md, "Finding it"). They are looked for in what
// was unfolded: there nothing tells the end of a secret from the line after it, but its length does.
var fixedLength = pattern.Lazy(`(?i)(?:api_key[^0-9a-z]{1,8}([0-9a-z]{30})|x-amz-signature[^0-9a-z]{1,8}([0-9a-f]{64}))`)

func (v view) fixedLength() (found []span) {
	text := string(v.text)
	if lower := lowerCase(text); !strings.Contains(lower, "api_key") && !strings.Contains(lower, "x-amz-signature") {
		return nil
	}
	for _, at := range fixedLength().FindAllStringSubmatchIndex(text, -1) {
		begin, end := max(at[2], at[4]), max(at[3], at[5])
		if looksRandom(text[begin:end]) {
			found = append(found, v.original(begin, end))
		}
	}
	return found
}

// lowerCase is strings.ToLower for ASCII. It keeps the length of the text, of one that is not UTF-8 too
// (strings.Map makes three bytes of one there): what is found in it has its place in the text.
func lowerCase(text string) string {
	lower := []byte(text)
	for i, b := range lower {
		if 'A' <= b && b <= 'Z' {
			lower[i] = b + 'a' - 'A'
		}
	}
	return string(lower)
}

// replace returns the text with a placeholder for each span, one for those that overlap.
func replace(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	slices.SortFunc(spans, func(a, b span) int { return a.begin - b.begin })
	var out strings.Builder
	done := 0
	for _, s := range spans {
		if s.begin == s.end {
			continue
		}
		if s.begin >= done {
			out.WriteString(text[done:s.begin] + Placeholder)
		}
		done = max(done, s.end)
	}
	out.WriteString(text[done:])
	return out.String()
}
