package config

import (
	"cmp"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// Kind is the form of a setting's value.
type Kind int

// The kinds.
const (
	Text     Kind = iota // one line of text
	List                 // several texts
	Boolean              // true or false
	Duration             // a length of time as Go writes it: 90s, 45m, 5h45m
	Number               // a decimal number
	Age                  // a length of time in weeks, days or hours: 2w, 30d, 12h
)

// Setting is the declaration of one setting.
type Setting struct {
	Name Name
	Kind Kind
	// Placeholder represents the value in the help.
	Placeholder string
	// Description says in full sentences what the setting does.
	Description string
	// Default is the value if the setting is not given, in the form in which users write it.
	Default string
	// DefaultNote describes the default if it is not a fixed value.
	DefaultNote string
	// Options are the allowed values, in the documented spelling. If there are none, any text is allowed.
	Options []string
	// UsedBy are the operations on which the setting has an effect.
	UsedBy []lifecycle.Operation
	// RequiredBy are the operations that require the setting.
	RequiredBy []lifecycle.Operation
	// AcceptedEverywhere settings are accepted even if they have no effect on the operation, because the CLI's
	// documentation passes them to every operation. Any other setting is then refused, because its user expects an
	// effect.
	AcceptedEverywhere bool
	// Sensitive values are never shown in full, because an address or a property can contain a secret.
	Sensitive bool
	// CommandLineOnly settings are not inputs of the pipelines.
	CommandLineOnly bool
	// NoVariable settings are not read from an AMI_ variable. An output with that name means something else, and the
	// dotenv report of an earlier job sets the variable.
	NoVariable bool
	// FreeText is prose and may contain anything. All other texts are names, in which a variable that was not
	// expanded, or quotes around the value, must be a mistake.
	FreeText bool
	// InServerJSON texts are copied into JSON by the orchestrator without escaping. A quote makes it return 500 and leave
	// an orphan lifecycle; a backslash or a control character breaks the state machine later
	// (docs/wire-contract.md, "Refused, and done all the same").
	InServerJSON bool
	// MaxBytes is the maximum length of a text in bytes; zero means 256.
	MaxBytes int
	// Check returns what is allowed ("must be ...") if the text is invalid, or "" if it is valid. If Check is nil, every
	// text is valid.
	Check func(text string) string
}

// Repeats reports whether the flag may be given several times.
func (s *Setting) Repeats() bool { return s.Kind == List }

// DefaultText returns the default value, or its description, or "" if there is no default.
func (s *Setting) DefaultText() string { return cmp.Or(s.Default, s.DefaultNote) }

// Declared returns all settings, in the order in which they are shown.
func Declared() []Setting { return slices.Clone(declared) }

// Declaration returns the declaration of a setting.
func Declaration(name Name) Setting { return *declaration(name) }

func declaration(name Name) *Setting {
	i := slices.IndexFunc(declared, func(s Setting) bool { return s.Name == name })
	if i < 0 {
		panic("config: no setting is named " + string(name))
	}
	return &declared[i]
}

// option returns the option that equals text without regard to case, and whether there is one.
func (s *Setting) option(text string) (string, bool) {
	i := slices.IndexFunc(s.Options, func(option string) bool { return strings.EqualFold(option, text) })
	if i < 0 {
		return "", false
	}
	return s.Options[i], true
}

// isStrict reports whether no valid value contains a quote. Quotes around such a value can safely be removed.
func (s *Setting) isStrict() bool {
	return s.Kind != Text && s.Kind != List || len(s.Options) > 0 || s.Check != nil
}

func operationsThat(hold func(lifecycle.Operation) bool) []lifecycle.Operation {
	return slices.DeleteFunc(lifecycle.Operations(), func(o lifecycle.Operation) bool { return !hold(o) })
}

func textsOf[T ~string](words []T) []string {
	texts := make([]string, len(words))
	for i, word := range words {
		texts[i] = string(word)
	}
	return texts
}
