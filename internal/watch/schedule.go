package watch

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// Schedule says how long to wait between two polls: a share of the time that the event has already
// taken, so that its end is noticed within that share of its length, with few requests. A throttled API
// Gateway is shared by all clients (docs/wire-contract.md, "Errors").
type Schedule struct {
	// Floor and Ceiling bound the pause. Where they are equal the pause is that.
	Floor, Ceiling time.Duration
	// Share is the pause as a share of the time already waited, 0.05 for 5 %.
	Share float64
	// Unnoticed is a delay that nobody minds, however short the event: pauses grow to it quickly. Quick is the pause as a
	// share of the time waited until then.
	Unnoticed time.Duration
	Quick     float64
	// Spread is the time within which the second poll comes, at a random moment, if others may begin to wait at the same
	// instant, as the jobs of a pipeline do; zero if not.
	Spread time.Duration
	// Jitter returns a number in [0, 1): pauses are shortened by up to a tenth, so that the jobs that a
	// pipeline started together do not poll together. Pauses that reach the ceiling keep what has been spread by then.
	Jitter func() float64
}

// DefaultFloor is the shortest pause between two polls.
const DefaultFloor = 500 * time.Millisecond

// Adaptive polls after 5 % of the time waited, between the floor, [DefaultFloor] outside of tests, and a minute. An end is
// noticed within 5 % of the event's length or within 3 seconds: the jitter makes up for the little that the share is larger.
func Adaptive(floor time.Duration, jitter func() float64) Schedule {
	share := 0.05
	if jitter != nil {
		share = 0.052
	}
	return Schedule{Floor: floor, Ceiling: time.Minute, Share: share, Unnoticed: 6 * floor, Quick: 0.25, Jitter: jitter}
}

// Together returns the schedule of a wait beside which others begin at the same instant.
func (s Schedule) Together() Schedule {
	s.Spread, s.Quick = s.Unnoticed, 1
	return s
}

// Every polls at the interval.
func Every(interval time.Duration) Schedule {
	return Schedule{Floor: interval, Ceiling: interval}
}

// expectation is what is known of the length of the event in progress. The zero expectation knows nothing.
type expectation struct {
	// soonest is the length that it does not stay below, as earlier events of the stack tag tell: until then it is asked
	// for as seldom as then.
	soonest time.Duration
	// matures is the age at which events of its kind begin to end. One that ends sooner has failed, which is noticed within half
	// the time that it took, or is a sandbox's.
	matures time.Duration
}

// expect returns what is known of the event's length.
func expect(event lifecycle.Event, usual Usual) expectation {
	if usual.Events > 0 {
		return expectation{soonest: usual.soonest()}
	}
	switch event {
	case lifecycle.BuildAMI, lifecycle.PatchAMI:
		return expectation{matures: 5 * time.Minute} // 20 to 60 minutes (docs/lifecycle.md); Image Builder is asked each 3 minutes
	case lifecycle.SmokeTestsCreate, lifecycle.SmokeTestsPatch, lifecycle.VulnerabilityScansCreate, lifecycle.VulnerabilityScansPatch:
		return expectation{matures: 2 * time.Minute} // an instance starts first
	}
	return expectation{}
}

// next returns the pause after an event has taken so long, and so many polls have failed lately.
func (s Schedule) next(waited time.Duration, e expectation, strain int) time.Duration {
	pause := max(s.Floor, part(s.Share, max(waited, e.soonest)))
	if quick := part(s.Quick, waited); quick < s.Unnoticed {
		pause = max(pause, quick) // what is refused at once, and a sandbox's events, which take seconds
	} else {
		pause = max(pause, s.Unnoticed, min(waited/2, e.matures-waited))
	}
	pause = max(pause, s.relief(strain))
	return min(pause-part(s.random()/10, pause), s.Ceiling)
}

// relief returns the least pause after so many polls have failed lately: each doubles it. Half of it is random, so that
// waits that were throttled together do not come back together.
func (s Schedule) relief(strain int) time.Duration {
	if strain == 0 {
		return 0
	}
	relief := min(max(s.Floor, s.Unnoticed)<<min(strain-1, 10), s.Ceiling)
	return relief - part(s.random()/2, relief)
}

// random returns a number in [0, 1), 0 without a jitter.
func (s Schedule) random() float64 {
	if s.Jitter == nil {
		return 0
	}
	return s.Jitter()
}

func part(share float64, of time.Duration) time.Duration {
	return time.Duration(share * float64(of))
}
