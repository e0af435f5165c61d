package config

import (
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// Words returns the words of this package that a command line may begin with instead of a flag.
func Words() []string { return []string{doctorWord, helpWord, versionWord} }

// IsUsedBy reports whether the operation uses the setting. It returns true for "", which means any operation.
func (s *Setting) IsUsedBy(operation lifecycle.Operation) bool {
	return operation == "" || s.isUsedBy(operation)
}

// IsFile reports whether the value names a file or a directory.
func (s *Setting) IsFile() bool { return s.Placeholder == "FILE" || s.Placeholder == "DIR" }

// Offered returns the values that a shell can offer for the setting with the operation, or with any operation if that is
// "". It returns none if the setting has no fixed values.
func (s *Setting) Offered(operation lifecycle.Operation) []string {
	switch {
	case s.Name == Events && operation != "":
		return operation.Choices()
	case s.Name == Events:
		var choices []string
		for _, operation := range s.UsedBy {
			for _, choice := range operation.Choices() {
				if !slices.Contains(choices, choice) {
					choices = append(choices, choice)
				}
			}
		}
		return choices
	case s.Name == CheckFor:
		return textsOf(operationsThat(func(o lifecycle.Operation) bool { return o != lifecycle.Doctor }))
	case s.Name == MinEvent:
		return lifecycle.MinEvents()
	case s.Kind == Boolean:
		return []string{"true", "false"}
	}
	return s.Options
}

// Brief returns the first sentence of the description, without its full stop.
func (s *Setting) Brief() string {
	sentence, _, _ := strings.Cut(s.Description, ". ")
	return strings.TrimSuffix(sentence, ".")
}
