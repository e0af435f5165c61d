package pipeline

import (
	"encoding/json"
	"strings"

	"github.com/org/ami-action/internal/workspace"
)

// resultFile holds all outputs as one JSON object, including those that are too large for a variable or an output.
type resultFile struct {
	files  *workspace.Workspace
	file   workspace.File
	values map[string]string // by the name of the output
	needed bool              // used on GitHub only: a value was too large, so the file is written
}

// set sets the value of an output, and reports whether it has changed. It does not write the file.
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

// write replaces the file. A value that is a JSON object or array is written as such, and not as a string.
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
