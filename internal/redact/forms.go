package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"strings"
)

// formsOf returns every way in which a secret is written by what carries it: itself, inside a URL, a
// JSON text, a JSON text within a JSON text, an HTML page, or anything in base64.
func formsOf(secret string) []string {
	escaped := jsonEscaped(secret, true)
	plain := jsonEscaped(secret, false)
	slashes := strings.ReplaceAll(plain, "/", `\/`)
	forms := []string{
		secret,
		escaped, plain, slashes,
		jsonEscaped(escaped, false), jsonEscaped(plain, false), jsonEscaped(slashes, false),
		html.EscapeString(secret),
	}
	for _, encoded := range []string{url.QueryEscape(secret), url.PathEscape(secret)} {
		// %2F and %2f are the same; a URL inside a URL is encoded twice.
		forms = append(forms, encoded, lowerHex(encoded), url.QueryEscape(encoded))
	}
	return append(forms, base64Forms(secret)...)
}

// jsonEscaped returns s as it stands between the quotes of a JSON text; asHTML also escapes <, > and &,
// as [json.Marshal] does.
func jsonEscaped(s string, asHTML bool) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(asHTML)
	if encoder.Encode(s) != nil {
		return s
	}
	quoted := bytes.TrimSpace(text.Bytes())
	return string(quoted[1 : len(quoted)-1])
}

var hexEscape = regexp.MustCompile(`%[0-9A-F]{2}`)

func lowerHex(encoded string) string { return hexEscape.ReplaceAllStringFunc(encoded, strings.ToLower) }

// base64Forms returns what is certain to show of the secret when a text around it is encoded: base64
// writes 3 bytes as 4 characters, so a secret looks different by where it begins within the 3, and the
// characters at its ends also hold bits of its neighbours.
func base64Forms(secret string) []string {
	var forms []string
	for offset := range 3 {
		shifted := append(make([]byte, offset, offset+len(secret)), secret...)
		first := (8*offset + 5) / 6
		last := 8 * len(shifted) / 6
		for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			forms = append(forms, encoding.EncodeToString(shifted)[first:last])
		}
	}
	return forms
}
