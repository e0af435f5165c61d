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

// Open returns the events of the current phase that say how the lifecycle stands, in their order: those that
// were asked for last, the one in progress, and those that have a result. Once a new patch was started, the
// results of the patch before it say nothing any more.
func (d *Document) Open() []Event {
	phase := d.CurrentPhase()
	asked := d.Enabled(phase)
	return slices.DeleteFunc(phase.Order(), func(event Event) bool {
		if d.Running != nil && d.Running.Name == event {
			return false
		}
		hasResult := d.ResultOf(event) != nil && (phase == Creation || !d.IsPatching())
		return !hasResult && !slices.Contains(asked, event)
	})
}
