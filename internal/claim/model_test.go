package claim_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/once"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/schedules"
)

// model holds the servers of one schedule: a bucket, and an orchestrator that starts everything that it is asked for.
type model struct {
	mu      sync.Mutex
	objects map[string]object
	writes  int
	// started holds the tokens of the requests that were carried out, in order.
	started []string
	runs    []*modelRun
	setting
}

// setting is how the servers of a schedule differ from normal ones.
type setting struct {
	// refuses is the number of requests that are refused before one is accepted.
	refuses int
	// isListCut makes the list incomplete, so that it proves nothing.
	isListCut bool
	// hasFailed is set if what is started first fails.
	hasFailed bool
}

type object struct {
	body    []byte
	version string
	written time.Time
}

// modelRun is the result of one process.
type modelRun struct {
	*schedules.Process
	result claim.Result
	err    error
}

// bucket is the store as one process sees it.
type bucket struct {
	*model
	process *schedules.Process
}

func (b bucket) Get(_ context.Context, key string) (body []byte, version string, age time.Duration, err error) {
	err = b.process.Request(schedules.Read, "get the claim", func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if found, ok := b.objects[key]; ok {
			body, version, age = found.body, found.version, time.Since(found.written)
		}
	})
	if err != nil {
		return nil, "", 0, err
	}
	return body, version, age, nil
}

func (b bucket) Create(ctx context.Context, key string, body []byte) (string, bool, error) {
	return b.Replace(ctx, key, "", body)
}

func (b bucket) Replace(_ context.Context, key, version string, body []byte) (string, bool, error) {
	// A lost request may still be carried out later and set these variables. Their values are not used then.
	newVersion, won := "", false
	err := b.process.Request(schedules.Write, "write the claim", func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.objects[key].version != version {
			return
		}
		b.writes++
		newVersion, won = fmt.Sprintf("%x-%d", sha256.Sum256(body), b.writes), true
		b.objects[key] = object{body: body, version: newVersion, written: time.Now()}
	})
	if err != nil {
		return "", false, err
	}
	return newVersion, won, nil
}

// Prove always succeeds, because the store of the model honours conditions.
func (b bucket) Prove(context.Context) error { return nil }

// unique gives each process different bytes.
type unique struct {
	place byte
	count byte
}

func (u *unique) Read(p []byte) (int, error) {
	u.count++
	for i := range p {
		p[i] = u.place
	}
	p[len(p)-1] = u.count
	return len(p), nil
}

type silent struct{}

func (silent) Say(string, ...any)  {}
func (silent) Warn(string, ...any) {}

func (m *model) claims(p *schedules.Process, place int) *claim.Claims {
	return &claim.Claims{
		Store: bucket{m, p}, Mode: claim.Require, Progress: silent{}, Random: &unique{place: byte(place)},
		Settle: claim.DefaultSettle, Lease: claim.DefaultLease, FinishTimeout: 10 * time.Second,
	}
}

// send returns a function for [claim.Request.Send] that sends at most once, as the workflows do.
func (m *model) send(p *schedules.Process, token string, find func(context.Context) (*lifecycle.Document, once.Certainty, error)) func(context.Context, func(context.Context) error) (string, error) {
	return func(ctx context.Context, permit func(context.Context) error) (string, error) {
		sender := once.Sender{Progress: silent{}, Settle: 45 * time.Second, GracePeriod: 4 * time.Second}
		return sender.Send(ctx, once.Request{
			Operation: lifecycle.Create, Find: find,
			Send: func(ctx context.Context) (orchestrator.Accepted, error) {
				if err := permit(ctx); err != nil {
					return orchestrator.Accepted{}, err
				}
				var accepted orchestrator.Accepted
				var refused error
				if p.Request(schedules.Unpausable, "start", func() {
					m.mu.Lock()
					defer m.mu.Unlock()
					if m.refuses > 0 {
						m.refuses--
						refused = &orchestrator.RefusedError{}
						return
					}
					m.started = append(m.started, token)
					accepted.LifecycleID = "lifecycle-of-" + token
				}) != nil {
					return orchestrator.Accepted{}, &orchestrator.UncertainError{Reason: "lost"}
				}
				return accepted, refused
			},
		})
	}
}

