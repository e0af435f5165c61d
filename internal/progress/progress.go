// Package progress reports on stderr what happens while a job waits: a line for each change, and in addition a live line in
// a terminal. Long waits have a line every few minutes that says that the event is still running.
package progress

import (
	"fmt"
	"sync"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/watch"
)

// Console is the output. It redacts and neutralises what it is given.
type Console interface {
	// Say writes a line. Live shows a line that each call replaces in place, if IsInteractive is true.
	Say(level pipeline.Level, text string)
	Live(text string)
	IsInteractive() bool
	Group(title string)
	EndGroup()
}

// Reporter reports the progress of one command. It is safe for concurrent use.
type Reporter struct {
	console   Console
	heartbeat time.Duration
	begun     time.Time

	mu     sync.Mutex
	states map[lifecycle.Event]watch.State
	since  map[lifecycle.Event]time.Time
	// reason is why the last failed event failed.
	reason   string
	grouped  bool
	lastSaid time.Time
	failing  bool // polls are failing, and that has been reported
	refused  bool // the last poll was throttled
	running  lifecycle.Event
	step     string // the current step of the event in progress
	usual    watch.Usual
	expected time.Time // when the event in progress is expected to end, or zero if that is unknown
	lastPoll time.Time
	ticking  chan struct{}
	ticked   sync.WaitGroup
}

// New returns a Reporter that begins now. If an event is in progress and nothing has been written for as long as
// heartbeat, the next poll writes a line.
func New(console Console, heartbeat time.Duration) *Reporter {
	now := time.Now()
	return &Reporter{
		console: console, heartbeat: heartbeat, begun: now, lastSaid: now,
		states: map[lifecycle.Event]watch.State{}, since: map[lifecycle.Event]time.Time{},
	}
}

// Say writes one line.
func (r *Reporter) Say(format string, arguments ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.line(pipeline.Info, format, arguments...)
}

// Warn writes one line as a warning.
func (r *Reporter) Warn(format string, arguments ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.line(pipeline.Warning, "Warning: "+format, arguments...)
}

func (r *Reporter) line(level pipeline.Level, format string, arguments ...any) {
	r.lastSaid = time.Now()
	r.console.Say(level, fmt.Sprintf("%8s  %s", Short(time.Since(r.begun)), fmt.Sprintf(format, arguments...)))
}

// Step reports the current step of the event in progress, if it has changed.
func (r *Reporter) Step(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if text == "" || text == r.step || r.running == "" {
		return
	}
	r.step = text
	r.line(pipeline.Info, "%s: %s.", r.running, text)
}

// Close removes the live line and ends the open group.
func (r *Reporter) Close() {
	if r.ticking != nil {
		close(r.ticking)
		r.ticked.Wait()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ticking = nil
	r.console.Live("")
	r.closeGroup()
}

func (r *Reporter) openGroup(title string) {
	r.closeGroup()
	r.console.Group(title)
	r.grouped = true
}

func (r *Reporter) closeGroup() {
	if r.grouped {
		r.console.EndGroup()
		r.grouped = false
	}
}

// tick starts a goroutine that updates the live line every second, if the console is interactive.
func (r *Reporter) tick() {
	if r.ticking != nil || !r.console.IsInteractive() {
		return
	}
	r.ticking = make(chan struct{})
	r.ticked.Go(func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			r.showLive()
			select {
			case <-r.ticking:
				return
			case <-ticker.C:
			}
		}
	})
}

func (r *Reporter) showLive() {
	r.mu.Lock()
	defer r.mu.Unlock()
	polled := Short(time.Since(r.lastPoll))
	if r.running == "" {
		r.console.Live(fmt.Sprintf("Waiting for the next event, last poll %s ago", polled))
		return
	}
	text := fmt.Sprintf("%s running for %s", r.running.Title(), Short(time.Since(r.since[r.running])))
	if r.step != "" {
		text += ", " + r.step
	}
	text += r.expectation(", ")
	r.console.Live(fmt.Sprintf("%s, last poll %s ago", text, polled))
}

// Short formats a duration in whole seconds: "42m10s".
func Short(d time.Duration) string { return d.Round(time.Second).String() }
