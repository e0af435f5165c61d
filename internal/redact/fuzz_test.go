package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/redact"
)

func FuzzRedact(f *testing.F) {
	f.Add(`{"api_key": "`, `"}`)
	f.Add("https://h/?a=1&api_key=", "&b=2")
	f.Add(`"{\"api_key\":\"`, `\"}"`)
	f.Add("X-Amz-Signature=", "\n")
	f.Add("*", "*")
	f.Fuzz(func(t *testing.T, before, after string) {
		redactor := redact.New()
		redactor.Add(key, awsSecret)
		for _, secret := range []string{key, awsSecret, url.QueryEscape(awsSecret)} {
			require.NotContains(t, redactor.Text(before+secret+after), secret)
			document, err := json.Marshal(map[string]any{before: secret, "list": []string{after + secret}})
			require.NoError(t, err)
			redacted, err := redactor.JSON(document)
			require.NoError(t, err)
			require.True(t, json.Valid(redacted), "%q", redacted)
			require.NotContains(t, string(redacted), secret)
		}
	})
}

// carry escapes the text in one of the ways in which texts are embedded in others.
func carry(text string, carrier byte) string {
	switch carrier % 5 {
	case 0:
		return url.QueryEscape(text)
	case 1:
		return everyByte("%%%02X", text)
	case 2:
		quoted, _ := json.Marshal(text)
		return string(quoted[1 : len(quoted)-1])
	case 3:
		return html.EscapeString(text)
	default:
		return everyLetter("&#%d;", text)
	}
}

// FuzzCarried splits a secret over two lines and escapes it several times, in any order of escapes.
func FuzzCarried(f *testing.F) {
	f.Add([]byte{}, byte(9))
	f.Add([]byte{2, 2, 0}, byte(0))
	f.Add([]byte{2, 0, 1, 2}, byte(17))
	f.Add([]byte{3, 4}, byte(1))
	f.Fuzz(func(t *testing.T, carriers []byte, at byte) {
		if len(carriers) > 4 {
			t.Skip("deeper than anything that is met")
		}
		for _, secret := range []string{key, awsSecret} {
			redactor := redact.New()
			redactor.Add(secret)
			cut := 1 + int(at)%(len(secret)-1)
			carried := secret[:cut] + "\n" + secret[cut:]
			for _, carrier := range carriers {
				carried = carry(carried, carrier)
			}
			require.Equal(t, "a *** b", strings.Join(strings.Fields(redactor.Text("a "+carried+" b")), " "))
		}
	})
}

func FuzzLearn(f *testing.F) {
	f.Add([]byte(`{"api_key":"` + key + `"}`))
	f.Add([]byte(`{"a":"{\"api_key\":\"` + key + `\"}"}`))
	f.Add([]byte(`["` + presigned + query + `"]`))
	f.Add([]byte(`{'api_key': '` + key + `'}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		redactor := redact.New()
		redacted, err := redactor.JSON(document)
		require.Equal(t, json.Valid(document), err == nil)
		if err == nil {
			require.True(t, json.Valid(redacted), "%q", redacted)
		}
		assert.Equal(t, lifecycleID, redactor.Text(lifecycleID))
	})
}

// FuzzFree checks that a full scan finds nothing in a text that passes the fast check, whatever the secrets are.
func FuzzFree(f *testing.F) {
	f.Add("commit "+awsSecret, "12345678")
	f.Add("x-amz-signature=", "brief")
	f.Add("password: hunter2 12", key)
	f.Add("secret_", "a b c d e f")
	f.Add("https://h/?api_key="+key, "")
	f.Fuzz(func(t *testing.T, text, secret string) {
		redactor := redact.New()
		redactor.Add(key, awsSecret, secret)
		for _, one := range []string{text, text + secret, "a " + secret + text, base64.StdEncoding.EncodeToString([]byte(text + secret))} {
			if redact.IsFree(redactor, one) {
				require.Equal(t, one, redact.Search(redactor, one))
			}
		}
		for _, ordinary := range []string{"2.1.0", "ami-0a1b2c3d4e5f60718", "https://github.com/org/images/actions/runs/42"} {
			require.Equal(t, ordinary, redact.Search(redact.New(), ordinary))
			require.True(t, redact.IsFree(redact.New(), ordinary), ordinary)
		}
	})
}

func FuzzControlCharacters(f *testing.F) {
	f.Add("\x1b[0Ksection_start:1:x\r\x1b[0K")
	f.Add("a\r\nb\xff")
	f.Fuzz(func(t *testing.T, text string) {
		shown := redact.ControlCharacters(text)
		require.Equal(t, -1, strings.IndexFunc(shown, func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
		}), "%q", shown)
		require.Equal(t, shown, redact.ControlCharacters(shown))
		require.Equal(t, strings.Count(text, "\n"), strings.Count(shown, "\n"), "no line is made or lost")
	})
}
