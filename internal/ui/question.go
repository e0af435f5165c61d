package ui

import (
	"context"
	"errors"
	"slices"
)

// What a question ends with where it is not answered.
var (
	// errBack: the user goes back to what was before.
	errBack = errors.New("back")
	// errLeave: the user leaves the command.
	errLeave = errors.New("leave")
)

// entry is one line that can be chosen.
type entry struct {
	// text is what is shown, and detail what stands beside it in grey. Both are clean.
	text, detail string
	// refusal says why the entry cannot be chosen, "" where it can.
	refusal string
	value   any
}

// question is what is shown at one moment: a text, and below it entries to choose from or a field to write in.
type question struct {
	// title names the question; the path to it stands before it.
	title string
	// body is the text above the entries. It may change while the question is shown.
	body func() string
	// tail is set where the end of a long body matters most.
	tail bool
	// story returns the lines of a story that goes on, which the body shows in its own way; nil for none. Where a
	// screen is not redrawn, its lines are told one by one.
	story func() []string
	// entries returns what can be chosen, nil where text is asked for. They may change as body may.
	entries func() []entry
	// several lets the user choose more than one entry, search narrow them by typing.
	several, search bool
	// isField is set where a text is asked for. text is what stands in the field at first.
	isField bool
	text    string
	// advice says something about the text in the field while it is written; nil says nothing.
	advice func(text string) string
	// check says what is wrong with an answer, or "".
	check func(text string) string
}

// answer is what a question was answered with.
type answer struct {
	chosen []entry // one, unless several could be chosen
	text   string
}

// asker shows questions and gets their answers.
type asker interface {
	// ask shows a question until it is answered. The error is errBack, errLeave, or the context's cause.
	ask(ctx context.Context, q question) (answer, error)
	// notify shows a line beside the question that is asked at the moment.
	notify(line string)
	// copy puts a text on the clipboard of the terminal, and reports whether it could be asked to.
	copy(text string) bool
}

// wayBack is the value of an entry that goes back.
type wayBack struct{}

// previous is the entry that goes back, as the documented menus have it.
func previous() entry { return entry{text: "Previous Menu", value: wayBack{}} }

// isPrevious reports whether the way back was chosen.
func (a answer) isPrevious() bool {
	return slices.ContainsFunc(a.chosen, func(e entry) bool { return e.value == any(wayBack{}) })
}

// fixed is the body or the entries of a question that do not change.
func fixed[T any](value T) func() T { return func() T { return value } }
