package ui

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// screen shows questions on a full terminal screen. It implements asker.
type screen struct{ program *tea.Program }

// newScreen returns a screen on the terminal. Its first line shows place, which names the target of the requests.
func newScreen(ctx context.Context, in io.Reader, out io.Writer, environ []string, place string) *screen {
	return &screen{tea.NewProgram(&model{place: place, width: 80, height: 24},
		tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithEnvironment(environ),
		tea.WithoutSignalHandler())}
}

// run shows the questions that flow asks until flow returns, and then restores the terminal. It returns flow's error,
// or the error of the terminal if it cannot be used.
func (s *screen) run(flow func() error) error {
	ended := make(chan error, 1)
	go func() {
		ended <- flow()
		s.program.Quit()
	}()
	_, err := s.program.Run()
	select {
	case flowErr := <-ended:
		return flowErr
	default:
	}
	if errors.Is(err, tea.ErrProgramKilled) { // the context ended, and flow ends with it
		return <-ended
	}
	return err
}

func (s *screen) ask(ctx context.Context, q question) (answer, error) {
	a := &asked{question: q, reply: make(chan reply, 1)}
	s.program.Send(a)
	select {
	case r := <-a.reply:
		return r.answer, r.err
	case <-ctx.Done():
		return answer{}, context.Cause(ctx)
	}
}

func (s *screen) notify(line string) { s.program.Send(notice(line)) }

func (s *screen) copy(text string) bool {
	s.program.Send(copying(text))
	return true
}

// The messages to the model other than keys.
type (
	notice  string
	copying string
	tick    time.Time
	// forget removes the notice with this text.
	forget string
)

type reply struct {
	answer answer
	err    error
}

// asked is a question that is being shown.
type asked struct {
	question
	reply   chan reply
	list    *list
	field   *field
	problem string
	// scrolled is the number of lines that the body is scrolled up from its start position: its beginning, or its end
	// if the question sets tail.
	scrolled int
	answered bool
}

func (a *asked) end(r reply) {
	if !a.answered {
		a.answered = true
		a.reply <- r
	}
}

// model is the state of the screen.
type model struct {
	place         string
	width, height int
	asked         *asked
	notice        string
	showsKeys     bool
	hidden        int // number of entries that do not fit on the screen
}

// refresh is the interval at which a screen that may have changed is redrawn. noticeTime is how long a notice stays.
const (
	refresh    = 250 * time.Millisecond
	noticeTime = 20 * time.Second
)

func nextTick() tea.Cmd { return tea.Tick(refresh, func(t time.Time) tea.Msg { return tick(t) }) }

func (m *model) Init() tea.Cmd { return nextTick() }

func (m *model) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch message := message.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = message.Width, message.Height
	case *asked:
		if message.isField {
			message.field = newField(message.text)
		} else {
			message.list = newList(message.question)
		}
		m.asked, m.showsKeys = message, false
	case notice:
		m.notice = string(message)
		return m, tea.Tick(noticeTime, func(time.Time) tea.Msg { return forget(message) })
	case forget:
		if m.notice == string(message) {
			m.notice = ""
		}
	case copying:
		return m, tea.SetClipboard(string(message))
	case tick:
		if m.asked != nil && m.asked.list != nil {
			m.asked.list.update(m.asked.entries())
		}
		return m, nextTick()
	case tea.PasteMsg:
		m.write(message.Content)
	case tea.KeyPressMsg:
		return m, m.press(message)
	}
	return m, nil
}

// press handles a key.
func (m *model) press(message tea.KeyPressMsg) tea.Cmd {
	// A key that follows Esc immediately arrives as that key with Alt.
	key, a := message.String(), m.asked
	if key == "alt+esc" || key == "alt+ctrl+c" {
		key = strings.TrimPrefix(key, "alt+")
	}
	switch {
	case key == "ctrl+z":
		return tea.Suspend
	case a == nil:
		return nil
	case key == "ctrl+c":
		a.end(reply{err: errQuitKey})
		return nil
	case m.showsKeys:
		m.showsKeys = false
		return nil
	case key == "f1", key == "?" && (a.field != nil && a.field.text() == "" || a.list != nil && a.list.query == ""):
		m.showsKeys = true
		return nil
	}
	a.problem = ""
	switch {
	case key == "esc" && a.list != nil && a.list.query != "":
		a.list.search("")
	case key == "esc":
		a.end(reply{err: errBack})
	case key == "enter":
		m.enter()
	case key == "pgup":
		a.scrolled += m.height / 2
	case key == "pgdown":
		a.scrolled -= m.height / 2
	case a.field != nil:
		if !a.field.press(key) {
			m.write(message.Text)
		}
	default:
		m.pressInList(key, message.Text)
	}
	return nil
}

func (m *model) pressInList(key, text string) {
	l, a := m.asked.list, m.asked
	switch {
	case key == "up", key == "ctrl+p", key == "k" && !a.search:
		l.move(-1)
	case key == "down", key == "ctrl+n", key == "j" && !a.search:
		l.move(1)
	case key == "home":
		l.move(-len(l.all))
	case key == "end":
		l.move(len(l.all))
	case key == "space" && a.several, key == "x" && a.several:
		a.problem = l.toggle()
	case key == "backspace" && l.query != "":
		runes := []rune(l.query)
		l.search(string(runes[:len(runes)-1]))
	case a.search && text != "":
		m.write(text)
	}
}

// write handles text that was typed or pasted.
func (m *model) write(text string) {
	switch a := m.asked; {
	case a == nil || text == "":
	case a.field != nil:
		a.field.insert(text)
	case a.search:
		a.list.search(a.list.query + oneOrMore(text))
	}
}

// oneOrMore returns a typed space unchanged and joins a pasted text into one line.
func oneOrMore(text string) string {
	if text == " " {
		return text
	}
	return oneLine(text)
}

// enter answers the question if the answer is valid. Otherwise it shows the problem.
func (m *model) enter() {
	a := m.asked
	var given answer
	if a.field != nil {
		given.text = a.field.text()
		if a.check != nil {
			a.problem = a.check(given.text)
		}
	} else {
		given.chosen, a.problem = a.list.choose()
	}
	if a.problem == "" {
		a.end(reply{answer: given})
	}
}
