package lifecycle

import "time"

// Took is the duration of a completed event.
type Took struct {
	Event  Event
	Ended  time.Time
	Length time.Duration
}

// shortestTelling is the shortest duration that is reported: dates have whole seconds, so a shorter one is too
// inexact. The longest is [MaxEvent].
const shortestTelling = 10 * time.Second

// Took returns the durations of the completed events of the creation and of the current patch, as far as the dates in
// the document prove them. Decisions of people ([Event.IsVerdict]) are not measured.
func (d *Document) Took() []Took {
	took := tookIn(d.Outputs.Events, d.Created.Time, d.Updated.Time)
	if d.InputsPatch != nil && !d.InputsPatch.Updated.IsZero() {
		took = append(took, tookIn(d.Results(Patching), time.Time{}, d.InputsPatch.Updated.Time)...)
	}
	return took
}

// tookIn measures the results of a phase. A build began with its lifecycle, at created. Any other event began at the
// time of the result before it (docs/wire-contract.md, "How an event goes", 3), or at asked, the time of the last
// request, if that was later. The document has no date of earlier requests, so the start of an event that ended before
// asked is unknown: it may have been requested days after the result before it.
func tookIn(results []Result, created, asked time.Time) []Took {
	var took []Took
	var before time.Time // the date of the result before
	for _, result := range results {
		start, end := before, result.StatusDate.Time
		before = end
		switch {
		case result.Name == BuildAMI:
			start = created
		case asked.After(end):
			continue
		case asked.After(start):
			start = asked
		}
		length := end.Sub(start)
		if start.IsZero() || length < shortestTelling || length > MaxEvent ||
			result.Status != Completed || result.Name.IsVerdict() {
			continue
		}
		took = append(took, Took{Event: result.Name, Ended: end, Length: length})
	}
	return took
}
