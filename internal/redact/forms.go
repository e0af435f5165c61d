package redact

import (
	"encoding/base64"
	"strings"
)

// formsOf returns the ways in which a secret is written by what does not escape it letter by letter:
// itself, and in base64. What does, a [view] undoes. A secret may have what looks like an escape in it, so
// that its own escaped forms are not enough.
func formsOf(secret string) []string {
	// A query has a plus sign for a space, which no view can tell from a plus sign.
	return append(base64Forms(secret), secret, strings.ReplaceAll(secret, " ", "+"))
}

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
