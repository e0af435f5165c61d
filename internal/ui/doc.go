// Package ui is UI mode: menus in a terminal for people. It asks and shows, and every workflow is that of BATCH mode:
// what was answered becomes the arguments of a BATCH command line, [config.Load] checks them, and [action.Run] carries
// them out.
//
// The flow of the menus is ordinary code that asks one question after another (menu.go and the files beside it). A
// [screen] shows a question in a terminal, and [lines] does so in plain text for a screen reader and for a terminal
// that can do no more.
//
// The forms of charm.land/huh would read the clipboard's tools from the path at every start of the command, also in
// BATCH mode. Questions are therefore shown by this package, on bubbletea and lipgloss.
package ui
