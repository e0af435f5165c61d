package behind

import (
	"encoding/json"
	"maps"
	"time"
)

// HistoryEvent is one event of an execution's history, with the members of its type's details.
type HistoryEvent struct {
	ID       int
	Previous int
	Type     string
	Time     time.Time
	// State is the name of the state that was entered or exited.
	State string
	// Data is the JSON of what went into it or came out of it.
	Data         string
	Error, Cause string
}

// maxHistory is how many events Step Functions lets an execution have.
const maxHistory = 25_000

// history collects the events that have happened by the view's time.
type history struct {
	view   View
	events []HistoryEvent
}

// add appends an event, and reports whether it has happened by now.
func (h *history) add(at time.Time, kind, state string, data map[string]any) bool {
	last := h.view.at
	if stopped := h.view.stopped(); !stopped.IsZero() {
		last = stopped
	}
	if at.After(last) || len(h.events) >= maxHistory-1 {
		return false
	}
	event := HistoryEvent{ID: len(h.events) + 1, Previous: len(h.events), Type: kind, Time: at, State: state}
	if data != nil {
		text, err := json.Marshal(data)
		if err != nil {
			text = []byte("{}")
		}
		event.Data = string(text)
	}
	h.events = append(h.events, event)
	return true
}

// History returns the execution's history so far, oldest event first.
func (v View) History() []HistoryEvent {
	h := &history{view: v}
	h.add(v.run.Started, "ExecutionStarted", "", v.input())
	from := v.run.Started
	for _, one := range statesOf(v.run.Event) {
		until := v.when(one.until)
		switch {
		case one.wait != "":
			h.poll(one, from, until)
		default:
			h.task(one, from, until)
		}
		if !v.reaches(until) {
			break
		}
		from = until
	}
	if execution := v.Execution(); execution.Status != running {
		kind := map[string]string{
			succeeded: "ExecutionSucceeded", failed: "ExecutionFailed", timedOut: "ExecutionTimedOut", aborted: "ExecutionAborted",
		}[execution.Status]
		h.add(execution.Stopped, kind, "", nil)
		last := &h.events[len(h.events)-1]
		last.Error, last.Cause = execution.Error, execution.Cause
	}
	return h.events
}

func (v View) input() map[string]any {
	input := map[string]any{"lifecycle_id": v.run.LifecycleID}
	maps.Copy(input, v.run.Input)
	return input
}

// said is what comes out of a state: what came into the execution, with what the task has said.
func (v View) said(one state, at time.Time) map[string]any {
	out := map[string]any{"lifecycle_id": v.run.LifecycleID}
	if one.output != nil {
		out["Payload"] = map[string]any{"statusCode": 200, "body": one.output(v, at)}
	}
	return out
}

// task adds a task that ends at a time, unless the run does not get so far.
func (h *history) task(one state, from, until time.Time) {
	h.step("Task", one.name, from, until, h.view.said(one, until), h.view.reaches(until))
}

// poll adds a loop that ends at a time; it goes on for ever where the run does not get so far.
func (h *history) poll(one state, from, until time.Time) {
	length := h.view.run.Ends.Sub(h.view.run.Started)
	for at := from; ; {
		every := min(one.every, max(length/10, time.Millisecond))
		if at.After(h.view.run.Ends) {
			every = one.every
		}
		isLast := h.view.reaches(until) && !at.Add(every).Before(until)
		next := at.Add(every)
		if isLast {
			next = until
		}
		asked := at.Add(next.Sub(at) * 3 / 4)
		if !h.step("Wait", one.wait, at, asked, nil, true) ||
			!h.step("Task", one.name, asked, next, h.view.said(one, next), true) ||
			!h.step("Choice", one.choice, next, next, nil, true) || isLast {
			return
		}
		at = next
	}
}

// reaches reports whether the run ever gets to a time on its way, or its fate or a person stops it before.
func (v View) reaches(at time.Time) bool {
	switch {
	case v.run.Status == succeeded:
		return true
	case v.run.Fate != "" && !at.Before(v.fateAt()):
		return false
	case v.run.Manual:
		return !at.After(v.when(half))
	}
	return true
}

// step adds a state with the events that Step Functions shows for it, and reports whether it has ended.
func (h *history) step(kind, name string, from, until time.Time, out map[string]any, ends bool) bool {
	if !h.add(from, kind+"StateEntered", name, map[string]any{"lifecycle_id": h.view.run.LifecycleID}) {
		return false
	}
	if kind == "Task" {
		h.add(from, "TaskScheduled", "", nil)
		h.add(from, "TaskStarted", "", nil)
	}
	if !ends {
		return false
	}
	if kind == "Task" && !h.add(until, "TaskSucceeded", "", nil) {
		return false
	}
	return h.add(until, kind+"StateExited", name, out)
}
