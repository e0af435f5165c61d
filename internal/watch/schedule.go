package watch

import "time"

// Schedule says how long to wait between two polls: a share of the time that the event has already
// taken, so that its end is noticed within that share of its length, with few requests. A throttled API
// Gateway is shared by all clients (docs/wire-contract.md, "Errors").
type Schedule struct {
	// Floor and Ceiling bound the pause. Where they are equal the pause is that.
	Floor, Ceiling time.Duration
	// Share is the pause as a share of the time already waited, 0.05 for 5 %.
	Share float64
	// Unnoticed is a delay that nobody minds, however short the event: pauses grow to it quickly.
	Unnoticed time.Duration
	// Jitter returns a number in [0, 1): pauses are shortened by up to a tenth, so that the jobs that a
	// pipeline started together do not poll together.
	Jitter func() float64
}

// DefaultFloor is the shortest pause between two polls.
const DefaultFloor = 500 * time.Millisecond

// Adaptive polls after 5 % of the time waited, between half a second and a minute. An end is noticed within 5 % of
// the event's length or within 3 seconds: the jitter makes up for the little that the share is larger.
func Adaptive(jitter func() float64) Schedule {
	share := 0.05
	if jitter != nil {
		share = 0.052
	}
	return Schedule{Floor: DefaultFloor, Ceiling: time.Minute, Share: share, Unnoticed: 3 * time.Second, Jitter: jitter}
}

// Every polls at the interval.
func Every(interval time.Duration) Schedule {
	return Schedule{Floor: interval, Ceiling: interval}
}

// next returns the pause after an event has taken so long, and so many polls have failed lately: each doubles the
// floor. An event that is not expected to end sooner than after some time (zero where that is unknown) is asked for
// from its start as seldom as then.
func (s Schedule) next(waited, soonest time.Duration, strain int) time.Duration {
	pause := time.Duration(s.Share * float64(max(waited, soonest)))
	pause = max(pause, min(waited/4, s.Unnoticed))
	pause = min(max(pause, s.Floor<<min(strain, 10)), s.Ceiling)
	if s.Jitter != nil {
		pause -= time.Duration(s.Jitter() * float64(pause) / 10)
	}
	return pause
}
