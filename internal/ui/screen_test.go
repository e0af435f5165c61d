package ui

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every kind of question fits every size of terminal, however small.
func TestTheScreenFitsEverySize(t *testing.T) {
	var many []entry
	for i := range 50 {
		many = append(many, entry{text: fmt.Sprintf("漢字 entry %d", i), detail: strings.Repeat("long ", 30), refusal: strings.Repeat("x", i%2*90)})
	}
	body := fixed(strings.Repeat("A body of many words. ", 60))
	for name, q := range map[string]question{
		"a menu":            {title: "Menu", entries: fixed(many[:4])},
		"a list":            {title: "List", body: body, entries: fixed(many), search: true},
		"several":           {title: "Several", body: body, entries: fixed(many), several: true},
		"an empty list":     {title: "Empty", body: body, entries: fixed([]entry(nil)), search: true},
		"a field":           {title: "Field", body: body, isField: true, text: strings.Repeat("漢", 200)},
		"a field of advice": {title: "Advice", isField: true, advice: func(string) string { return strings.Repeat("line\n", 99) }},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range [][2]int{{1, 1}, {2, 3}, {10, 5}, {40, 10}, {80, 24}, {200, 60}} {
				m := &model{place: "sandbox", notice: strings.Repeat("notice ", 50)}
				m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
				m.Update(&asked{question: q, reply: make(chan reply, 1)})
				for _, showsKeys := range []bool{false, true} {
					m.showsKeys = showsKeys
					lines := m.draw()
					assert.LessOrEqual(t, len(lines), size[1])
					for _, line := range lines {
						assert.LessOrEqual(t, ansi.StringWidth(line), size[0])
					}
				}
			}
		})
	}
}

func TestSearchingAList(t *testing.T) {
	l := newList(question{entries: fixed([]entry{
		{text: "refused", refusal: "not yet"}, {text: "Demo 1.0.0 main"}, {text: "Demo 2.0.0 main"}, {text: "Other", detail: "demo"},
	})})
	current, _ := l.current()
	assert.Equal(t, "Demo 1.0.0 main", current.text, "the first that can be chosen")
	l.search("MAIN 2.0")
	chosen, problem := l.choose()
	require.Empty(t, problem)
	assert.Equal(t, "Demo 2.0.0 main", chosen[0].text)
	l.search("refused")
	_, problem = l.choose()
	assert.Equal(t, "not yet", problem)
	l.search("nothing")
	_, problem = l.choose()
	assert.Contains(t, problem, "No matches")
}

func TestEditingALine(t *testing.T) {
	f := newField("one two three")
	for _, step := range []struct {
		key, text string
	}{
		{"ctrl+w", "one two "}, {"backspace", "one two"}, {"home", "one two"}, {"delete", "ne two"}, {"right", "ne two"},
		{"ctrl+k", "n"}, {"left", "n"}, {"ctrl+u", "n"}, {"end", "n"}, {"backspace", ""}, {"backspace", ""}, {"delete", ""}, {"left", ""},
	} {
		require.True(t, f.press(step.key))
		assert.Equal(t, step.text, f.text(), step.key)
	}
	f.insert("two\nlines")
	assert.Equal(t, "two lines", f.text())
	assert.False(t, f.press("f5"))
}
