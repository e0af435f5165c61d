package pipeline

import (
	"encoding/json"
	"strings"

	"github.com/org/ami-action/internal/workspace"
)

// resultFile holds all outputs as one JSON object, for those that a variable or an output cannot carry.
type resultFile struct {
	files  *workspace.Workspace
	file   workspace.File
	values map[string]string // by the output's name
	needed bool              // on GitHub, where it is made only for a value that is too large
}

// set takes a value. It is false when that is what it has already.
func (f *resultFile) set(name, value string) (changed bool) {
	if before, known := f.values[name]; known && before == value {
		return false
	}
	if f.values == nil {
		f.values = map[string]string{}
	}
	f.values[name] = value
	return true
}

// write replaces the file. Values that are JSON themselves are not wrapped in text.
func (f *resultFile) write() error {
	object := make(map[string]any, len(f.values))
	for name, value := range f.values {
		object[name] = value
		if trimmed := strings.TrimSpace(value); json.Valid([]byte(trimmed)) && strings.ContainsAny(trimmed[:1], "[{") {
			object[name] = json.RawMessage(trimmed)
		}
	}
	content, err := json.MarshalIndent(object, "", "  ")
	if err != nil {
		return err
	}
	return f.files.Write(f.file, append(content, '\n'))
}
