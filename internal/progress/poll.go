package progress

import (
	"fmt"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/watch"
)

// Observe reports what has changed since the poll before.
func (s *Story) Observe(found watch.Poll) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observePoll(found.Err)
	s.usual, s.expected = found.Usual, found.Expected
	for _, judgement := range found.Judgements {
		s.observeEvent(judgement)
	}
	if s.running != "" && time.Since(s.lastSaid) >= s.heartbeat {
		s.line(pipeline.Info, "%s is still running, for %s now%s.", s.running, Short(time.Since(s.since[s.running])), s.expectation("; "))
	}
	s.tick()
}

// observePoll reports when polls begin to fail and when they succeed again. The first throttled poll is not reported: if
// many jobs wait, each of them is throttled from time to time.
func (s *Story) observePoll(err error) {
	before := s.refused
	_, s.refused = watch.Throttled(err)
	switch {
	case s.refused && !before && !s.failing:
	case err == nil:
		s.lastPoll = time.Now()
		if s.failing {
			s.failing = false
			s.line(pipeline.Info, "The orchestrator answers again.")
		}
	case !s.failing:
		s.failing = true
		s.line(pipeline.Warning, "Warning: no status: %v. Trying again.", err)
	case time.Since(s.lastSaid) >= s.heartbeat:
		s.line(pipeline.Warning, "Warning: still no status: %v. Trying again.", err)
	}
}

func (s *Story) observeEvent(judgement watch.Judgement) {
	event, state := judgement.Event, judgement.State
	before := s.states[event]
	if before == state {
		return
	}
	s.states[event] = state
	if state == watch.Running {
		s.since[event], s.running, s.step = time.Now(), event, ""
		s.openGroup(event.Title())
		s.line(pipeline.Info, "%s is running%s.", event, s.expectation("; "))
		return
	}
	if event == s.running {
		s.running, s.step = "", ""
	}
	took := ""
	if before == watch.Running {
		took = " after " + Short(time.Since(s.since[event]))
	}
	switch state {
	case watch.Completed:
		s.line(pipeline.Success, "%s completed%s%s.", event, took, gist(judgement.Result))
	case watch.Failed, watch.Errored:
		s.reason = judgement.Reason
		s.line(pipeline.Error, "%s: %s%s: %s", event, state, took, judgement.Reason)
	case watch.Blocked:
		// The line about the event before has the same reason already.
		s.line(pipeline.Error, "%s: %s%s: %s", event, state, took, strings.TrimSuffix(judgement.Reason, ": "+s.reason))
	}
	if before == watch.Running {
		s.closeGroup()
	}
}

// gist returns a summary of a result in a few words, after a colon, or "" if there is nothing to say.
func gist(result *lifecycle.Result) string {
	if result == nil {
		return ""
	}
	var words []string
	for _, ami := range result.AMIs {
		words = append(words, fmt.Sprintf("%s in %s", ami.ID, ami.Region))
	}
	if len(result.AMIs) > 0 {
		words = append(words, "version "+result.AMIs[0].SemanticVersion)
	}
	if findings := result.Findings; findings != nil && !findings.Unreadable {
		words = append(words, fmt.Sprintf("%d findings", findings.Total))
	}
	if verdict := result.Verdict(); verdict != "" {
		words = append(words, verdict)
	}
	if len(words) == 0 {
		return ""
	}
	return ": " + strings.Join(words, ", ")
}
