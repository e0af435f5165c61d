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
func (r *Reporter) Observe(found watch.Poll) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.observePoll(found.Err)
	r.usual, r.expected = found.Usual, found.Expected
	for _, judgement := range found.Judgements {
		r.observeEvent(judgement)
	}
	if r.running != "" && time.Since(r.lastSaid) >= r.heartbeat {
		r.line(pipeline.Info, "%s is still running, for %s now%s.", r.running, Short(time.Since(r.since[r.running])), r.expectation("; "))
	}
	r.tick()
}

// observePoll reports when polls begin to fail and when they succeed again. The first throttled poll is not reported: if
// many jobs wait, each of them is throttled from time to time.
func (r *Reporter) observePoll(err error) {
	before := r.refused
	_, r.refused = watch.Throttled(err)
	switch {
	case r.refused && !before && !r.failing:
	case err == nil:
		r.lastPoll = time.Now()
		if r.failing {
			r.failing = false
			r.line(pipeline.Info, "The orchestrator responds again.")
		}
	case !r.failing:
		r.failing = true
		r.line(pipeline.Warning, "Warning: no status: %v. Trying again.", err)
	case time.Since(r.lastSaid) >= r.heartbeat:
		r.line(pipeline.Warning, "Warning: still no status: %v. Trying again.", err)
	}
}

func (r *Reporter) observeEvent(judgement watch.Judgement) {
	event, state := judgement.Event, judgement.State
	before := r.states[event]
	if before == state {
		return
	}
	r.states[event] = state
	if state == watch.Running {
		r.since[event], r.running, r.step = time.Now(), event, ""
		r.openGroup(event.Title())
		r.line(pipeline.Info, "%s is running%s.", event, r.expectation("; "))
		return
	}
	if event == r.running {
		r.running, r.step = "", ""
	}
	took := ""
	if before == watch.Running {
		took = " after " + Short(time.Since(r.since[event]))
	}
	switch state {
	case watch.Completed:
		r.line(pipeline.Success, "%s completed%s%s.", event, took, gist(judgement.Result))
	case watch.Failed, watch.Errored:
		r.reason = judgement.Reason
		r.line(pipeline.Error, "%s: %s%s: %s", event, state, took, judgement.Reason)
	case watch.Blocked:
		// The line about the event before has the same reason already.
		r.line(pipeline.Error, "%s: %s%s: %s", event, state, took, strings.TrimSuffix(judgement.Reason, ": "+r.reason))
	}
	if before == watch.Running {
		r.closeGroup()
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
