package lifecycle

import "slices"

// HasFailedPermanently reports whether the event is a test of the current patch that has a FAILED result. The server
// never replaces that result and refuses the events after it, although it keeps repeating the test. Only a new patch helps
// (docs/wire-contract.md, "What a client must not be fooled by").
func (d *Document) HasFailedPermanently(event Event) bool {
	if event.Phase() != Patching || event == PatchAMI || event.IsVerdict() {
		return false
	}
	return slices.ContainsFunc(d.Results(Patching), func(r Result) bool { return r.Name == event && r.Status == Failed })
}

// OpenEvents returns the events that determine the stage of the lifecycle: the events of the current phase that the
// latest request enabled or that have a result, in their order, and the event in progress. While a new patch is in
// progress or has ended in an error, the results of the patch before it do not count.
//
// Unknown events, and an event in progress of the other phase, come last, unless they have completed. The meaning of
// an unknown event is not known, but a lifecycle in which one has not completed must not count as approved.
func (d *Document) OpenEvents() []Event {
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
