package ui

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// lines asks questions as plain lines of text, for screen readers and for terminals that cannot move the cursor. It
// implements asker.
type lines struct {
	mu    sync.Mutex
	out   io.Writer
	typed <-chan string // closed at the end of the input
}

// newLines returns an asker that reads lines from in until it ends.
func newLines(in io.Reader, out io.Writer) *lines {
	typed := make(chan string)
	go func() {
		defer close(typed)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			typed <- scanner.Text()
		}
	}()
	return &lines{out: out, typed: typed}
}

func (l *lines) say(format string, arguments ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.out, format, arguments...)
}

func (l *lines) notify(line string) { l.say("\n* %s\n", line) }

func (l *lines) copy(string) bool { return false }

// The commands that can be typed instead of an answer, and the help that explains them.
const (
	typeBack  = ":b"
	typeLeave = ":q"
	linesKeys = "Type the number of an entry and press Enter. To select several entries, separate their numbers with " +
		"spaces. In a list of lifecycles, type words to search. Type :b to go back, :q to quit, or ? for this help. " +
		"Press Enter to accept the value in brackets, or to show a list again.\n"
)

// maxListed is the largest number of entries that are listed at once.
const maxListed = 20

func (l *lines) ask(ctx context.Context, q question) (answer, error) {
	query, isNew, told := "", true, 0
	for {
		shown := l.entriesOf(q, query)
		if isNew {
			l.show(q, shown)
			if q.progress != nil {
				told = len(q.progress())
			}
		}
		text, err := l.next(ctx, q, &told)
		if err != nil {
			return answer{}, err
		}
		isNew = true
		switch text = strings.TrimSpace(text); {
		case text == typeBack:
			return answer{}, errBack
		case text == typeLeave:
			return answer{}, errQuitKey
		case text == "?":
			l.say("%s", linesKeys)
		case q.isField:
			if text == "" {
				text = q.text
			}
			problem := ""
			if q.check != nil {
				problem = q.check(text)
			}
			if problem == "" {
				return answer{text: text}, nil
			}
			l.say("%s\n", problem)
		case text == "":
			query = ""
		default:
			chosen, problem := chosenBy(text, shown, q.several)
			switch {
			case problem != "" && q.search && !isNumber(text):
				query = text
			case problem != "":
				l.say("%s\n", problem)
				isNew = false
			default:
				return answer{chosen: chosen}, nil
			}
		}
	}
}

// next returns the next line that the user types, and prints new progress lines meanwhile. told counts the progress lines
// that have been printed.
func (l *lines) next(ctx context.Context, q question, told *int) (string, error) {
	ticker := time.NewTicker(refresh)
	defer ticker.Stop()
	for {
		select {
		case text, ok := <-l.typed:
			if !ok {
				return "", errQuitKey
			}
			return text, nil
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-ticker.C:
			if q.progress == nil {
				continue
			}
			for _, line := range q.progress()[*told:] {
				l.say("%s\n", line)
				*told++
			}
		}
	}
}

func (l *lines) entriesOf(q question, query string) []entry {
	if q.isField {
		return nil
	}
	list := &list{all: q.entries(), query: query}
	return list.shown()
}

func (l *lines) show(q question, shown []entry) {
	l.say("\n%s\n", q.title)
	if q.body != nil {
		if body := strings.TrimRight(q.body(), "\n"); body != "" {
			l.say("%s\n", body)
		}
	}
	for i, e := range shown[:min(len(shown), maxListed)] {
		line := fmt.Sprintf("%d. %s", i+1, e.text)
		if e.detail != "" {
			line += ", " + e.detail
		}
		if e.refusal != "" {
			line += ". Unavailable: " + e.refusal
		}
		l.say("%s\n", line)
	}
	switch {
	case q.isField && q.text != "":
		l.say("[%s]: ", q.text)
	case q.isField:
		l.say(": ")
	case len(shown) > maxListed:
		l.say("%d more entries. Type words to search.\n", len(shown)-maxListed)
	case len(shown) == 0 && q.search:
		l.say("No matches. Press Enter to show all entries.\n")
	}
	if !q.isField && len(shown) > 0 {
		l.say("Enter a number, or ? for help: ")
	}
}

func isNumber(text string) bool {
	_, err := strconv.Atoi(text)
	return err == nil
}

// chosenBy returns the entries whose numbers were typed. If the text is not valid, problem says why.
func chosenBy(text string, shown []entry, several bool) (chosen []entry, problem string) {
	words := strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' })
	if len(words) > 1 && !several {
		return nil, "You can select only one entry."
	}
	var numbers []int
	for _, word := range words {
		number, err := strconv.Atoi(word)
		if err != nil || number < 1 || number > len(shown) {
			return nil, fmt.Sprintf("There is no entry %q. Enter a number from 1 to %d.", oneLine(word), len(shown))
		}
		numbers = append(numbers, number)
	}
	slices.Sort(numbers)
	for _, number := range slices.Compact(numbers) {
		e := shown[number-1]
		if e.refusal != "" {
			return nil, e.text + " is unavailable: " + e.refusal
		}
		chosen = append(chosen, e)
	}
	return chosen, ""
}
