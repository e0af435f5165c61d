package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// phases returns a row for each event of the creation and, if there is a patch, of the patch. Events with unknown names
// follow, because a server may have new ones. Without a document, only the events of the operation have rows: whether the
// others have started is unknown.
func (r Report) phases(document *lifecycle.Document, clean cleaner) []phase {
	wanted := []lifecycle.Phase{lifecycle.Creation}
	patched := document.CurrentPhase() == lifecycle.Patching || document.PatchOutputs.History.Current != nil
	if patched || slices.ContainsFunc(r.Events, func(e Event) bool { return e.Event.Phase() == lifecycle.Patching }) {
		wanted = append(wanted, lifecycle.Patching)
	}
	var phases []phase
	for _, p := range wanted {
		shown := phase{Name: "Creation", IsCurrent: p == r.about(document)}
		if p == lifecycle.Patching {
			shown.Name = "Patch"
		}
		for _, event := range eventsOf(document, p) {
			if r.Document != nil || r.saw(event) {
				shown.Rows = append(shown.Rows, r.row(document, p, event, clean))
			}
		}
		phases = append(phases, shown)
	}
	last := &phases[len(phases)-1]
	for _, event := range r.Events {
		if event.Event.Phase() == "" && !hasResult(document, event.Event) && len(last.Rows) < maxRows {
			last.Rows = append(last.Rows, r.row(document, "", event.Event, clean))
		}
	}
	return slices.DeleteFunc(phases, func(p phase) bool { return len(p.Rows) == 0 })
}

func hasResult(document *lifecycle.Document, event lifecycle.Event) bool {
	return lifecycle.NewestOf(document.Results(lifecycle.Creation), event) != nil || lifecycle.NewestOf(document.Results(lifecycle.Patching), event) != nil
}

func (r Report) saw(event lifecycle.Event) bool {
	return slices.ContainsFunc(r.Events, func(e Event) bool { return e.Event == event })
}

// eventsOf returns the events of a phase in their order, followed by those with unknown names.
func eventsOf(document *lifecycle.Document, p lifecycle.Phase) []lifecycle.Event {
	events := p.Order()
	for _, result := range document.Results(p) {
		if !slices.Contains(events, result.Name) && len(events) < maxRows {
			events = append(events, result.Name)
		}
	}
	if running := document.Running; running != nil && running.Name.Phase() == "" && p == document.CurrentPhase() &&
		!slices.Contains(events, running.Name) {
		events = append(events, running.Name)
	}
	return events
}

// row returns the row of an event. It uses what the operation saw, and the document for the rest.
func (r Report) row(document *lifecycle.Document, p lifecycle.Phase, event lifecycle.Event, clean cleaner) row {
	known := documentRow(document, p, event)
	seen := known
	var steps []Step
	if i := slices.IndexFunc(r.Events, func(e Event) bool { return e.Event == event }); i >= 0 {
		e := r.Events[i]
		steps = e.Steps
		seen = row{State: cmp.Or(e.State, known.State), Started: e.Started, Ended: e.Ended, Detail: cmp.Or(e.Detail, known.Detail)}
		if seen.Started.IsZero() {
			seen.Started = known.Started
		}
		if seen.Ended.IsZero() && seen.State == known.State {
			seen.Ended = known.Ended
		}
	}
	switch {
	case seen.Started.IsZero():
	case !seen.Ended.IsZero():
		seen.Took = max(0, seen.Ended.Sub(seen.Started))
	case seen.State == stateRunning && !r.Now.IsZero():
		seen.Took = max(0, r.Now.Sub(seen.Started))
	}
	seen.Title = clean.name(event.Title())
	seen.State = clean.name(seen.State)
	seen.Detail = clean.line(seen.Detail, maxNote)
	seen.Steps = stepsOf(steps, seen, r.Now, clean)
	return seen
}

// documentRow returns the row of an event from the document alone. The document has the start of the latest execution
// only. A build is assumed to start when the lifecycle is created. The start of other events is unknown.
func documentRow(document *lifecycle.Document, p lifecycle.Phase, event lifecycle.Event) row {
	if running := document.Running; running != nil && running.Name == event {
		r := row{State: stateRunning, Started: running.Started.Time}
		if !running.IsRunning() {
			r.State, r.Ended, r.Detail = string(running.Status), running.StatusDate.Time, running.ErrorMessage
		}
		return r
	}
	var r row
	if result := lifecycle.NewestOf(document.Results(p), event); result != nil {
		r.State, r.Ended = string(result.Status), result.StatusDate.Time
		r.Detail = cmp.Or(result.CertificationStatus, result.ApprovalStatus)
		if result.Findings != nil && !result.Findings.Unreadable {
			r.Detail = plural(result.Findings.Total, "finding")
		}
		if event == lifecycle.BuildAMI {
			r.Started = document.Created.Time
		}
	} else if slices.Contains(document.Enabled(p), event) {
		r.State = stateWaiting
	}
	return r
}

// mark returns a symbol for a state, for the tables in Markdown.
func mark(state string) string {
	switch state {
	case stateCompleted:
		return "✅"
	case stateFailed, stateError, string(lifecycle.ErrorEventTimeout):
		return "❌"
	case stateBlocked:
		return "⛔"
	case stateRunning, string(lifecycle.InProgress):
		return "🔄"
	case stateWaiting:
		return "🕓"
	case "":
		return "▫️"
	}
	return "❔"
}

// word returns the words for a state in a sentence.
func word(state string) string {
	switch state {
	case stateCompleted:
		return "completed"
	case stateFailed:
		return "failed"
	case stateError:
		return "ended in an error"
	case string(lifecycle.ErrorEventTimeout):
		return "timed out at the orchestrator"
	case stateBlocked:
		return "blocked"
	case stateRunning, string(lifecycle.InProgress):
		return "running"
	case stateWaiting:
		return "waiting"
	case "":
		return "not started"
	}
	return state
}

func outcomeMark(o Outcome) string {
	switch o {
	case Succeeded:
		return "✅"
	case Failed, Refused, NotStarted, NotFound:
		return "❌"
	case TimedOut, Interrupted:
		return "⏸️"
	case Running, Accepted:
		return "🔄"
	case "":
		return ""
	default:
		return "❔"
	}
}

// tone returns the CSS class of a state: good, bad, busy or idle.
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
	case Failed, Refused, NotStarted:
		return "bad"
	case Running, Accepted:
		return "busy"
	default:
		return "idle"
	}
}

// moment formats a time in UTC. It returns "" for the zero time.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// span formats a duration with its two largest units. It returns "" for less than a second.
func span(d time.Duration) string {
	seconds := int(d.Round(time.Second) / time.Second)
	switch {
	case seconds < 1:
		return ""
	case seconds < 60:
		return fmt.Sprintf("%ds", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%dm %02ds", seconds/60, seconds%60)
	case seconds < 24*3600:
		return fmt.Sprintf("%dh %02dm", seconds/3600, seconds/60%60)
	}
	return fmt.Sprintf("%dd %02dh", seconds/86400, seconds/3600%24)
}

func plural(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
