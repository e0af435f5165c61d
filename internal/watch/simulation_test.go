package watch_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/watch"
)

// simulated is a server with one event of a known length. It counts its polls.
type simulated struct {
	done  *lifecycle.Document
	busy  *lifecycle.Document
	ends  time.Time
	polls int
}

func (s *simulated) Poll(context.Context, string) (*lifecycle.Document, error) {
	s.polls++
	if time.Now().Before(s.ends) {
		return s.busy, nil
	}
	return s.done, nil
}

// mix is the range of the usual lengths of the events.
type mix struct {
	name     string
	from, to time.Duration
}

// varied returns the length of one event: the usual length, changed at random by about a tenth.
func varied(random *rand.Rand, usual time.Duration) time.Duration {
	return time.Duration(float64(usual) * math.Exp(random.NormFloat64()/10))
}

// policy is one of the polling policies that the simulation compares.
type policy struct {
	name     string
	schedule func(jitter func() float64) watch.Schedule
	earlier  int // number of earlier events whose length is known
}

type simulation struct {
	polls     float64 // mean per event
	lateShare float64 // p99 of the delay as a share of the event's length; delays up to 3 seconds count as zero
	late      time.Duration
	longest   time.Duration
}

// simulate runs many events of different usual lengths in virtual time, each watched by a wait of its own.
func simulate(t *testing.T, m mix, p policy, events int) (result simulation) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	jitters := rand.New(rand.NewPCG(3, 4))
	shares, lates, total := make([]float64, events), make([]time.Duration, events), 0
	for i := range events {
		usual := m.from + time.Duration(random.Float64()*float64(m.to-m.from))
		length := varied(random, usual)
		var earlier []time.Duration
		for range 3 {
			earlier = append(earlier, varied(random, usual))
		}
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			s := &simulated{
				busy: &lifecycle.Document{ID: "id-1", StackTag: "main", Running: &lifecycle.EventInProgress{Name: lifecycle.BuildAMI, ExecutionARN: "a"}},
				done: &lifecycle.Document{ID: "id-1", StackTag: "main"}, ends: began.Add(length),
			}
			s.busy.Running.Started.Time = began
			s.done.Outputs.Events = []lifecycle.Result{{Name: lifecycle.BuildAMI, Status: lifecycle.Completed, AMIs: []lifecycle.AMI{{ID: "ami-1", SemanticVersion: "1.0.0", Region: "eu-central-1"}}}}
			o := options(lifecycle.BuildAMI)
			o.Schedule, o.Earlier = p.schedule(jitters.Float64), historyOf(earlier[:p.earlier]...)
			for found, err := range watch.Polls(t.Context(), s, o) {
				if err != nil {
					t.Fatal(err)
				}
				result.longest = max(result.longest, found.Next)
			}
			lates[i] = time.Since(s.ends)
			if lates[i] > 3*time.Second {
				shares[i] = float64(lates[i]) / float64(length)
			}
			total += s.polls
		})
	}
	slices.Sort(shares)
	slices.Sort(lates)
	result.polls = float64(total) / float64(events)
	result.lateShare, result.late = shares[events*99/100], lates[events*99/100]
	return result
}

func historyOf(lengths ...time.Duration) *watch.History {
	history := &watch.History{}
	for i, length := range lengths {
		document := &lifecycle.Document{ID: fmt.Sprint(i), StackTag: "main"}
		document.Created.Time = time.Date(2026, 3, 1+i, 8, 0, 0, 0, time.UTC)
		document.Outputs.Events = []lifecycle.Result{{
			Name: lifecycle.BuildAMI, Status: lifecycle.Completed, StatusDate: lifecycle.Date{Time: document.Created.Add(length)},
		}}
		history.Add(document)
	}
	return history
}

// TestPollsAreFewAndNoticeAnEndSoon simulates events in virtual time, prints the table of polls in docs/performance.md
// (go test -v) and checks its bounds.
func TestPollsAreFewAndNoticeAnEndSoon(t *testing.T) {
	t.Parallel()
	const events = 250
	adaptive := func(jitter func() float64) watch.Schedule {
		return watch.Adaptive(watch.DefaultFloor, jitter).Together()
	}
	fixed := func(func() float64) watch.Schedule { return watch.Every(15 * time.Second) }
	var table strings.Builder
	for _, m := range []struct {
		mix
		unknown, known float64 // the most polls that are allowed, as a share of those at a fixed interval
	}{
		{mix{"20 to 60 minutes", 20 * time.Minute, 60 * time.Minute}, 0.6, 0.3},
		{mix{"5 to 40 minutes", 5 * time.Minute, 40 * time.Minute}, 0.6, 0.36},
		{mix{"40 minutes to 4 hours", 40 * time.Minute, 4 * time.Hour}, 0.6, 0.3},
	} {
		var baseline float64 // the polls at a fixed interval
		for _, p := range []struct {
			policy
			most float64
		}{
			{policy{"each 15 s", fixed, 0}, 1}, // the baseline of the others
			{policy{"nothing known", adaptive, 0}, m.unknown},
			{policy{"one earlier event", adaptive, 1}, m.known},
			{policy{"three earlier events", adaptive, 3}, m.known},
		} {
			got := simulate(t, m.mix, p.policy, events)
			if baseline == 0 {
				baseline = got.polls
			}
			fmt.Fprintf(&table, "| %s | %s | %.0f | %.2f | %.1f %% | %s | %s |\n", m.name, p.name, got.polls, got.polls/baseline,
				100*got.lateShare, got.late.Round(time.Second), got.longest.Round(time.Second))
			assert.LessOrEqual(t, got.polls/baseline, p.most, p.name)
			assert.LessOrEqual(t, got.longest, time.Minute, p.name)
			if p.name != "each 15 s" {
				assert.LessOrEqual(t, got.lateShare, 0.05, p.name)
			}
		}
	}
	t.Logf("\n| events | polls | mean | against 15 s | late, p99 | late, p99 | longest pause |\n%s", table.String())
}
