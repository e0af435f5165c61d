package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

//go:embed page.html
var page string

// The template escapes every text for where it stands; nothing is marked as safe.
var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"mark":        mark,
	"word":        word,
	"outcomeMark": func(o Outcome) string { return outcomeMark(o) },
	"moment":      moment,
	"span":        span,
	"plural":      plural,
	"tone":        tone,
	"outcomeTone": outcomeTone,
	"lower":       strings.ToLower,
	"percent":     func(f float64) string { return fmt.Sprintf("%.2f%%", f) },
}).Parse(page))

// HTML returns the report as one page that needs no other file, no script and no network. The error is
// that of the template, which no text from outside can cause.
func (r Report) HTML() ([]byte, error) {
	v := r.view()
	var out bytes.Buffer
	err := pageTemplate.Execute(&out, struct {
		view
		Timeline timeline
	}{v, timelineOf(v)})
	if err != nil {
		return nil, fmt.Errorf("the report's page: %w", err)
	}
	return out.Bytes(), nil
}

// tone is the class of a state in the page's style: good, bad, busy or idle.
func tone(state string) string {
	switch state {
	case stateCompleted:
		return "good"
	case stateFailed, stateError, stateBlocked, string(lifecycle.ErrorEventTimeout):
		return "bad"
	case stateRunning, string(lifecycle.InProgress):
		return "busy"
	}
	return "idle"
}

func outcomeTone(o Outcome) string {
	switch o {
	case Succeeded:
		return "good"
	case Failed, Refused:
		return "bad"
	case Running, Accepted:
		return "busy"
	default:
		return "idle"
	}
}
