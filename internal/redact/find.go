package redact

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/org/ami-action/internal/pattern"
)

// span is a part of a text, as byte offsets.
type span struct{ begin, end int }

// Parts of the patterns below. They allow for JSON within JSON (any number of backslashes) and a URL within a URL (any
// number of %25).
const (
	equals = `(?:=|%(?:25)*3D|\\+u003d)`
	quote  = `(?:\\*["']|&quot;|&#34;|&#39;|%22)`
)

var (
	// assignment matches the text between a name and its value. Each group is one way to write an assignment:
	//  1. with quotes: a member of JSON, of a Python dump or of DynamoDB, or as in a shell or a configuration file
	//  2. with an equals sign only: a query or an environment
	//  3. an element of XML
	//  4. a header or a line of a configuration file, without quotes
	assignment = pattern.Lazy(`(?i)^(?:((?:` + quote + `\s*:\s*(?:\{\s*` + quote + `S` + quote + `\s*:\s*)?|` + equals +
		`|\s?[:=]\s{0,8})u?` + quote + `)|(` + equals + `)|(>)|(\s?[:=]\s{0,8}(?:(?:bearer|basic)\s{1,8})?))`)
	// These match the value that follows an assignment, up to the end of the value.
	queryValue  = pattern.Lazy(`(?i)^(?:[^&\s"'<>\\#]|\\+u[0-9a-f]{4}|\\+/)*`)
	quotedValue = pattern.Lazy(`(?i)^(?:[^"'\\&]|\\+u[0-9a-f]{4}|\\+/)*`)
	wordValue   = pattern.Lazy(`^[^\s"'<>\\]*`)
)

// userinfo matches the password in a URL such as https://USER:PASSWORD@HOST (RFC 3986, section 3.2.1).
var userinfo = pattern.Lazy(`:(?:\\*/){2}[^/?#\s"'<>\\:@]*:([^/?#\s"'<>\\@]+)@`)

// named returns where the secrets are that a name, or their place in a URL, identifies.
func named(text string) []span {
	if !mayName([]byte(text)) {
		return nil
	}
	found := presigned(text, lowerCase(text))
	for _, at := range userinfo().FindAllStringSubmatchIndex(text, -1) {
		found = append(found, span{at[2], at[3]})
	}
	for at := 0; at < len(text); {
		begin, end := nextName(text, at)
		at = end
		if !mayBeAssigned(text[end:]) {
			continue
		}
		name := text[max(begin, end-maxName):end]
		// AWS's Authorization header has Signature=…. In other forms, "signature" is an ordinary word.
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
		// Without quotes, the value must look like a key: "api_key: missing" is a sentence.
		if isBare := how[8] >= 0; isBare && !looksRandom(text[begin:at]) {
			continue
		}
		found = append(found, span{begin, at})
	}
	return found
}

// maxName is the number of bytes at the end of a name that are compared.
const maxName = 64

// nextName returns the position of the next name in the text, from an offset on. At the end of the text it is empty.
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

// mayBeAssigned reports whether the text after a name may begin with an assignment. It rules out most words of a text, so
// that the pattern, which costs a hundred times as much, runs for few of them.
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

// presigned returns the queries of presigned URLs. The whole query is secret, because it grants access. lower is the text
// in lower case.
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
		// A backslash before the closing quote belongs to the JSON around the URL.
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

// fixedLength matches secrets of a known length (docs/wire-contract.md, "Finding it"). It is used on unfolded text, in
// which lines have been joined: there, only its length shows where a secret ends.
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

// lowerCase returns the text with its ASCII letters in lower case. Unlike strings.ToLower, it keeps the length of any
// text, even if that is not valid UTF-8, so that an offset in the result is an offset in the text.
func lowerCase(text string) string {
	lower := []byte(text)
	for i, b := range lower {
		if 'A' <= b && b <= 'Z' {
			lower[i] = b + 'a' - 'A'
		}
	}
	return string(lower)
}

// replace returns the text with a placeholder for each span. Overlapping spans get one placeholder.
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

// Masked returns the text with an asterisk for each character of the secrets that a name identifies, so that all places
// in the text stay the same. It is for text of which only a part is shown, perhaps without the name.
func Masked(text string) string {
	var out strings.Builder
	done := 0
	spans := named(text)
	slices.SortFunc(spans, func(a, b span) int { return a.begin - b.begin })
	for _, s := range spans {
		if begin := max(s.begin, done); begin < s.end {
			out.WriteString(text[done:begin])
			out.WriteString(strings.Repeat("*", utf8.RuneCountInString(text[begin:s.end])))
			done = s.end
		}
	}
	out.WriteString(text[done:])
	return out.String()
}
