package watch

import (
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// History collects how long earlier events took, from documents that were fetched for other reasons. It sends no
// requests. The zero History is empty.
type History struct {
	lengths map[earlierEvent]time.Duration
}

// earlierEvent identifies one event that has ended. kind is its documented name, which the events of a creation and of a
// patch share: smoke tests take the same time in both.
type earlierEvent struct {
	lifecycleID, stackTag, kind string
	ended                       time.Time
}

// Add adds the events whose length the document proves ([lifecycle.Document.EventDurations]). An event that was added
// before is not counted again.
func (h *History) Add(document *lifecycle.Document) {
	for _, one := range document.EventDurations() {
		if h.lengths == nil {
			h.lengths = map[earlierEvent]time.Duration{}
		}
		h.lengths[earlierEvent{document.ID, document.StackTag, one.Event.String(), one.Ended}] = one.Length
	}
}

// Usual is how long events of one kind took. The zero Usual means that this is unknown.
type Usual struct {
	Median, Shortest time.Duration
	// Events is the number of events that were measured.
	Events int
}

// Usual returns how long events of the same kind took for the stack tag. A nil History returns the zero Usual.
func (h *History) Usual(stackTag string, event lifecycle.Event) Usual {
	if h == nil {
		return Usual{}
	}
	var lengths []time.Duration
	for earlier, length := range h.lengths {
		if earlier.stackTag == stackTag && earlier.kind == event.String() {
			lengths = append(lengths, length)
		}
	}
	return usualOf(lengths)
}

func usualOf(lengths []time.Duration) Usual {
	if len(lengths) == 0 {
		return Usual{}
	}
	slices.Sort(lengths)
	middle := len(lengths) / 2
	median := lengths[middle]
	if len(lengths)%2 == 0 {
		median = (lengths[middle-1] + median) / 2
	}
	return Usual{Median: median, Shortest: lengths[0], Events: len(lengths)}
}

// soonest returns the least time that an event is expected to take.
func (u Usual) soonest() time.Duration { return u.Shortest * 4 / 5 }
