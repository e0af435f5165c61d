package schedules

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Options bound an exploration.
type Options struct {
	// Deviations is in how many decisions a schedule may differ from the one in which all goes well.
	Deviations int
	// Every thins the schedules with the most deviations out: only each Every-th of them runs. 0 and 1 mean all.
	Every int
	// Limit is how long, in virtual time, the processes of a schedule may take to end.
	Limit time.Duration
}

// Explore runs test once for each schedule, each time in a bubble of its own. start starts the processes of a
// world; check is called when all have ended, and says what is wrong with what they did, or "".
// It returns how many schedules it ran.
func Explore(t *testing.T, o Options, start func(*World) (check func() string)) int {
	t.Helper()
	ran, thinned := 0, 0
	// A schedule is what it decides otherwise than the first option: which decision, and how.
	type deviation struct{ step, choice int }
	queue := [][]deviation{nil}
	for len(queue) > 0 {
		schedule := queue[0]
		queue = queue[1:]
		var options []int
		problem, trace := "", []string(nil)
		synctest.Test(t, func(*testing.T) {
			world := &World{arrived: make(chan *pending, 64)}
			world.decide = func(n int) int {
				step := len(options)
				options = append(options, n)
				if i := slices.IndexFunc(schedule, func(d deviation) bool { return d.step == step }); i >= 0 {
					return min(schedule[i].choice, n-1)
				}
				return 0
			}
			check := start(world)
			if !world.run(o.Limit) {
				problem = "it did not end"
			}
			if found := check(); found != "" {
				problem = strings.TrimPrefix(problem+"; "+found, "; ")
			}
			trace = world.Trace()
			time.Sleep(Pause + Lateness) // what is late comes, and ends with the bubble
		})
		ran++
		if problem != "" {
			t.Fatalf("schedule %v: %s\n%s", schedule, problem, strings.Join(trace, "\n"))
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
	return ran
}
