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
	// Jitter returns a number in [0, 1): pauses are shortened by up to a tenth, so that the jobs that a
	// pipeline started together do not poll together.
	Jitter func() float64
}

// Adaptive polls after 5 % of the time waited, between half a second and half a minute.
func Adaptive(jitter func() float64) Schedule {
	return Schedule{Floor: 500 * time.Millisecond, Ceiling: 30 * time.Second, Share: 0.05, Jitter: jitter}
}

// Every polls at the interval.
func Every(interval time.Duration) Schedule {
	return Schedule{Floor: interval, Ceiling: interval}
}

// next returns the pause after an event has taken so long, and so many polls have failed lately: each doubles the
// floor.
func (s Schedule) next(waited time.Duration, strain int) time.Duration {
	pause := time.Duration(s.Share * float64(waited))
	pause = min(max(pause, s.Floor<<min(strain, 10)), s.Ceiling)
	if s.Jitter != nil {
		pause -= time.Duration(s.Jitter() * float64(pause) / 10)
	}
	return pause
}
