package redact_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/redact"
)

func TestMaskedKeepsAllPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"export AWS_SECRET_ACCESS_KEY=canary-1 next":                 "export AWS_SECRET_ACCESS_KEY=******** next",
		`curl -H "Authorization: Bearer canäry-0123456789" http://x`: `curl -H "Authorization: Bearer *****************" http://x`,
		"db_password=canary api_key=canary":                          "db_password=****** api_key=******",
		"nothing secret here: key = value, password of the user":     "nothing secret here: key = value, password of the user",
		"": "",
	} {
		masked := redact.Masked(text)
		assert.Equal(t, want, masked)
		assert.Equal(t, utf8.RuneCountInString(text), utf8.RuneCountInString(masked), text)
	}
}
