package redact

import (
	"regexp"
	"slices"
	"strings"
)

// Parts of the patterns below. A text may be JSON within JSON (any number of backslashes), or a URL
// within a URL (any number of %25).
const (
	equals = `(?:=|%(?:25)*3D|\\+u003d)`
	quote  = `(?:\\*["']|&quot;|&#34;|&#39;|%22)`
	// value ends where the text around it goes on. It is possibly empty.
	value = `((?:[^&\s"'<>\\#]|\\+u[0-9a-f]{4}|\\+/)*)`
	// quoted may hold anything but a quote.
	quoted = `((?:[^"'\\&]|\\+u[0-9a-f]{4}|\\+/)*)`
)

// pattern is a secret that its surroundings give away: what the last group matches.
type pattern struct {
	// Each match begins with one of these, in lower case. Looking for them is cheap, and most texts hold none.
	begins []string
	// ofWord is set where a match must begin a word.
	ofWord bool
	match  *regexp.Regexp
}

var patterns = []pattern{
	// The query of a timeline or a status, also in the errors of net/http.
	{[]string{"api_key"}, false, regexp.MustCompile(`(?i)^(api_key` + equals + `)` + value)},
	// A member of a document, of a Python dump of one, or of one in DynamoDB's own form.
	{[]string{"api_key"}, false, regexp.MustCompile(`(?i)^(api_key` + quote + `\s*:\s*(?:\{\s*` + quote + `S` + quote + `\s*:\s*)?u?` +
		quote + `)` + quoted)},
	// Any other member whose name says what it holds.
	{secretWords, false, regexp.MustCompile(`(?i)^([a-z_-]+` + quote + `\s*:\s*u?` + quote + `)` + quoted)},
	// A header, or a line of YAML. Only what has the length of a key: "api_key: missing" is a sentence.
	{[]string{"api_key:", "api-key:"}, true, regexp.MustCompile(`(?i)^(api.key:\s*)([a-z0-9]{16,})`)},
	// The query of a presigned URL: the whole of it is one capability.
	{[]string{"http:", "https:"}, false, regexp.MustCompile(`(?i)^(https?:[\\/]+[^\s"'<>?]*\?)((?:[^\s"'<>\\]|\\+u[0-9a-f]{4}|\\+/)*` +
		`X-Amz-(?:[^\s"'<>\\]|\\+u[0-9a-f]{4}|\\+/)*)`)},
	{[]string{"x-amz-"}, false, regexp.MustCompile(`(?i)^(X-Amz-(?:Signature|Credential|Security-Token)` + equals + `)` + value)},
	{[]string{"x-amz-security-token:"}, false, regexp.MustCompile(`(?i)^(X-Amz-Security-Token:\s*)([^\s"'<>\\]+)`)},
	{[]string{"signature"}, true, regexp.MustCompile(`(?i)^(Signature` + equals + `)([a-z0-9%+/=]{16,})`)},
	// AWS credentials in a configuration, an environment or an answer of STS.
	{[]string{"aws_secret_access_key", "aws_session_token"}, false, regexp.MustCompile(`(?i)^([a-z_]+` + quote + `?\s*[:=]\s*` + quote + `?)` +
		`([^\s"'<>\\]+)`)},
	{[]string{"secretaccesskey", "sessiontoken"}, false, regexp.MustCompile(`(?i)^([a-z]+(?:` + quote + `\s*:\s*` + quote + `|>))([^\s"'<>\\]+)`)},
}

// secretWords are the names in secretNames, with what may stand between their words.
var secretWords = wordsOf(
	"password", "passwd", "passphrase", "secret", "secret key", "private key", "secret string", "authorization",
	"access token", "auth token", "bearer token", "refresh token", "id token", "job token", "task token", "session token",
	"security token", "certification key", "for_production key", "receiver key", "recevier key",
)

func wordsOf(names ...string) []string {
	var words []string
	for _, name := range names {
		for _, between := range []string{"", "_", "-"} {
			words = append(words, strings.ReplaceAll(name, " ", between))
		}
	}
	return slices.Compact(words)
}

// given returns where in the text the secrets are that the patterns give away. lower is the text in lower
// case, byte for byte.
func given(patterns []pattern, text, lower string) []span {
	var found []span
	for i := range patterns {
		for _, begin := range patterns[i].begins {
			found = append(found, patterns[i].find(begin, text, lower)...)
		}
	}
	return found
}

func (p *pattern) find(begin, text, lower string) []span {
	var found []span
	for from := 0; ; {
		at := strings.Index(lower[from:], begin)
		if at < 0 {
			return found
		}
		at += from
		from = at + len(begin)
		if p.ofWord && at > 0 && isOfWord(lower[at-1]) {
			continue
		}
		if groups := p.match.FindStringSubmatchIndex(text[at:]); groups != nil {
			found = append(found, span{at + groups[4], at + groups[5]})
			from = max(from, at+groups[5])
		}
	}
}

func isOfWord(b byte) bool { return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' }

// lowerCase is strings.ToLower for what the patterns look for: it keeps the length of the text.
func lowerCase(text string) string {
	lower := []byte(text)
	for i, b := range lower {
		if 'A' <= b && b <= 'Z' {
			lower[i] = b + 'a' - 'A'
		}
	}
	return string(lower)
}
