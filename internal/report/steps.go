package report

import "time"

// maxSteps is the maximum number of steps that are shown for one event.
const maxSteps = 25

// stepsOf returns the steps of an event, with their times limited to those of the event's bar, because clocks differ. A
// step with an unknown end lasts as long as its event. If the event has no bar, there are no steps.
func stepsOf(steps []Step, event row, now time.Time, clean cleaner) []step {
	first, last := barOf(event, now)
	if !first.Before(last) {
		return nil
	}
	within := func(t time.Time) time.Time {
		switch {
		case t.Before(first):
			return first
		case t.After(last):
			return last
		}
		return t.UTC()
	}
	var shown []step
	for _, one := range steps {
		if one.Started.IsZero() || len(shown) == maxSteps {
			continue
		}
		end := last
		if !one.Ended.IsZero() {
			end = within(one.Ended)
		}
		start := within(one.Started)
		shown = append(shown, step{Title: clean.name(one.Name), State: clean.name(one.State), Started: start, Ended: later(start, end)})
	}
	return shown
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
