package report

import (
	"cmp"
	"slices"
	"time"
)

// bar is an event, or a step of one, on the timeline of the page. Left and Width are in percent of the timeline's width.
type bar struct {
	Title, State, Label string
	Begins              string // the name of the phase, on the first bar of each phase if there are several
	Left, Width         float64
	IsPoint             bool // only the end of the event is known
	IsStep              bool // a step of the event above it
}

// pause is a time without a known event that is drawn shorter than it was.
type pause struct {
	Left, Width float64
	Label       string
}

// timeline holds all bars on one scale.
type timeline struct {
	Bars        []bar
	Pauses      []pause
	First, Last string
	HasPoints   bool
}

// pauseWidth is the width of a shortened pause, in percent.
const pauseWidth = 3.0

// stretch is a part of the scale, either with events or a pause.
type stretch struct {
	start, end time.Time
	left       float64
	width      float64
	isPause    bool
}

// timelineOf returns the layout of the events. An image may wait days for its approval after an hour of work. Pauses that
// are longer than half of all the work are therefore shortened; otherwise, only pauses would be visible.
func timelineOf(v view) timeline {
	var spans []stretch
	for _, phase := range v.Phases {
		for _, row := range phase.Rows {
			if start, end := barOf(row, v.Now); !end.IsZero() {
				spans = append(spans, stretch{start: start, end: end})
			}
		}
	}
	scale := scaleOf(spans)
	if len(scale) == 0 {
		return timeline{}
	}
	line := timeline{First: moment(scale[0].start), Last: moment(scale[len(scale)-1].end)}
	for _, s := range scale {
		if s.isPause {
			line.Pauses = append(line.Pauses, pause{s.left, s.width, span(s.end.Sub(s.start))})
		}
	}
	for _, phase := range v.Phases {
		begins := phase.Name
		if len(v.Phases) == 1 {
			begins = ""
		}
		for _, row := range phase.Rows {
			start, end := barOf(row, v.Now)
			if end.IsZero() {
				continue
			}
			left := position(scale, start)
			line.Bars = append(line.Bars, bar{
				Title: row.Title, State: row.State, Label: span(row.Took), Begins: begins,
				Left: left, Width: position(scale, end) - left, IsPoint: start.Equal(end),
			})
			line.HasPoints = line.HasPoints || start.Equal(end)
			begins = ""
			for _, s := range row.Steps {
				left := position(scale, s.Started)
				line.Bars = append(line.Bars, bar{
					Title: s.Title, State: s.State, Label: span(s.Ended.Sub(s.Started)), Left: left, Width: position(scale, s.Ended) - left, IsStep: true,
				})
			}
		}
	}
	return line
}

// scaleOf merges overlapping spans and those with short pauses between them, and returns the result with the long pauses,
// laid out over the whole width.
func scaleOf(spans []stretch) []stretch {
	if len(spans) == 0 {
		return nil
	}
	slices.SortFunc(spans, func(a, b stretch) int { return cmp.Or(a.start.Compare(b.start), a.end.Compare(b.end)) })
	joined := spans[:1:1]
	for _, s := range spans[1:] {
		if last := &joined[len(joined)-1]; s.start.After(last.end) {
			joined = append(joined, s)
		} else if s.end.After(last.end) {
			last.end = s.end
		}
	}
	var busy time.Duration
	for _, s := range joined {
		busy += s.end.Sub(s.start)
	}
	longest := max(busy/2, time.Minute)
	scale := joined[:1:1]
	for _, s := range joined[1:] {
		last := &scale[len(scale)-1]
		if s.start.Sub(last.end) <= longest {
			last.end = s.end
			continue
		}
		scale = append(scale, stretch{start: last.end, end: s.start, isPause: true}, s)
	}
	spread(scale)
	return scale
}

func spread(scale []stretch) {
	var shown time.Duration
	pauses := 0
	for _, s := range scale {
		if s.isPause {
			pauses++
			continue
		}
		shown += s.end.Sub(s.start)
	}
	// The pauses together take at most half of the width.
	each := min(pauseWidth, 50/float64(max(pauses, 1)))
	rest := 100 - each*float64(pauses)
	left := 0.0
	for i := range scale {
		s := &scale[i]
		s.left, s.width = left, each
		if !s.isPause {
			s.width = rest / float64(len(scale)-pauses)
			if shown > 0 {
				s.width = rest * float64(s.end.Sub(s.start)) / float64(shown)
			}
		}
		left += s.width
	}
}

func position(scale []stretch, t time.Time) float64 {
	for _, s := range scale {
		if length := s.end.Sub(s.start); !t.After(s.end) && length > 0 {
			return s.left + s.width*float64(t.Sub(s.start))/float64(length)
		} else if !t.After(s.end) {
			return s.left
		}
	}
	return 100
}
