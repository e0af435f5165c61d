package schedules

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Options limit an exploration.
type Options struct {
	// Deviations is the most decisions in which a schedule differs from the one in which everything succeeds.
	Deviations int
	// Every reduces the schedules with the most deviations, if that is more than one: only every Every-th of them runs.
	// 0 and 1 mean all.
	Every int
	// Limit is the most virtual time that the processes of a schedule may take to end.
	Limit time.Duration
}

// Explore runs every schedule of the processes that start starts in a world, each in a synctest bubble of its own. start
// returns check, which is called when all processes have ended and no request is still to be carried out. check returns
// what is wrong with the outcome, or "". The test fails at the first schedule with something wrong, or whose processes do
// not end in time. Explore returns the number of schedules that it ran.
func Explore(t *testing.T, o Options, start func(*World) (check func() string)) int {
	t.Helper()
	ran, failure := explore(t, o, start)
	if failure != "" {
		t.Fatal(failure)
	}
	return ran
}

func explore(t *testing.T, o Options, start func(*World) func() string) (ran int, failure string) {
	t.Helper()
	thinned := 0
	// A schedule is the list of its decisions that are not the first option: the number of each decision, and its choice.
	type deviation struct{ step, choice int }
	queue := [][]deviation{nil}
	for len(queue) > 0 {
		schedule := queue[0]
		queue = queue[1:]
		options, failure := runOne(t, schedule, o.Limit, start, func(step, n int) int {
			if i := slices.IndexFunc(schedule, func(d deviation) bool { return d.step == step }); i >= 0 {
				return min(schedule[i].choice, n-1)
			}
			return 0
		})
		ran++
		if failure != "" {
			return ran, failure
		}
		if len(schedule) == o.Deviations {
			continue
		}
		from := 0
		if len(schedule) > 0 {
			from = schedule[len(schedule)-1].step + 1
		}
		for step := from; step < len(options); step++ {
			for choice := 1; choice < options[step]; choice++ {
				if len(schedule)+1 == o.Deviations && o.Deviations > 1 {
					if thinned++; o.Every > 1 && thinned%o.Every != 0 {
						continue
					}
				}
				queue = append(queue, append(slices.Clone(schedule), deviation{step, choice}))
			}
		}
	}
	return ran, ""
}

// Sample runs n schedules that decide at random. The seed of each is its number from 0 to n-1, so that a schedule that
// fails can be repeated. Three of four decisions take the first option, because a protocol does nothing if all its
// requests fail. start, check and failures are as in [Explore].
func Sample(t *testing.T, n int, limit time.Duration, start func(*World) (check func() string)) {
	t.Helper()
	for seed := range n {
		random := rand.New(rand.NewPCG(uint64(seed), 0)) //nolint:gosec // not for secrets
		_, failure := runOne(t, seed, limit, start, func(_, options int) int {
			if random.IntN(4) > 0 {
				return 0
			}
			return random.IntN(options)
		})
		if failure != "" {
			t.Fatal(failure)
		}
	}
}

// runOne runs one schedule. It returns the number of options of each decision, and what is wrong, or "". The failure
// names the schedule by name.
func runOne(
	t *testing.T, name any, limit time.Duration, start func(*World) func() string, decide func(step, options int) int,
) (options []int, failure string) {
	t.Helper()
	problem, trace := "", []string(nil)
	synctest.Test(t, func(*testing.T) {
		world := &World{arrived: make(chan *pending, 64)}
		world.decide = func(n int) int {
			options = append(options, n)
			return decide(len(options)-1, n)
		}
		check := start(world)
		if !world.run(limit) {
			problem = "it did not end"
		}
		time.Sleep(Pause + Lateness) // late requests are carried out before the check
		synctest.Wait()
		if found := check(); found != "" {
			problem = strings.TrimPrefix(problem+"; "+found, "; ")
		}
		trace = world.Trace()
	})
	if problem != "" {
		failure = fmt.Sprintf("schedule %v: %s\n%s", name, problem, strings.Join(trace, "\n"))
	}
	return options, failure
}
