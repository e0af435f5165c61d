package lifecycle

import "slices"

// HasFailedForGood reports whether the event is a test of the current patch whose result is FAILED. The
// server never replaces that result and refuses what comes after it, though it repeats the test again and
// again: only a new patch helps (docs/wire-contract.md, "What a client must not be fooled by").
func (d *Document) HasFailedForGood(event Event) bool {
	if event.Phase() != Patching || event == PatchAMI || event.IsVerdict() {
		return false
	}
	return slices.ContainsFunc(d.Results(Patching), func(r Result) bool { return r.Name == event && r.Status == Failed })
}

// Open returns the events that say how the lifecycle stands: those of the current phase that were asked for last
// or have a result, in their order, and the one in progress, whichever it is. Once a new patch was started, the
// results of the patch before it say nothing any more.
//
// Events of other names come last, unless they have completed. This version does not know what they mean, but
// nobody may take a lifecycle for well in which one of them is not.
func (d *Document) Open() []Event {
	phase := d.CurrentPhase()
	asked := d.Enabled(phase)
	results := d.Results(phase)
	if phase == Patching && d.IsPatching() {
		results = nil
	}
	var known, others []Event
	hasResult := map[Event]Status{}
	for _, result := range results {
		hasResult[result.Name] = result.Status
		others = append(others, result.Name)
	}
	isRunning := func(event Event) bool { return d.Running != nil && d.Running.Name == event }
	for _, event := range phase.Order() {
		if _, ended := hasResult[event]; ended || isRunning(event) || slices.Contains(asked, event) {
			known = append(known, event)
		}
	}
	others = append(others, asked...)
	if d.Running != nil {
		others = append(others, d.Running.Name)
	}
	for _, event := range others {
		isWell := hasResult[event] == Completed && !isRunning(event)
		if !isWell && !slices.Contains(phase.Order(), event) && !slices.Contains(known, event) {
			known = append(known, event)
		}
	}
	return known
}