func isRefused(err error) bool {
	_, ok := errors.AsType[*orchestrator.RefusedError](err)
	return ok
}

// list looks for the lifecycle with the token in the list of all lifecycles.
func (m *model) list(p *schedules.Process, token string) (found, hasFailed bool, err error) {
	err = p.Request(schedules.Read, "list", func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		for i, started := range m.started {
			if started == token {
				found, hasFailed = true, m.hasFailed && i == 0
			}
		}
	})
	return found, hasFailed, err
}

// create starts a run of a job that creates a lifecycle.
func (m *model) create(world *schedules.World, place int, after time.Duration) {
	token := "job." + strconv.Itoa(place)
	run := &modelRun{}
	m.runs = append(m.runs, run)
	run.Process = world.Go("run "+strconv.Itoa(place), func(ctx context.Context, p *schedules.Process) {
		time.Sleep(after)
		run.result, run.err = m.claims(p, place).Start(ctx, claim.Request{
			Key:       "ami-action/creates/job.json",
			Statement: claim.Statement{Token: token, Request: "a build"},
			IsUndone:  isRefused,
			Look: func(_ context.Context, record claim.Record) (claim.RequestState, string, error) {
				found, hasFailed, err := m.list(p, record.Token)
				switch {
				case err != nil:
					return claim.Unproven, "", err
				case found && hasFailed:
					return claim.Failed, "", nil
				case found && (!m.isListCut || record.LifecycleID != ""):
					return claim.Started, "lifecycle-of-" + record.Token, nil
				case m.isListCut:
					return claim.Unproven, "", nil
				}
				return claim.Absent, "", nil
			},
			Send: m.send(p, token, func(context.Context) (*lifecycle.Document, once.Certainty, error) {
				found, _, err := m.list(p, token)
				if err == nil && found && !m.isListCut {
					return &lifecycle.Document{ID: "lifecycle-of-" + token}, once.Certain, nil
				}
				return nil, once.Certainty(!m.isListCut), err
			}),
		})
		run.result.Wait()
	})
}

// update starts a run that asks for an event of a lifecycle. It looks, claims the state that it saw, and looks again if
// another run has acted on that state.
func (m *model) update(world *schedules.World, place int, after time.Duration) {
	token := "job" + strconv.Itoa(place) + ".0"
	run := &modelRun{}
	m.runs = append(m.runs, run)
	run.Process = world.Go("run "+strconv.Itoa(place), func(ctx context.Context, p *schedules.Process) {
		time.Sleep(after)
		status := func() (starts int, err error) {
			err = p.Request(schedules.Read, "status", func() {
				m.mu.Lock()
				defer m.mu.Unlock()
				starts = len(m.started)
			})
			return starts, err
		}
		for {
			before, err := status()
			if err != nil {
				run.err = &outcome.Error{Kind: outcome.Unavailable}
				return
			}
			if before > 0 { // it is in progress: attach
				run.result.LifecycleID = "lifecycle"
				return
			}
			find := func(context.Context) (*lifecycle.Document, once.Certainty, error) {
				now, err := status()
				if err == nil && now > before {
					return &lifecycle.Document{ID: "lifecycle"}, once.Certain, nil
				}
				return nil, once.Certain, err
			}
			run.result, run.err = m.claims(p, place).Start(ctx, claim.Request{
				Key:       "ami-action/lifecycles/lifecycle/" + strconv.Itoa(before) + ".json",
				Statement: claim.Statement{Token: token, Request: "SMOKE_TESTS"},
				IsUndone:  isRefused,
				Look: func(context.Context, claim.Record) (claim.RequestState, string, error) {
					now, err := status()
					switch {
					case err != nil:
						return claim.Unproven, "", err
					case now > before:
						return claim.Started, "lifecycle", nil
					}
					return claim.Absent, "", nil
				},
				Send: m.send(p, token, find),
			})
			run.result.Wait()
			if run.err != nil || run.result.Sent {
				return
			}
		}
	})
}

