package lifecycle

import "time"

// Took is how long an event took that has completed.
type Took struct {
	Event  Event
	Ended  time.Time
	Length time.Duration
}

// shortestTelling is the shortest length that tells something: dates have whole seconds. The longest is [MaxEvent].
const shortestTelling = 10 * time.Second

// Took returns how long the events of this lifecycle took, as far as its dates prove it. What people decided
// ([Event.IsVerdict]) is not measured.
func (d *Document) Took() []Took {
	took := tookIn(d.Outputs.Events, d.Created.Time, d.Updated.Time)
	if d.InputsPatch != nil && !d.InputsPatch.Updated.IsZero() {
		took = append(took, tookIn(d.Results(Patching), time.Time{}, d.InputsPatch.Updated.Time)...)
	}
	return took
}

// tookIn measures the results of a phase. A build began with its lifecycle, at created. Any other event began when
// the result before it came (docs/wire-contract.md, "How an event goes", 3), or with the last request, at asked, if
// that came later. Of several requests only the last is dated: an event that ended before it proves nothing, for it
// may have been asked for days after the result before it.
func tookIn(results []Result, created, asked time.Time) []Took {
	var took []Took
	var before time.Time // the end of the result before
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
