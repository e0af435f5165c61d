package action

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/watch"
)

// story tells on stderr what happens while a job waits: a live line in a terminal, elsewhere a line when
// something changes and a sign of life each few minutes.
type story struct {
	pipeline   Pipeline
	signOfLife time.Duration
	begun      time.Time

	mu       sync.Mutex
	states   map[lifecycle.Event]watch.State
	since    map[lifecycle.Event]time.Time
	grouped  bool
	lastSaid time.Time
	failing  bool // polls fail at the moment
	running  lifecycle.Event
	lastPoll time.Time
	ticking  chan struct{}
	ticked   sync.WaitGroup
}

func newStory(p Pipeline, signOfLife time.Duration) *story {
	now := time.Now()
	return &story{
		pipeline: p, signOfLife: signOfLife, begun: now, lastSaid: now,
		states: map[lifecycle.Event]watch.State{}, since: map[lifecycle.Event]time.Time{},
	}
}

// say writes one line of the story. Neutralising and redacting it is the pipeline's part.
func (s *story) say(format string, arguments ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.line(format, arguments...)
}

// warn writes a line that should be noticed.
func (s *story) warn(format string, arguments ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lineOf(pipeline.Warning, "Warning: "+format, arguments...)
}

func (s *story) line(format string, arguments ...any) { s.lineOf(pipeline.Info, format, arguments...) }

func (s *story) lineOf(level pipeline.Level, format string, arguments ...any) {
	s.lastSaid = time.Now()
	s.pipeline.Say(level, fmt.Sprintf("%8s  %s", short(time.Since(s.begun)), fmt.Sprintf(format, arguments...)))
}

// observe tells what a poll has changed.
func (s *story) observe(o watch.Observation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observePoll(o.Err)
	for _, judgement := range o.Verdict {
		s.observeEvent(judgement)
	}
	if s.running != "" && time.Since(s.lastSaid) >= s.signOfLife {
		s.line("%s is still running, for %s now.", s.running, short(time.Since(s.since[s.running])))
	}
	s.tick()
}

func (s *story) observePoll(err error) {
	switch {
	case err == nil:
		s.lastPoll = time.Now()
		if s.failing {
			s.failing = false
			s.line("The orchestrator answers again.")
		}
	case !s.failing:
		s.failing = true
		s.lineOf(pipeline.Warning, "Warning: no status: %v. Trying again.", err)
	case time.Since(s.lastSaid) >= s.signOfLife:
		s.lineOf(pipeline.Warning, "Warning: still no status: %v. Trying again.", err)
	}
}

func (s *story) observeEvent(judgement watch.Judgement) {
	event, state := judgement.Event, judgement.State
	if s.states[event] == state {
		return
	}
	before := s.states[event]
	s.states[event] = state
	if state == watch.Running {
		s.since[event] = time.Now()
		s.running = event
		s.openGroup(event.Title())
		s.line("%s is running.", event)
		return
	}
	if event == s.running {
		s.running = ""
	}
	took := ""
	if before == watch.Running {
		took = " after " + short(time.Since(s.since[event]))
	}
	switch state {
	case watch.Completed:
		s.lineOf(pipeline.Success, "%s completed%s%s.", event, took, gist(judgement.Result))
	case watch.Failed, watch.Errored, watch.Blocked:
		s.lineOf(pipeline.Error, "%s: %s%s: %s", event, state, took, judgement.Reason)
	}
	if before == watch.Running {
		s.closeGroup()
	}
}

// gist is what a result says, in a few words.
func gist(result *lifecycle.Result) string {
	var words []string
	if result == nil {
		return ""
	}
	for _, ami := range result.AMIs {
		words = append(words, fmt.Sprintf("%s in %s", ami.ID, ami.Region))
	}
	if len(result.AMIs) > 0 {
		words = append(words, "version "+result.AMIs[0].SemanticVersion)
	}
	if findings := result.Findings; findings != nil && !findings.Unreadable {
		words = append(words, fmt.Sprintf("%d findings", findings.Total))
	}
	if result.CertificationStatus != "" {
		words = append(words, result.CertificationStatus)
	}
	if len(words) == 0 {
		return ""
	}
	return ": " + strings.Join(words, ", ")
}

func (s *story) openGroup(title string) {
	s.closeGroup()
	s.pipeline.Group(title)
	s.grouped = true
}

func (s *story) closeGroup() {
	if s.grouped {
		s.pipeline.EndGroup()
		s.grouped = false
	}
}

// tick starts to show the live line each second, where somebody sees it.
func (s *story) tick() {
	if s.ticking != nil || !s.pipeline.IsInteractive() {
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

func (s *story) showLive() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == "" {
		s.pipeline.Live(fmt.Sprintf("Waiting for the next event, last poll %s ago", short(time.Since(s.lastPoll))))
		return
	}
	s.pipeline.Live(fmt.Sprintf("%s running for %s, last poll %s ago",
		s.running.Title(), short(time.Since(s.since[s.running])), short(time.Since(s.lastPoll))))
}

// close ends the live line and the group that is open.
func (s *story) close() {
	if s.ticking != nil {
		close(s.ticking)
		s.ticked.Wait()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ticking = nil
	s.pipeline.Live("")
	s.closeGroup()
}

// short is a length of time in whole seconds: "42m10s".
func short(d time.Duration) string { return d.Round(time.Second).String() }
