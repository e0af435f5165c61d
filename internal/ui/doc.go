// Package ui implements UI mode: interactive menus in a terminal. It asks questions and shows results; the workflows
// are those of BATCH mode. The answers become the arguments of a BATCH command line, [config.Load] checks them, and
// [action.Run] carries them out.
//
// The menus are ordinary code that asks one question after another (menu.go and the files beside it). A [screen] shows
// the questions on a full terminal screen. [lines] shows them as plain text, for screen readers and for terminals that
// cannot move the cursor.
//
// The package draws its own forms on bubbletea and lipgloss. It does not use charm.land/huh, because that package
// searches the PATH for clipboard tools at every start of the command, even in BATCH mode.
package ui
