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

// Story reports the progress of one command. It is safe for concurrent use.
type Story struct {
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

// New returns a Story that begins now. If an event is in progress and nothing has been written for as long as heartbeat,
// the next poll writes a line.
func New(console Console, heartbeat time.Duration) *Story {
	now := time.Now()
	return &Story{
		console: console, heartbeat: heartbeat, begun: now, lastSaid: now,
		states: map[lifecycle.Event]watch.State{}, since: map[lifecycle.Event]time.Time{},
	}
}

// Say writes one line.
func (s *Story) Say(format string, arguments ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line(pipeline.Info, format, arguments...)
}

// Warn writes one line as a warning.
func (s *Story) Warn(format string, arguments ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line(pipeline.Warning, "Warning: "+format, arguments...)
}

func (s *Story) line(level pipeline.Level, format string, arguments ...any) {
	s.lastSaid = time.Now()
	s.console.Say(level, fmt.Sprintf("%8s  %s", Short(time.Since(s.begun)), fmt.Sprintf(format, arguments...)))
}

// Step reports the current step of the event in progress, if it has changed.
func (s *Story) Step(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if text == "" || text == s.step || s.running == "" {
		return
	}
	s.step = text
	s.line(pipeline.Info, "%s: %s.", s.running, text)
}

// Close removes the live line and ends the open group.
func (s *Story) Close() {
	if s.ticking != nil {
		close(s.ticking)
		s.ticked.Wait()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ticking = nil
	s.console.Live("")
	s.closeGroup()
}

func (s *Story) openGroup(title string) {
	s.closeGroup()
	s.console.Group(title)
	s.grouped = true
}

func (s *Story) closeGroup() {
	if s.grouped {
		s.console.EndGroup()
		s.grouped = false
	}
}

// tick starts a goroutine that updates the live line every second, if the console is interactive.
func (s *Story) tick() {
	if s.ticking != nil || !s.console.IsInteractive() {
		return
	}
	s.ticking = make(chan struct{})
	s.ticked.Go(func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			s.showLive()
			select {
			case <-s.ticking:
				return
			case <-ticker.C:
			}
		}
	})
}

func (s *Story) showLive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	polled := Short(time.Since(s.lastPoll))
	if s.running == "" {
		s.console.Live(fmt.Sprintf("Waiting for the next event, last poll %s ago", polled))
		return
	}
	text := fmt.Sprintf("%s running for %s", s.running.Title(), Short(time.Since(s.since[s.running])))
	if s.step != "" {
		text += ", " + s.step
	}
	text += s.expectation(", ")
	s.console.Live(fmt.Sprintf("%s, last poll %s ago", text, polled))
}

// Short formats a duration in whole seconds: "42m10s".
func Short(d time.Duration) string { return d.Round(time.Second).String() }
