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
	// Placeholder stands for the value in the help.
	Placeholder string
	// Description says in plain sentences what the setting does.
	Description string
	// Default is the value of a setting that nobody gave, as its user would write it.
	Default string
	// DefaultNote says what is taken where the default depends on the surroundings.
	DefaultNote string
	// Options are the only values, in the documented spelling; none if any text is a value.
	Options []string
	// UsedBy are the operations on which the setting has an effect.
	UsedBy []lifecycle.Operation
	// RequiredBy are the operations that cannot do without it.
	RequiredBy []lifecycle.Operation
	// AcceptedEverywhere settings are accepted where they have no effect, as the CLI's documentation passes them
	// to every operation. Any other is refused there: its user expects something that would not happen.
	AcceptedEverywhere bool
	// Sensitive values are never shown whole: an address or a property can hold a secret.
	Sensitive bool
	// CommandLineOnly settings are not inputs of the pipelines.
	CommandLineOnly bool
	// NoVariable settings are read from no AMI_ variable: an output of that name means something else, and an earlier
	// job's dotenv report would set it.
	NoVariable bool
	// FreeText is prose, which may contain anything. All other texts name something: a variable that was not
	// expanded, or quotes around the value, cannot be meant in them.
	FreeText bool
	// InServerJSON texts are put into JSON by the orchestrator as they are: a quote makes it answer 500 and leave
	// an orphan lifecycle, a backslash or a control character breaks the state machine later
	// (docs/wire-contract.md, "Refused, and done all the same").
	InServerJSON bool
	// MaxBytes is the longest text; zero means 256.
	MaxBytes int
	// Check returns how a text must be ("must be ..."), or "" if it is valid. Nil accepts every text.
	Check func(text string) string
}

// Repeats reports whether the flag may be given several times.
func (s *Setting) Repeats() bool { return s.Kind == List }

// DefaultText says what counts when nobody gives the setting; "" if that is nothing at all.
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

// option returns the option that text means, without regard to case.
func (s *Setting) option(text string) (string, bool) {
	i := slices.IndexFunc(s.Options, func(option string) bool { return strings.EqualFold(option, text) })
	if i < 0 {
		return "", false
	}
	return s.Options[i], true
}

// isStrict reports whether no value can contain a quote, so that quotes around one can be removed without
// guessing.
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
