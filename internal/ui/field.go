package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// field is a line of text that is being edited.
type field struct {
	before, after []rune // the text before and after the cursor
}

func newField(text string) *field { return &field{before: []rune(text)} }

func (f *field) text() string { return string(f.before) + string(f.after) }

// insert inserts a text at the cursor. It joins a pasted text into one line.
func (f *field) insert(text string) {
	f.before = append(f.before, []rune(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " "))...)
}

// press handles an editing key. It reports whether the key is one.
func (f *field) press(key string) bool {
	switch key {
	case "left", "ctrl+b":
		f.moveTo(len(f.before) - 1)
	case "right", "ctrl+f":
		f.moveTo(len(f.before) + 1)
	case "home", "ctrl+a":
		f.moveTo(0)
	case "end", "ctrl+e":
		f.moveTo(len(f.before) + len(f.after))
	case "backspace", "ctrl+h":
		f.before = f.before[:max(0, len(f.before)-1)]
	case "delete", "ctrl+d":
		f.after = f.after[min(1, len(f.after)):]
	case "ctrl+u":
		f.before = nil
	case "ctrl+k":
		f.after = nil
	case "ctrl+w":
		text := strings.TrimRight(string(f.before), " ")
		f.before = []rune(text[:strings.LastIndex(text, " ")+1])
	default:
		return false
	}
	return true
}

func (f *field) moveTo(at int) {
	all := []rune(f.text())
	at = max(0, min(at, len(all)))
	f.before, f.after = all[:at:at], all[at:]
}

// show returns the text with its cursor in at most so many columns. It cuts a longer text on the left first.
func (f *field) show(columns int, cursor func(string) string) string {
	before, at, after := still(string(f.before)), " ", ""
	if len(f.after) > 0 {
		at, after = oneOf(f.after[0]), still(string(f.after[1:]))
	}
	if over := ansi.StringWidth(before) + ansi.StringWidth(at) - columns; over > 0 {
		before = ansi.TruncateLeft(before, over+1, "…")
	}
	return cut(before+cursor(at)+after, columns)
}

// oneOf returns the text of one character, or a space if the character has no width.
func oneOf(r rune) string {
	if text := still(string(r)); ansi.StringWidth(text) > 0 {
		return text
	}
	return " "
}
