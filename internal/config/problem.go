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

// The errors of Load that are not a problem of the configuration.
var (
	// ErrUsage: the command was started without arguments; [Usage] returns the text to show.
	ErrUsage = errors.New("no operation was given")
	// ErrVersion: the version was asked for.
	ErrVersion = errors.New("the version was asked for")
	// ErrHelp: help was asked for. The error is a *HelpRequest, which wraps ErrHelp.
	ErrHelp = errors.New("help was asked for")
)

// HelpRequest is the error of a command line that asks for help.
type HelpRequest struct {
	// Operation is the operation that the help is about, or "" for all.
	Operation lifecycle.Operation
}

func (h *HelpRequest) Error() string { return ErrHelp.Error() }

func (h *HelpRequest) Unwrap() error { return ErrHelp }

// Problem is one problem of the configuration, or a warning about it.
type Problem struct {
	// Setting is the setting with the problem, or "" if an argument belongs to none.
	Setting Name
	// Message is one line that names the setting as the user wrote it, and says what is wrong and what is
	// allowed. It contains no control characters.
	Message string
	// Hint is one line that says how to fix the problem. It may be empty.
	Hint string

	// meant are the settings that the user of an unknown flag most likely meant.
	meant []Name
}

// text returns the message with its hint.
func (p Problem) text() string {
	if p.Hint == "" {
		return p.Message
	}
	return p.Message + "; " + p.Hint
}

// Problems is the error of a configuration with problems. It holds all of them, in the order of the settings.
type Problems struct {
	All []Problem
	// Summary is the value of the setting summary, if it could be read.
	Summary string
}

// Error returns all problems, one on each line.
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

// about reports whether a setting already has a problem. A setting whose flag was most likely misspelled counts, so that
// it is not reported as missing too.
func (p *Problems) about(name Name) bool {
	return slices.ContainsFunc(p.All, func(problem Problem) bool {
		return problem.Setting == name || slices.Contains(problem.meant, name)
	})
}

// inOrder sorts the problems in the order in which the settings are declared. Problems without a setting come first.
func (p *Problems) inOrder() {
	position := func(problem Problem) int {
		return slices.IndexFunc(declared, func(s Setting) bool { return s.Name == problem.Setting })
	}
	slices.SortStableFunc(p.All, func(a, b Problem) int { return position(a) - position(b) })
}

// How much of a value a message shows, in characters.
const (
	shownOfValue     = 60
	shownOfSensitive = 12
)

// quoted returns a value as messages show it: in quotes, shortened to length characters, and with everything escaped that
// is not a visible character.
func quoted(value string, length int) string {
	value = strings.ToValidUTF8(value, "\uFFFD")
	if utf8.RuneCountInString(value) > length {
		value = string([]rune(value)[:length]) + "…"
	}
	return strconv.Quote(value)
}
