package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The wishes that Load answers with instead of settings.
var (
	ErrHelp    = errors.New("help was asked for")
	ErrVersion = errors.New("the version was asked for")
)

// Problem is one fault of the configuration.
type Problem struct {
	// Setting is the setting at fault, or "" if it is an argument that belongs to none.
	Setting Name
	// Message is one line that names the setting as the user wrote it, says what is wrong and what is
	// allowed. It holds no control character.
	Message string
}

// Problems is the error of a configuration with faults: all of them, in the order of the settings.
type Problems struct{ All []Problem }

// Error lists all faults, one a line.
func (p *Problems) Error() string {
	if len(p.All) == 1 {
		return p.All[0].Message
	}
	var text strings.Builder
	fmt.Fprintf(&text, "the configuration has %d faults:", len(p.All))
	for _, problem := range p.All {
		text.WriteString("\n  " + problem.Message)
	}
	return text.String()
}

func (p *Problems) add(name Name, message string) {
	p.All = append(p.All, Problem{Setting: name, Message: message})
}

func (p *Problems) about(name Name) bool {
	return slices.ContainsFunc(p.All, func(problem Problem) bool { return problem.Setting == name })
}

// inOrder sorts the faults as the settings are declared; those of no setting come first.
func (p *Problems) inOrder() {
	position := func(problem Problem) int {
		return slices.IndexFunc(declared, func(s Setting) bool { return s.Name == problem.Setting })
	}
	slices.SortStableFunc(p.All, func(a, b Problem) int { return position(a) - position(b) })
}

// Lengths, in characters, of what a message shows of a value.
const (
	shownOfValue     = 60
	shownOfSensitive = 12
)

// quoted shows a value in a message: in quotes, shortened, with everything escaped that is not a visible
// character.
func quoted(value string, length int) string {
	value = strings.ToValidUTF8(value, "\uFFFD")
	if utf8.RuneCountInString(value) > length {
		value = string([]rune(value)[:length]) + "…"
	}
	return strconv.QuoteToGraphic(value)
}

// listed joins alternatives for a sentence: "A, B or C".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