// check returns what is wrong after a schedule, or "": more starts than allowed, or a run that ended wrongly.
func (m *model) check(starts int) string {
	if len(m.started) > starts {
		return fmt.Sprintf("started %d times: %v", len(m.started), m.started)
	}
	for i, run := range m.runs {
		switch {
		case run.Dead.Load():
		case !run.Ended.Load():
			return fmt.Sprintf("run %d waits for ever", i)
		case run.err == nil && (run.result.LifecycleID == "" || len(m.started) == 0):
			return fmt.Sprintf("run %d ended well, and nothing was started", i)
		case run.err != nil && !isRefused(run.err) && outcome.Of(run.err).Kind != outcome.Unknown && outcome.Of(run.err).Kind != outcome.Unavailable:
			return fmt.Sprintf("run %d ended with an error that nobody expects: %v", i, run.err)
		}
	}
	return ""
}

// TestNoScheduleStartsTwice explores the schedules of concurrent runs. AMI_SCHEDULES=all runs every
// schedule with two deviations, which takes minutes.
func TestNoScheduleStartsTwice(t *testing.T) {
	tests := map[string]struct {
		world  setting
		run    func(*model, *schedules.World, int, time.Duration)
		starts int
		// after is the time at which each run begins.
		after []time.Duration
		every int
	}{
		"a job is repeated at once":               {run: (*model).create, starts: 1, after: []time.Duration{0, 0}, every: 2},
		"a job is repeated while it sends":        {run: (*model).create, starts: 1, after: []time.Duration{0, 20 * time.Second}, every: 2},
		"a job is repeated long after":            {run: (*model).create, starts: 1, after: []time.Duration{0, time.Hour}, every: 2},
		"the list is cut":                         {world: setting{isListCut: true}, run: (*model).create, starts: 1, after: []time.Duration{0, 20 * time.Second}, every: 2},
		"the first request is refused":            {world: setting{refuses: 1}, run: (*model).create, starts: 1, after: []time.Duration{0, 0}, every: 2},
		"three runs of one job":                   {run: (*model).create, starts: 1, after: []time.Duration{0, 0, 30 * time.Second}, every: 6},
		"what the first has built fails":          {world: setting{hasFailed: true}, run: (*model).create, starts: 2, after: []time.Duration{0, time.Hour, time.Hour}, every: 6},
		"two runs ask for one event":              {run: (*model).update, starts: 1, after: []time.Duration{0, 0}, every: 2},
		"two runs ask for one event, one later":   {run: (*model).update, starts: 1, after: []time.Duration{0, 20 * time.Second}, every: 2},
		"three runs ask for one event":            {run: (*model).update, starts: 1, after: []time.Duration{0, 0, 0}, every: 6},
		"three, and the first request is refused": {world: setting{refuses: 1}, run: (*model).update, starts: 1, after: []time.Duration{0, 0, 0}, every: 6},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if os.Getenv("AMI_SCHEDULES") == "all" {
				test.every = 1
			}
			o := schedules.Options{Deviations: 2, Every: test.every, Limit: 3 * time.Hour}
			ran := schedules.Explore(t, o, func(world *schedules.World) func() string {
				m := &model{objects: map[string]object{}, setting: test.world}
				for place, after := range test.after {
					test.run(m, world, place, after)
				}
				return func() string { return m.check(test.starts) }
			})
			assert.Greater(t, ran, 50)
			t.Logf("%d schedules", ran)
		})
	}
}

// TestFiveRunsOfOneLifecycleStartAnEventOnce samples schedules of two to five runs, which are too many to explore.
func TestFiveRunsOfOneLifecycleStartAnEventOnce(t *testing.T) {
	for runs := 2; runs <= 5; runs++ {
		schedules.Sample(t, 250, 6*time.Hour, func(world *schedules.World) func() string {
			m := &model{objects: map[string]object{}}
			for place := range runs {
				m.update(world, place, time.Duration(place%3)*time.Second)
			}
			return func() string { return m.check(1) }
		})
	}
}
