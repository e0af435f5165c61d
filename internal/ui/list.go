package ui

import (
	"slices"
	"strings"
)

// list holds the entries of a question that is being shown, with the cursor, the search text and the marked entries.
type list struct {
	all     []entry
	query   string
	at      int // index of the cursor in shown()
	marked  map[string]bool
	several bool
}

func newList(q question) *list {
	l := &list{several: q.several, marked: map[string]bool{}}
	l.update(q.entries())
	l.at = max(0, slices.IndexFunc(l.all, func(e entry) bool { return e.refusal == "" }))
	return l
}

// update replaces the entries and keeps the cursor on its entry, if that is still there.
func (l *list) update(entries []entry) {
	current, isAny := l.current()
	l.all = entries
	if isAny {
		if i := slices.IndexFunc(l.shown(), func(e entry) bool { return e.text == current.text }); i >= 0 {
			l.at = i
		}
	}
	l.at = min(l.at, max(0, len(l.shown())-1))
}

// shown returns the entries that match the search text: each of its words must occur in the entry.
func (l *list) shown() []entry {
	if l.query == "" {
		return l.all
	}
	return slices.DeleteFunc(slices.Clone(l.all), func(e entry) bool {
		text := strings.ToLower(e.text + " " + e.detail + " " + e.refusal)
		return slices.ContainsFunc(strings.Fields(strings.ToLower(l.query)), func(word string) bool { return !strings.Contains(text, word) })
	})
}

func (l *list) current() (entry, bool) {
	shown := l.shown()
	if l.at < 0 || l.at >= len(shown) {
		return entry{}, false
	}
	return shown[l.at], true
}

// move moves the cursor by a number of entries. A single step past one end wraps around to the other.
func (l *list) move(by int) {
	count := len(l.shown())
	if count == 0 {
		return
	}
	switch at := l.at + by; {
	case by == 1 && at == count:
		l.at = 0
	case by == -1 && at < 0:
		l.at = count - 1
	default:
		l.at = max(0, min(at, count-1))
	}
}

func (l *list) search(query string) { l.query, l.at = query, 0 }

// toggle marks the entry at the cursor, or removes its mark. It returns why that entry cannot be selected, or "".
func (l *list) toggle() (refusal string) {
	e, ok := l.current()
	if !ok {
		return ""
	}
	if e.refusal == "" {
		l.marked[e.text] = !l.marked[e.text]
	}
	return e.refusal
}

// choose returns the selected entries: the marked ones in their order, or the entry at the cursor if none is marked. If
// nothing can be selected, problem says why.
func (l *list) choose() (chosen []entry, problem string) {
	if current, ok := l.current(); l.several && (!ok || current.value != any(wayBack{})) {
		for _, e := range l.all {
			if l.marked[e.text] && e.refusal == "" {
				chosen = append(chosen, e)
			}
		}
		if len(chosen) > 0 {
			return chosen, ""
		}
	}
	e, ok := l.current()
	switch {
	case !ok:
		return nil, "No matches. Press Backspace to widen the search."
	case e.refusal != "":
		return nil, e.refusal
	}
	return []entry{e}, ""
}
