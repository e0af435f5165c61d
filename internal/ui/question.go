package ui

import (
	"context"
	"errors"
	"slices"
)

// The errors of a question that was not answered.
var (
	// errBack reports that the user goes back.
	errBack = errors.New("back")
	// errQuitKey reports that the user quits with Ctrl-C or :q, or that the input has ended.
	errQuitKey = errors.New("quit")
)

// entry is one line that can be selected.
type entry struct {
	// text is the entry itself, and detail is shown beside it in grey. Neither contains control characters.
	text, detail string
	// refusal says why the entry cannot be selected. It is "" if it can.
	refusal string
	value   any
}

// question is what the user sees at one moment: a text, and below it entries to select from or a text field.
type question struct {
	// title names the question, preceded by the path to it.
	title string
	// body returns the text above the entries. It may change while the question is shown.
	body func() string
	// tail is set if the end of a long body matters most.
	tail bool
	// progress returns the progress lines of an operation, or is nil. On a screen, body includes them; in plain lines,
	// each is printed once, when it is new.
	progress func() []string
	// entries returns the entries, and is nil for a text field. They may change while the question is shown.
	entries func() []entry
	// several allows the user to select more than one entry; search, to narrow the entries by typing.
	several, search bool
	// isField is set if the question asks for a text. text is the initial content of the field.
	isField bool
	text    string
	// advice returns a comment on the content of the field while the user types, or is nil.
	advice func(text string) string
	// check returns what is wrong with an answer, or "".
	check func(text string) string
}

// answer is the answer to a question.
type answer struct {
	chosen []entry // exactly one, unless the question allows several
	text   string
}

// asker shows questions and returns their answers.
type asker interface {
	// ask shows a question until it is answered. The error is errBack, errQuitKey, or the context's cause.
	ask(ctx context.Context, q question) (answer, error)
	// notify shows a line beside the current question.
	notify(line string)
	// copy puts a text on the clipboard of the terminal. It reports whether the terminal was asked to: a terminal does
	// not report whether it did.
	copy(text string) bool
}

// wayBack is the value of an entry that goes back.
type wayBack struct{}

// previous returns the entry that goes back. Its text is that of the documented menus.
func previous() entry { return entry{text: "Previous Menu", value: wayBack{}} }

// isPrevious reports whether the user selected the entry that goes back.
func (a answer) isPrevious() bool {
	return slices.ContainsFunc(a.chosen, func(e entry) bool { return e.value == any(wayBack{}) })
}

// fixed returns a function that always returns value, for a body or entries that do not change.
func fixed[T any](value T) func() T { return func() T { return value } }
