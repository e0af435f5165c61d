package ui

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/redact"
)

// kept lists the settings whose last answers are offered again. None of them is a secret. Properties are left out,
// because a property may be one.
var kept = []config.Name{
	config.ProductName, config.ProductVer, config.Owner, config.Notifications, config.PatchComponent, config.SemverBumpType,
}

// memory holds the last answers. It is a convenience: errors of reading and writing the file are ignored.
type memory struct {
	path     string
	redactor *redact.Redactor
	answers  map[config.Name]string
}

const maxMemory = 64 << 10

// remembered reads the last answers from the user's configuration directory. If configDir is "", answers are neither
// read nor saved.
func remembered(configDir string, redactor *redact.Redactor) *memory {
	m := &memory{redactor: redactor, answers: map[config.Name]string{}}
	if configDir == "" {
		return m
	}
	m.path = filepath.Join(configDir, "ami-action", "answers.json")
	if info, err := os.Stat(m.path); err != nil || !info.Mode().IsRegular() || info.Size() > maxMemory {
		return m
	}
	if content, err := os.ReadFile(m.path); err == nil {
		_ = json.Unmarshal(content, &m.answers)
	}
	if m.answers == nil {
		m.answers = map[config.Name]string{}
	}
	return m
}

// keep stores an answer, unless the redactor finds a secret in it.
func (m *memory) keep(name config.Name, text string) {
	if text != "" && m.redactor.Value(text) == text && m.redactor.Text(text) == text {
		m.answers[name] = text
	}
}

// save writes the answers to a temporary file and renames it, so that the file is never incomplete.
func (m *memory) save() {
	if m.path == "" {
		return
	}
	content, err := json.MarshalIndent(m.answers, "", "  ")
	if err != nil || os.MkdirAll(filepath.Dir(m.path), 0o700) != nil {
		return
	}
	file, err := os.CreateTemp(filepath.Dir(m.path), "answers-*")
	if err != nil {
		return
	}
	_, err = file.Write(append(content, '\n'))
	if closeErr := file.Close(); err != nil || closeErr != nil || os.Rename(file.Name(), m.path) != nil {
		_ = os.Remove(file.Name())
	}
}
