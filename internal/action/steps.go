package action

import (
	"slices"
	"time"

	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/report"
	"github.com/org/ami-action/internal/watch"
)

// innerSteps collects the steps inside the events of a wait: each state of the state machine, from when it was first
// entered, and each step of Image Builder's workflows. A look sees only the current state of the state machine, so a state
// that begins and ends between two looks is missing.
type innerSteps map[lifecycle.Event]*eventSteps

type eventSteps struct {
	execution         string
	states, workflows []report.Step
}

// take adds what a look has seen. A new execution of an event replaces the steps of the previous one.
func (s innerSteps) take(seen insight.Report) {
	event := s[seen.Event.Name]
	if event == nil || event.execution != seen.Event.ExecutionARN {
		event = &eventSteps{execution: seen.Event.ExecutionARN}
		s[seen.Event.Name] = event
	}
	if name, entered := seen.State.Name, seen.State.Entered; name != "" && !entered.IsZero() && !isIn(event.states, name) {
		if last := len(event.states) - 1; last >= 0 {
			event.states[last].State, event.states[last].Ended = string(watch.Completed), entered
		}
		event.states = append(event.states, report.Step{Name: name, State: string(watch.Running), Started: entered})
	}
	for _, step := range seen.Steps {
		if step.Started.IsZero() {
			continue
		}
		one := report.Step{Name: step.Name, State: step.Status, Started: step.Started, Ended: step.Ended}
		if i := slices.IndexFunc(event.workflows, func(s report.Step) bool { return s.Name == step.Name }); i >= 0 {
			event.workflows[i] = one
			continue
		}
		event.workflows = append(event.workflows, one)
	}
}

func isIn(steps []report.Step, name string) bool {
	return slices.ContainsFunc(steps, func(s report.Step) bool { return s.Name == name })
}

// of returns the steps of an event, whose own state is given. A step that was still running when it was last seen gets the
// state of its event.
func (s innerSteps) of(event lifecycle.Event, state watch.State) []report.Step {
	seen := s[event]
	if seen == nil {
		return nil
	}
	steps := slices.Concat(seen.states, seen.workflows)
	slices.SortStableFunc(steps, func(a, b report.Step) int { return a.Started.Compare(b.Started) })
	for i := range steps {
		if steps[i].Ended.IsZero() && steps[i].State == string(watch.Running) {
			steps[i].State = string(state)
		}
	}
	return steps
}

// endOf returns when an event that can never complete ended, as far as the look shows.
func endOf(seen insight.Report) time.Time {
	var failed time.Time
	if step := seen.Final.WorkflowStep; step != nil {
		failed = step.Ended
	}
	for _, at := range []time.Time{failed, seen.Execution.Stopped} {
		if !at.IsZero() {
			return at
		}
	}
	return seen.SeenAt
}
