package redact_test

import (
	"encoding/json"
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
