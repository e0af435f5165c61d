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
	// One of the needles is in every match, in lower case: most texts hold none, and looking for them is
	// cheap.
	needles []string
	match   *regexp.Regexp
}

func (p *pattern) mayBeIn(lower string) bool {
	return slices.ContainsFunc(p.needles, func(needle string) bool { return strings.Contains(lower, needle) })
}

// nameNeedles are those of the names in secretNames, as far as a text shows them.
var nameNeedles = []string{"passw", "passphrase", "secret", "private", "authorization", "token", "_key"}

var patterns = []pattern{
	// The query of a timeline or a status, also in the errors of net/http.
	{[]string{"api_key"}, regexp.MustCompile(`(?i)(api_key` + equals + `)` + value)},
	// A member of a document, of a Python dump of one, or of one in DynamoDB's own form.
	{[]string{"api_key"}, regexp.MustCompile(`(?i)(api_key` + quote + `\s*:\s*(?:\{\s*` + quote + `S` + quote + `\s*:\s*)?u?` +
		quote + `)` + quoted)},
	// Any other member whose name says what it holds.
	{nameNeedles, regexp.MustCompile(`(?i)((?:password|passwd|passphrase|secret|(?:secret|private)[_-]?key|secret[_-]?string|` +
		`authorization|(?:access|auth|bearer|refresh|id|job|task|session|security)[_-]?token|` +
		`(?:certification|for_production|rece(?:iv|vi)er)_key)` + quote + `\s*:\s*u?` + quote + `)` + quoted)},
	// A header, or a line of YAML. Only what has the length of a key: "api_key: missing" is a sentence.
	{[]string{"key"}, regexp.MustCompile(`(?i)(\b(?:x-)?api[_-]key:\s*)([a-z0-9]{16,})`)},
	// The query of a presigned URL: the whole of it is one capability.
	{[]string{"x-amz-"}, regexp.MustCompile(`(?i)(https?:[\\/]+[^\s"'<>?]*\?)((?:[^\s"'<>\\]|\\+u[0-9a-f]{4}|\\+/)*` +
		`X-Amz-(?:[^\s"'<>\\]|\\+u[0-9a-f]{4}|\\+/)*)`)},
	{[]string{"x-amz-"}, regexp.MustCompile(`(?i)(X-Amz-(?:Signature|Credential|Security-Token)` + equals + `)` + value)},
	{[]string{"x-amz-"}, regexp.MustCompile(`(?i)(X-Amz-Security-Token:\s*)([^\s"'<>\\]+)`)},
	{[]string{"signature"}, regexp.MustCompile(`(?i)(\bSignature` + equals + `)([a-z0-9%+/=]{16,})`)},
	// AWS credentials in a configuration, an environment or an answer of STS.
	{[]string{"aws_"}, regexp.MustCompile(`(?i)(aws_(?:secret_access_key|session_token)` + quote + `?\s*[:=]\s*` + quote + `?)` +
		`([^\s"'<>\\]+)`)},
	{[]string{"secretaccesskey"}, regexp.MustCompile(`(?i)(SecretAccessKey(?:` + quote + `\s*:\s*` + quote + `|>))([^\s"'<>\\]+)`)},
	{[]string{"sessiontoken"}, regexp.MustCompile(`(?i)(SessionToken(?:` + quote + `\s*:\s*` + quote + `|>))([^\s"'<>\\]+)`)},
}

// replacePatterns replaces each secret that a pattern gives away and leaves what stands around it.
func replacePatterns(s string) string {
	lower := strings.ToLower(s)
	for _, p := range patterns {
		if p.mayBeIn(lower) {
			s = p.match.ReplaceAllString(s, "${1}"+Placeholder)
		}
	}
	return s
}

// secretsIn returns the secrets that the patterns give away in s.
func secretsIn(s string) []string {
	var found []string
	lower := strings.ToLower(s)
	for _, p := range patterns {
		if !p.mayBeIn(lower) {
			continue
		}
		for _, groups := range p.match.FindAllStringSubmatch(s, maxSecrets) {
			found = append(found, groups[2])
		}
	}
	return found
}
