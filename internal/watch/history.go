package watch

import (
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// History is how long the events took of the lifecycles that were seen anyway. It asks nobody for anything. The
// zero History knows nothing.
type History struct {
	took map[earlierEvent]time.Duration
}

// earlierEvent is one event that has ended. kind is its documented name: the smoke tests of a creation and those of a patch
// are the same to an image.
type earlierEvent struct {
	lifecycleID, stackTag, kind string
	ended                       time.Time
}

// Add takes in what a document proves ([lifecycle.Document.Took]). What it has seen before is counted once.
func (h *History) Add(document *lifecycle.Document) {
	for _, took := range document.Took() {
		if h.took == nil {
			h.took = map[earlierEvent]time.Duration{}
		}
		h.took[earlierEvent{document.ID, document.StackTag, took.Event.String(), took.Ended}] = took.Length
	}
}

// Usual is how long events of one kind took. The zero Usual says that nothing is known.
type Usual struct {
	Median, Shortest time.Duration
	// Events is how many events say so.
	Events int
}

// Usual returns how long events of this one's kind took with the stack tag.
func (h *History) Usual(stackTag string, event lifecycle.Event) Usual {
	if h == nil {
		return Usual{}
	}
	var lengths []time.Duration
	for earlier, length := range h.took {
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

// soonest is the length that an event is not expected to stay below.
func (u Usual) soonest() time.Duration { return u.Shortest * 4 / 5 }
