package ui

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/redact"
)

func TestNoSecretIsKept(t *testing.T) {
	dir, redactor := t.TempDir(), redact.New()
	redactor.Add("canaryKey0123456789abcdefghij")
	m := remembered(dir, redactor)
	m.keep(config.ProductName, "Demo")
	m.keep(config.Owner, "canaryKey0123456789abcdefghij")
	m.keep(config.Notifications, "EMAIL::me@example.com HTTP::https://example.com/?api_key=canaryKey0123456789abcdefghij")
	m.save()
	content, err := os.ReadFile(filepath.Join(dir, "ami-action", "answers.json"))
	require.NoError(t, err)
	assert.NotContains(t, string(content), "canary")
	again := remembered(dir, redactor)
	assert.Equal(t, map[config.Name]string{config.ProductName: "Demo"}, again.answers)
	entries, err := os.ReadDir(filepath.Join(dir, "ami-action"))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "nothing half written stays")
}

func TestAnswersThatCannotBeReadAreNone(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "ami-action"), 0o700))
	for _, content := range []string{"", "null", "[]", `{"owner": 1}`, "\x00"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "ami-action", "answers.json"), []byte(content), 0o600))
		m := remembered(dir, redact.New())
		m.keep(config.Owner, "me")
		assert.Equal(t, "me", m.answers[config.Owner])
	}
}
