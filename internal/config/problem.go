package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/org/ami-action/internal/lifecycle"
)

// What Load returns as its error instead of settings.
var (
	// ErrUsage: the command was started without arguments; [Usage] tells what it needs.
	ErrUsage = errors.New("no operation was given")
	// ErrVersion: the version was asked for.
	ErrVersion = errors.New("the version was asked for")
	// ErrHelp is what a *HelpRequest is.
	ErrHelp = errors.New("help was asked for")
)

// HelpRequest is the error of a command line that asks for help.
type HelpRequest struct {
	// Operation is the operation that it asks about, or "" for all.
	Operation lifecycle.Operation
}

func (h *HelpRequest) Error() string { return ErrHelp.Error() }

func (h *HelpRequest) Unwrap() error { return ErrHelp }

// Problem is one fault of the configuration, or a warning about it.
type Problem struct {
	// Setting is the setting at fault, or "" if it is an argument that belongs to none.
	Setting Name
	// Message is one line that names the setting as the user wrote it, says what is wrong and what is
	// allowed. It contains no control character.
	Message string
	// Hint is one line that says how to write it; it may be empty.
	Hint string

	// meant are the settings that an unknown flag most likely stands for.
	meant []Name
}

// text is the message with its hint.
func (p Problem) text() string {
	if p.Hint == "" {
		return p.Message
	}
	return p.Message + "; " + p.Hint
}

// Problems is the error of a configuration with faults: all of them, in the order of the settings.
type Problems struct {
	All []Problem
	// Summary is how long a summary the user wants, as far as it could be read.
	Summary string
}

// Error lists all faults, one a line.
func (p *Problems) Error() string {
	if len(p.All) == 1 {
		return p.All[0].text()
	}
	var text strings.Builder
	fmt.Fprintf(&text, "the configuration has %d problems:", len(p.All))
	for _, problem := range p.All {
		text.WriteString("\n  " + problem.text())
	}
	return text.String()
}

func (p *Problems) add(problem Problem) { p.All = append(p.All, problem) }

// about reports whether a setting has a problem already. One that was most likely misspelt is not missing as well.
func (p *Problems) about(name Name) bool {
	return slices.ContainsFunc(p.All, func(problem Problem) bool {
		return problem.Setting == name || slices.Contains(problem.meant, name)
	})
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
