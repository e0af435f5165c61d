package behind

import (
	"encoding/json"
	"maps"
	"time"
)

// HistoryEvent is one event of an execution's history, with the details of its type.
type HistoryEvent struct {
	ID       int
	Previous int
	Type     string
	Time     time.Time
	// State is the name of the state that was entered or exited.
	State string
	// Data is the input or the output of the state or of the execution, as JSON.
	Data         string
	Error, Cause string
}

// maxHistory is the most events that Step Functions allows in the history of an execution.
const maxHistory = 25_000

// history collects the events up to the view's time.
type history struct {
	view   View
	events []HistoryEvent
}

// add appends an event if it has happened by the view's time, the execution still ran, and the history has room. It
// reports whether it did.
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

// said returns the output of a state at a time: the lifecycle's id and, if the task has an output, its payload.
func (v View) said(one state, at time.Time) map[string]any {
	out := map[string]any{"lifecycle_id": v.run.LifecycleID}
	if one.output != nil {
		out["Payload"] = map[string]any{"statusCode": 200, "body": one.output(v, at)}
	}
	return out
}

// task adds a task that ends at until. If the run does not get that far, the task does not end.
func (h *history) task(one state, from, until time.Time) {
	h.step("Task", one.name, from, until, h.view.said(one, until), h.view.reaches(until))
}

// poll adds the rounds of a loop that ends at until. If the run does not get that far, the loop goes on until the
// execution ends.
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

// reaches reports whether the run gets to the point that is planned for that time. It does not if its fate takes effect
// by then. A manual run that has not succeeded gets no further than half.
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

// step adds the events that Step Functions records for a state, and reports whether the state has ended.
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
