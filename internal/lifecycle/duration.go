package lifecycle

import "time"

// EventDuration is the duration of a completed event.
type EventDuration struct {
	Event  Event
	Ended  time.Time
	Length time.Duration
}

// shortestMeasured is the shortest duration that is reported: dates have whole seconds, so a shorter one is too
// inexact. The longest is [MaxEvent].
const shortestMeasured = 10 * time.Second

// EventDurations returns the durations of the completed events of the creation and of the current patch, as far as the
// dates in the document prove them. Decisions of people ([Event.IsVerdict]) are not measured.
func (d *Document) EventDurations() []EventDuration {
	durations := durationsIn(d.Outputs.Events, d.Created.Time, d.Updated.Time)
	if d.InputsPatch != nil && !d.InputsPatch.Updated.IsZero() {
		durations = append(durations, durationsIn(d.Results(Patching), time.Time{}, d.InputsPatch.Updated.Time)...)
	}
	return durations
}

// durationsIn measures the results of a phase. A build began with its lifecycle, at created. Any other event began at
// the time of the result before it (docs/wire-contract.md, "How an event goes", 3), or at asked, the time of the last
// request, if that was later. The document has no date of earlier requests, so the start of an event that ended before
// asked is unknown: it may have been requested days after the result before it.
func durationsIn(results []Result, created, asked time.Time) []EventDuration {
	var durations []EventDuration
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
		if start.IsZero() || length < shortestMeasured || length > MaxEvent ||
			result.Status != Completed || result.Name.IsVerdict() {
			continue
		}
		durations = append(durations, EventDuration{Event: result.Name, Ended: end, Length: length})
	}
	return durations
}
