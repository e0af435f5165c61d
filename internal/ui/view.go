package ui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// View draws the screen. It uses only the terminal's own sixteen colours, which fit light and dark backgrounds. No
// information depends on colour alone.
func (m *model) View() tea.View {
	view := tea.NewView(strings.Join(m.draw(), "\n"))
	view.AltScreen = true
	view.WindowTitle = "ami-action"
	return view
}

// The styles are created when they are used, so that BATCH mode does not pay for them.
func bold(text string) string    { return lipgloss.NewStyle().Bold(true).Render(text) }
func faint(text string) string   { return lipgloss.NewStyle().Faint(true).Render(text) }
func reverse(text string) string { return lipgloss.NewStyle().Reverse(true).Render(text) }
func accent(text string) string {
	return lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Cyan).Render(text)
}
func warning(text string) string {
	return lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Yellow).Render(text)
}

const (
	keysOfList  = "↑↓ move · Enter select · Esc back · ? help · Ctrl-C quit"
	keysOfMany  = "↑↓ move · Space select · Enter continue · Esc back · ? help · Ctrl-C quit"
	keysOfPick  = "type to search · ↑↓ move · Enter select · Esc back · Ctrl-C quit"
	keysOfField = "Enter continue · Esc back · F1 help · Ctrl-C quit"
)

const allKeys = `Keyboard shortcuts

  ↑ ↓, Ctrl-P Ctrl-N    move; k and j also work in lists without search
  Home End              first or last entry, or start or end of the line
  Enter                 select or continue
  Space, x              select or clear an entry in a list with checkboxes
  letters               search a list of lifecycles
  Page Up, Page Down    scroll the text above
  Ctrl-U Ctrl-K Ctrl-W  delete to start of line, to end of line, last word
  Esc                   go back; operations in progress continue
  Ctrl-Z                suspend; run fg to resume
  Ctrl-C                quit; events in progress continue at the orchestrator
  ?, F1                 show this help

Press any key to close this help.`

// draw returns the lines of the screen, at most as many as the terminal has.
func (m *model) draw() []string {
	header := []string{cut(bold("ami-action")+faint(" · "+m.place), m.width), ""}
	if m.asked == nil {
		return header
	}
	a := m.asked
	header[1] = cut(accent(a.title), m.width)
	header = append(header, "")
	m.hidden = 0
	footer := m.footer()
	room := max(1, m.height-len(header)-len(footer))
	if m.showsKeys {
		return m.fit(header, firstLines(wrapped(allKeys, m.width), room), footer)
	}
	var body []string
	if a.body != nil {
		body = wrapped(a.body(), m.width)
	}
	var below []string
	reserved := 0
	if a.field != nil {
		below = m.drawField()
		reserved = min(len(below), room*2/3)
	} else {
		reserved = min(len(a.list.shown())+1, max(room/2, room-len(body)-1))
		below = m.drawList(reserved)
	}
	if a.field != nil {
		below = firstLines(below, max(reserved, room-len(body)-1))
	}
	if len(body) > 0 {
		body = append(m.window(body, room-len(below)-1), "")
	}
	return m.fit(header, append(body, below...), m.footer())
}

// fit joins the three parts with the footer at the bottom, and cuts them to the size of the terminal.
func (m *model) fit(header, middle, footer []string) []string {
	lines := append(header, middle...)
	for len(lines)+len(footer) < m.height {
		lines = append(lines, "")
	}
	lines = firstLines(append(firstLines(lines, max(0, m.height-len(footer))), footer...), m.height)
	for i, line := range lines {
		lines[i] = cut(line, m.width)
	}
	return lines
}

// window returns the visible part of the body. Its first or last line says whether there is more.
func (m *model) window(body []string, rows int) []string {
	rows = max(rows, 1)
	a := m.asked
	if len(body) <= rows {
		a.scrolled = 0
		return body
	}
	last := len(body) - rows
	begin := -a.scrolled
	if a.tail {
		begin = last - a.scrolled
	}
	begin = max(0, min(begin, last))
	a.scrolled = -begin
	if a.tail {
		a.scrolled = last - begin
	}
	part := append([]string(nil), body[begin:begin+rows]...)
	if begin < last {
		part[rows-1] = faint("… more below: Page Down")
	}
	if begin > 0 {
		part[0] = faint("… more above: Page Up")
	}
	return part
}

func (m *model) drawField() []string {
	a := m.asked
	lines := []string{accent("> ") + a.field.show(m.width-3, reverse), ""}
	if a.advice != nil {
		lines = append(lines, wrapped(a.advice(a.field.text()), m.width)...)
	}
	return lines
}

// drawList returns the search line, if there is one, and the entries around the cursor, in at most so many rows.
func (m *model) drawList(rows int) []string {
	a := m.asked
	var lines []string
	if a.search {
		query := a.list.query
		if query == "" {
			query = faint("type to search")
		}
		lines = append(lines, accent("/ ")+query)
		rows--
	}
	shown := a.list.shown()
	if len(shown) == 0 && a.search {
		return append(lines, faint("No matches."))
	}
	rows = max(1, min(rows, len(shown)))
	m.hidden = len(shown) - rows
	begin := max(0, min(a.list.at-rows/2, len(shown)-rows))
	for i, e := range shown[begin:min(begin+rows, len(shown))] {
		lines = append(lines, m.drawEntry(e, begin+i == a.list.at))
	}
	return lines
}

func (m *model) drawEntry(e entry, isCurrent bool) string {
	cursor, text := "  ", e.text
	if isCurrent {
		cursor = "> "
	}
	if m.asked.several {
		mark := "[ ] "
		if m.asked.list.marked[e.text] {
			mark = "[x] "
		}
		text = mark + text
	}
	beside := e.detail
	if e.refusal != "" {
		beside = strings.TrimPrefix(e.detail+" · unavailable: "+e.refusal, " · ")
	}
	if beside != "" {
		beside = "  " + beside
	}
	left := m.width - ansi.StringWidth(cursor+text)
	switch {
	case e.refusal != "":
		return faint(cut(cursor+text+beside, m.width))
	case isCurrent:
		return accent(cut(cursor+text, m.width)) + faint(cut(beside, left))
	}
	return cut(cursor+text, m.width) + faint(cut(beside, left))
}

// footer returns the problem with the answer, the current notice, and the keys.
func (m *model) footer() []string {
	a := m.asked
	lines := []string{""}
	problem := a.problem
	if a.list != nil && problem == "" {
		if e, ok := a.list.current(); ok && e.refusal != "" {
			problem = e.refusal
		}
	}
	if problem != "" {
		for _, line := range firstLines(wrapped(problem, m.width), max(1, m.height/4)) {
			lines = append(lines, warning(line))
		}
	}
	if m.notice != "" {
		lines = append(lines, bold("* "+m.notice))
	}
	keys := keysOfList
	switch {
	case a.field != nil:
		keys = keysOfField
	case a.several:
		keys = keysOfMany
	case a.search:
		keys = keysOfPick
	}
	if a.list != nil && m.hidden > 0 {
		keys = fmt.Sprintf("%d of %d · ", a.list.at+1, len(a.list.shown())) + keys
	}
	return append(lines, faint(keys))
}

func firstLines(lines []string, count int) []string { return lines[:max(0, min(count, len(lines)))] }
