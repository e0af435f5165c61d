// Package schedules runs concurrent processes through every order of their requests, and lets each request fail
// in every way: it is for tests that say of a protocol that no schedule breaks it.
//
// A test gives what its processes do, and asks a [Process] before each request to the outside. One schedule is
// one run of all processes in virtual time: whenever all of them wait, it decides which request is carried out
// next and what becomes of it. [Explore] runs the schedule in which everything goes well, then each one that
// differs from it in one decision, in two, and so on: what goes wrong is nearly always down to one or two.
package schedules

import (
	"cmp"
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"
)

// Fate is what becomes of a request.
type Fate int

// The fates of a request.
const (
	// Answered: it is carried out, and answered.
	Answered Fate = iota
	// LostBefore: it is not carried out, and its process gets [ErrLost].
	LostBefore
	// LostAfter: it is carried out, and its process gets [ErrLost].
	LostAfter
	// Late: its process gets [ErrLost], and it is carried out [Lateness] afterwards.
	Late
	// Slow: it is carried out and answered [Lateness] afterwards.
	Slow
	// CrashBefore: its process dies, and it is not carried out.
	CrashBefore
	// CrashAfter: it is carried out, and its process dies.
	CrashAfter
	// CrashLate: its process dies, and it is carried out [Lateness] afterwards.
	CrashLate
	// PausedBefore: its process stands still for [Pause] before the request goes out.
	PausedBefore

	fates
)

func (f Fate) String() string {
	return [...]string{
		"answered", "lost before", "lost after", "late", "slow", "crash before", "crash after", "crash, carried out late", "paused before",
	}[f]
}

// The times of the fates.
const (
	// Lateness is just below what the gateway lets a request take.
	Lateness = 29 * time.Second
	// Pause is longer than anybody waits for anybody.
	Pause = 10 * time.Minute
)

// ErrLost is the error of a request whose answer was lost.
var ErrLost = errors.New("the answer was lost")

// Kind says which fates a request can have.
type Kind int

// The kinds of requests.
const (
	// Write is a request that changes something.
	Write Kind = iota
	// Unpausable is a Write whose process does not stand still just before it: what is checked before it is
	// still true when it goes out.
	Unpausable
	// Read changes nothing: it is answered, or lost, or its process dies.
	Read
)

func (k Kind) fates() []Fate {
	switch k {
	case Read:
		return []Fate{Answered, LostBefore, CrashBefore}
	case Unpausable:
		return []Fate{Answered, LostBefore, LostAfter, Late, Slow, CrashBefore, CrashAfter, CrashLate}
	}
	all := make([]Fate, 0, fates)
	for fate := range fates {
		all = append(all, fate)
	}
	return all
}

// World is where the processes of one schedule run. Its methods are for one goroutine, that of the schedule.
type World struct {
	arrived   chan *pending
	waiting   []*pending
	processes []*Process
	decide    func(options int) int
	trace     []string
	wait      sync.WaitGroup
}

// Process is one run of the program under test.
type Process struct {
	Name  string
	world *World
	ctx   context.Context
	kill  context.CancelFunc
	place int
	// Dead is set once it has crashed: what it does from then on is seen by nobody.
	Dead atomic.Bool
	// Ended is set once it has returned.
	Ended atomic.Bool
}

type pending struct {
	process *Process
	kind    Kind
	what    string
	execute func()
	fate    Fate
	done    chan struct{}
}

// Go starts a process.
func (w *World) Go(name string, run func(ctx context.Context, p *Process)) *Process {
	ctx, kill := context.WithCancel(context.Background())
	p := &Process{Name: name, world: w, ctx: ctx, kill: kill, place: len(w.processes)}
	w.processes = append(w.processes, p)
	w.wait.Go(func() {
		defer func() { p.Ended.Store(true) }()
		run(ctx, p)
	})
	return p
}

// Request carries out a request as the schedule decides. It does not return in a process that dies.
func (p *Process) Request(kind Kind, what string, execute func()) error {
	if p.Dead.Load() {
		runtime.Goexit()
	}
	request := &pending{process: p, kind: kind, what: what, execute: execute, done: make(chan struct{})}
	p.world.arrived <- request
	<-request.done
	if p.Dead.Load() {
		runtime.Goexit()
	}
	switch request.fate {
	case LostBefore, LostAfter, Late:
		return ErrLost
	}
	return nil
}

// Trace returns what happened, a line each.
func (w *World) Trace() []string { return w.trace }

// run lets the processes run until all have ended, and reports whether they did within the limit.
func (w *World) run(limit time.Duration) bool {
	ended := make(chan struct{})
	go func() {
		w.wait.Wait()
		close(ended)
	}()
	timeout := time.NewTimer(limit)
	defer timeout.Stop()
	for {
		synctest.Wait()
		w.collect()
		if len(w.waiting) > 0 {
			w.step()
			continue
		}
		select {
		case request := <-w.arrived:
			w.waiting = append(w.waiting, request)
		case <-ended:
			return true
		case <-timeout.C:
			w.killAll(ended)
			return false
		}
	}
}

// killAll ends the processes that did not end by themselves.
func (w *World) killAll(ended <-chan struct{}) {
	synctest.Wait()
	for _, process := range w.processes {
		process.Dead.Store(true)
		process.kill()
	}
	for {
		select {
		case request := <-w.arrived:
			close(request.done)
		case <-ended:
			return
		}
	}
}

// collect takes in all requests that have arrived. Their order among the processes is that of the processes'
// start, independent of the machine's scheduler.
func (w *World) collect() {
	for {
		select {
		case request := <-w.arrived:
			w.waiting = append(w.waiting, request)
			continue
		default:
		}
		slices.SortStableFunc(w.waiting, func(a, b *pending) int {
			// One process may ask for two things at once.
			return cmp.Or(cmp.Compare(a.process.place, b.process.place), cmp.Compare(a.what, b.what))
		})
		return
	}
}

// step decides on one request and carries it out.
func (w *World) step() {
	options := 0
	for _, request := range w.waiting {
		options += len(request.kind.fates())
	}
	choice := w.decide(options)
	for i, request := range w.waiting {
		possible := request.kind.fates()
		if choice >= len(possible) {
			choice -= len(possible)
			continue
		}
		w.waiting = slices.Delete(w.waiting, i, i+1)
		request.fate = possible[choice]
		w.carryOut(request)
		return
	}
}

func (w *World) carryOut(request *pending) {
	process := request.process
	w.trace = append(w.trace, process.Name+": "+request.what+": "+request.fate.String())
	switch request.fate {
	case CrashBefore, CrashAfter, CrashLate:
		process.Dead.Store(true)
		process.kill()
	}
	later := func(d time.Duration, answer bool) {
		time.AfterFunc(d, func() {
			request.execute()
			if answer {
				close(request.done)
			}
		})
	}
	switch request.fate {
	case Answered, LostAfter, CrashAfter:
		request.execute()
	case Late, CrashLate:
		later(Lateness, false)
	case Slow:
		later(Lateness, true)
		return
	case PausedBefore:
		later(Pause, true)
		return
	}
	close(request.done)
}
