// Package schedules runs concurrent processes through every order of their requests, with every way in which a request
// can fail. It is for tests that a protocol works under every schedule.
//
// A test supplies the processes, which make each request to the outside through [Process.Request]. A schedule is one run
// of all processes in virtual time: whenever all of them wait, it decides which request is carried out next and what its
// [Fate] is. [Explore] first runs the schedule in which everything succeeds. Then it changes one decision, then two, and
// so on up to a limit: most faults need only one or two.
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

// Fate is what happens to a request.
type Fate int

// The fates of a request.
const (
	// Responded: the request is carried out, and its process gets the response.
	Responded Fate = iota
	// LostBefore: the request is not carried out, and its process gets [ErrLost].
	LostBefore
	// LostAfter: the request is carried out, and its process gets [ErrLost].
	LostAfter
	// Late: the process gets [ErrLost] at once, and the request is carried out [Lateness] later.
	Late
	// Slow: the request is carried out, and its process gets the response, [Lateness] later.
	Slow
	// CrashBefore: the process crashes, and the request is not carried out.
	CrashBefore
	// CrashAfter: the request is carried out, and the process crashes.
	CrashAfter
	// CrashLate: the process crashes, and the request is carried out [Lateness] later.
	CrashLate
	// PausedBefore: the process pauses for [Pause]. Then the request is carried out, and the process gets the response.
	PausedBefore

	fates
)

func (f Fate) String() string {
	return [...]string{
		"responded", "lost before", "lost after", "late", "slow", "crash before", "crash after", "crash, carried out late", "paused before",
	}[f]
}

// The delays of the fates.
const (
	// Lateness is just below the time that the gateway allows a request.
	Lateness = 29 * time.Second
	// Pause is longer than any process waits for another.
	Pause = 10 * time.Minute
)

// ErrLost is the error of a request whose response was lost.
var ErrLost = errors.New("the response was lost")

// Kind says which fates a request can have.
type Kind int

// The kinds of requests.
const (
	// Write is a request that changes something.
	Write Kind = iota
	// Unpausable is a Write that is sent without a pause after the check before it: what the process has checked is
	// still true when the request is sent.
	Unpausable
	// Read is a request that changes nothing. Its process gets the response or [ErrLost], or crashes.
	Read
)

func (k Kind) fates() []Fate {
	switch k {
	case Read:
		return []Fate{Responded, LostBefore, CrashBefore}
	case Unpausable:
		return []Fate{Responded, LostBefore, LostAfter, Late, Slow, CrashBefore, CrashAfter, CrashLate}
	}
	all := make([]Fate, 0, fates)
	for fate := range fates {
		all = append(all, fate)
	}
	return all
}

// World runs the processes of one schedule. Only the goroutine of the schedule may call its methods.
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
	// Dead is true once the process has crashed. It makes no more requests, and no other process sees what it still does.
	Dead atomic.Bool
	// Ended is true once the process has returned or, after a crash, has stopped.
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

// Go starts a process, which runs run. The context of run is cancelled when the process crashes.
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

// Request carries out the request execute, with the fate that the schedule decides. what names it in the trace. The error
// is [ErrLost] or nil. If the process crashes, Request does not return.
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

// Trace returns one line for each request so far: its process, what it was, and its fate.
func (w *World) Trace() []string { return w.trace }

// run runs the processes until all have ended, and reports whether they did within the limit.
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

// killAll crashes the processes that have not ended by themselves, and waits for their end.
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

// collect adds all requests that have arrived to the waiting ones. It sorts them by the order in which their processes
// were started, so that a schedule does not depend on Go's scheduler.
func (w *World) collect() {
	for {
		select {
		case request := <-w.arrived:
			w.waiting = append(w.waiting, request)
			continue
		default:
		}
		slices.SortStableFunc(w.waiting, func(a, b *pending) int {
			// A process may have two requests at once.
			return cmp.Or(cmp.Compare(a.process.place, b.process.place), cmp.Compare(a.what, b.what))
		})
		return
	}
}

// step has the schedule choose one of the waiting requests and its fate, and carries it out.
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
	later := func(d time.Duration, respond bool) {
		time.AfterFunc(d, func() {
			request.execute()
			if respond {
				close(request.done)
			}
		})
	}
	switch request.fate {
	case Responded, LostAfter, CrashAfter:
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
