package watch

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// Schedule sets the pauses between polls. A pause is a share of the time that the event has already taken, so that the
// end is noticed within that share of its length, with few requests. The number of requests matters because all clients
// share the throttled API Gateway (docs/wire-contract.md, "Errors").
type Schedule struct {
	// Floor and Ceiling bound the pause. If they are equal, every pause has that length.
	Floor, Ceiling time.Duration
	// Share is the pause as a share of the time already waited, 0.05 for 5 %.
	Share float64
	// Unnoticed is a delay that no user notices, even after a short event. Pauses grow quickly until they reach it: up to
	// then, Quick is the pause as a share of the time waited.
	Unnoticed time.Duration
	Quick     float64
	// Spread is the time within which the second poll is sent, at a random moment, if other waits may begin at the same
	// instant, such as those of the jobs of a pipeline. It is zero otherwise.
	Spread time.Duration
	// Jitter returns a number in [0, 1). It shortens pauses by up to a tenth, so that the jobs of a pipeline do not poll
	// at the same time. It has no effect on pauses at the ceiling: by then the polls are already spread.
	Jitter func() float64
}

// DefaultFloor is the shortest pause between two polls.
const DefaultFloor = 500 * time.Millisecond

// Adaptive returns a schedule whose pauses are about 5 % of the time waited, at least floor and at most one minute. floor
// is [DefaultFloor], except in tests. With that floor, an end is noticed within 5 % of the event's length or within 3
// seconds. With jitter, which shortens the pauses, the share is 5.2 %.
func Adaptive(floor time.Duration, jitter func() float64) Schedule {
	share := 0.05
	if jitter != nil {
		share = 0.052
	}
	return Schedule{Floor: floor, Ceiling: time.Minute, Share: share, Unnoticed: 6 * floor, Quick: 0.25, Jitter: jitter}
}

// Together returns the schedule for a wait that begins at the same instant as others.
func (s Schedule) Together() Schedule {
	s.Spread, s.Quick = s.Unnoticed, 1
	return s
}

// Every returns a schedule that polls at a fixed interval.
func Every(interval time.Duration) Schedule {
	return Schedule{Floor: interval, Ceiling: interval}
}

// expectation is what is known about the length of the event in progress. The zero expectation means that nothing is.
type expectation struct {
	// soonest is the least time that the event is expected to take, from earlier events of the stack tag. A younger event
	// is polled with the pauses of an event of that age.
	soonest time.Duration
	// matures is the age at which events of this kind begin to end. An event that ends sooner has failed or runs in a
	// sandbox. Its end is noticed within half of its length.
	matures time.Duration
}

// expect returns what is known about the length of the event. usual is how long earlier events of its kind took.
func expect(event lifecycle.Event, usual Usual) expectation {
	if usual.Events > 0 {
		return expectation{soonest: usual.soonest()}
	}
	switch event {
	case lifecycle.BuildAMI, lifecycle.PatchAMI:
		return expectation{matures: 5 * time.Minute} // 20 to 60 minutes (docs/lifecycle.md); Image Builder is polled every 3 minutes
	case lifecycle.SmokeTestsCreate, lifecycle.SmokeTestsPatch, lifecycle.VulnerabilityScansCreate, lifecycle.VulnerabilityScansPatch:
		return expectation{matures: 2 * time.Minute} // an instance starts first
	}
	return expectation{}
}

// next returns the pause until the next poll. waited is the age of the event; strain counts the recent polls that failed.
func (s Schedule) next(waited time.Duration, e expectation, strain int) time.Duration {
	pause := max(s.Floor, part(s.Share, max(waited, e.soonest)))
	if quick := part(s.Quick, waited); quick < s.Unnoticed {
		pause = max(pause, quick) // for events that fail at once, and for those of a sandbox, which take seconds
	} else {
		pause = max(pause, s.Unnoticed, min(waited/2, e.matures-waited))
	}
	pause = max(pause, s.relief(strain))
	return min(pause-part(s.random()/10, pause), s.Ceiling)
}

// relief returns the shortest pause that is allowed after failed polls. Each failed poll that strain counts doubles it.
// Half of it is random, so that waits that were throttled together do not poll again together.
func (s Schedule) relief(strain int) time.Duration {
	if strain == 0 {
		return 0
	}
	relief := min(max(s.Floor, s.Unnoticed)<<min(strain-1, 10), s.Ceiling)
	return relief - part(s.random()/2, relief)
}

// random returns a number in [0, 1), or 0 if the schedule has no jitter.
func (s Schedule) random() float64 {
	if s.Jitter == nil {
		return 0
	}
	return s.Jitter()
}

func part(share float64, of time.Duration) time.Duration {
	return time.Duration(share * float64(of))
}
