package ui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// field is a line of text that is being written.
type field struct {
	before, after []rune // of the cursor
}

func newField(text string) *field { return &field{before: []rune(text)} }

func (f *field) text() string { return string(f.before) + string(f.after) }

// insert writes at the cursor. A pasted text becomes one line.
func (f *field) insert(text string) {
	f.before = append(f.before, []rune(strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), " "))...)
}

// press takes a key that edits, and reports whether it is one.
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

// show returns the text with its cursor in so many columns; what does not fit is left out on the left first.
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

// oneOf shows one character that takes at least a column.
func oneOf(r rune) string {
	if text := still(string(r)); ansi.StringWidth(text) > 0 {
		return text
	}
	return " "
}
