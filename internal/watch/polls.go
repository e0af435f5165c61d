package watch

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// Poller fetches the status document of a lifecycle. If the poll is throttled, Poll must return at once, with an error
// that [Throttled] recognizes. The wait decides when to poll again.
type Poller interface {
	Poll(ctx context.Context, lifecycleID string) (*lifecycle.Document, error)
}

// Throttled reports whether a poll failed because the server limits requests. after is how long the server asked to wait,
// or zero if it did not say. The error must have a method Throttled() (time.Duration, bool).
func Throttled(err error) (after time.Duration, is bool) {
	refused, ok := errors.AsType[interface {
		error
		Throttled() (time.Duration, bool)
	}](err)
	if !ok {
		return 0, false
	}
	return refused.Throttled()
}

// Options configures a wait.
type Options struct {
	LifecycleID string
	// Before is the document just before the events were requested; see [Judge]. If it is nil, the results that the
	// first poll finds count.
	Before *lifecycle.Document
	Wanted []lifecycle.Event
	// Timeout bounds the whole wait.
	Timeout time.Duration
	// Stall is the time after which the wait gives up if no event is in progress and none has failed.
	Stall time.Duration
	// PollBudget is how long polls may fail in a row before the orchestrator counts as unreachable.
	PollBudget time.Duration
	// Schedule sets the pauses between polls.
	Schedule Schedule
	// Earlier is how long earlier events took. The documents of the polls are added to it. It may be nil.
	Earlier *History
	// FindingOf returns what is known about the document's execution in progress that the document does not show. It must
	// return at once. It may be nil.
	FindingOf func(*lifecycle.Document) Finding
	// Wake triggers a poll before the schedule does, for example when FindingOf has a new finding. It may be nil.
	Wake <-chan struct{}
}

// Poll is the state of the wait after one poll.
type Poll struct {
	// Judgements and Document are those of the last successful poll. Document is nil before the first.
	Judgements Judgements
	Document   *lifecycle.Document
	// Err is why this poll failed, or nil. A failed poll does not end the wait.
	Err error
	// Waited is how long the wait has lasted, and Next the time until the next poll (zero after the last).
	Waited, Next time.Duration
	// Usual is how long events like the one in progress took, and Expected when that event will have taken the median.
	// Both are zero if no event is in progress or no earlier one is known.
	Usual    Usual
	Expected time.Time
}

// TimeoutError reports that the wait timed out before the events ended. The events continue.
type TimeoutError struct{ Waited time.Duration }

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("not finished after a wait of %s", e.Waited.Round(time.Second))
}

// StalledError reports that no event has been in progress for so long that the requested one is not expected to start.
type StalledError struct {
	Event lifecycle.Event
	For   time.Duration
}

func (e *StalledError) Error() string {
	return fmt.Sprintf("%s has not started, and nothing has been in progress for %s",
		e.Event, e.For.Round(time.Second))
}

// UnobservableError reports that the wait gave up because the orchestrator returned no usable status for too long.
type UnobservableError struct {
	For time.Duration
	Err error
}

func (e *UnobservableError) Error() string {
	return fmt.Sprintf("no status for %s: %v", e.For.Round(time.Second), e.Err)
}

func (e *UnobservableError) Unwrap() error { return e.Err }

// pollGrace is how long a poll may continue after the wait has timed out.
const pollGrace = 2 * time.Second

// Polls polls the lifecycle until every event of o.Wanted has completed or one of them cannot complete any more, and
// yields the result of each poll. A failed event is not an error; the judgements report it.
//
// An error ends the sequence: a [TimeoutError], a [StalledError], an [UnobservableError], or the context's
// cause. The Poll that is yielded with it has the state of the wait up to then.
func Polls(ctx context.Context, poller Poller, o Options) iter.Seq2[Poll, error] {
	return func(yield func(Poll, error) bool) {
		w := &wait{Options: o, begun: time.Now()}
		w.phase = w.Schedule.random()
		if w.Earlier == nil {
			w.Earlier = &History{}
		}
		w.lastUsable, w.lastProgress, w.eventBegun = w.begun, w.begun, w.begun
		for {
			done, err := w.poll(ctx, poller)
			pause := w.pause()
			if done || err != nil {
				pause = 0
			}
			found := Poll{
				Judgements: w.judged, Document: w.document, Err: w.pollErr, Waited: time.Since(w.begun), Next: pause, Usual: w.usual,
			}
			if w.usual.Events > 0 {
				found.Expected = w.eventBegun.Add(w.usual.Median)
			}
			if !yield(found, err) || done || err != nil {
				return
			}
			select {
			case <-ctx.Done():
				yield(found, context.Cause(ctx))
				return
			case <-o.Wake:
			case <-time.After(pause):
			}
		}
	}
}

// wait is the state of one sequence of polls.
type wait struct {
	Options
	settled  Judgements // events that the first poll found completed, if Before was nil
	judged   Judgements
	document *lifecycle.Document
	pollErr  error

	begun, lastUsable, lastProgress, eventBegun time.Time
	execution                                   string
	usual                                       Usual // of the event in progress
	// strain counts the recent failed polls: each failure adds one, and each success subtracts one. A busy server is
	// polled less often.
	strain int
	// restUntil is the time until which a throttling server asked not to be polled.
	restUntil time.Time
	// phase is a random number in [0, 1) that separates this wait from others that begin at the same time. spread is set
	// once a long pause has been shortened to a random part of it.
	phase  float64
	spread bool
	polls  int
}

// poll polls once. done is true when there is nothing left to wait for.
func (w *wait) poll(ctx context.Context, poller Poller) (done bool, err error) {
	// A poll must not outlast the wait by more than pollGrace.
	bounded, cancel := context.WithDeadline(ctx, w.begun.Add(w.Timeout+pollGrace))
	defer cancel()
	document, err := poller.Poll(bounded, w.LifecycleID)
	now := time.Now()
	w.polls++
	w.pollErr = err
	if ctx.Err() != nil {
		return false, context.Cause(ctx)
	}
	if err != nil {
		w.strain++
		if after, is := Throttled(err); is {
			w.restUntil = now.Add(min(after, w.PollBudget/2)) // leaves time for two more polls before the wait gives up
		}
		return false, w.giveUp(now, now.Sub(w.lastUsable) >= w.PollBudget,
			&UnobservableError{For: now.Sub(w.lastUsable), Err: err})
	}
	w.lastUsable, w.strain = now, max(0, w.strain-1)
	w.judge(document)
	if w.judged.Succeeded() || w.judged.Cause() != nil {
		return true, nil
	}
	w.usual = Usual{}
	if running := document.Running; running.IsRunning() {
		w.lastProgress = now
		if running.ExecutionARN != w.execution {
			w.execution, w.eventBegun = running.ExecutionARN, begunAt(running, now)
		}
		w.usual = w.Earlier.Usual(document.StackTag, running.Name)
	} else {
		w.execution, w.eventBegun = "", w.lastProgress // the next event may begin at any moment
	}
	idle := now.Sub(w.lastProgress)
	return false, w.giveUp(now, idle >= w.Stall, &StalledError{Event: w.next(), For: idle})
}

// giveUp returns reason if due is true, a TimeoutError if the wait has timed out, and nil otherwise.
func (w *wait) giveUp(now time.Time, due bool, reason error) error {
	switch {
	case due:
		return reason
	case now.Sub(w.begun) >= w.Timeout:
		return errors.Join(&TimeoutError{Waited: now.Sub(w.begun)}, w.pollErr)
	}
	return nil
}

// judge updates the judgements from a new document.
func (w *wait) judge(document *lifecycle.Document) {
	open := slices.DeleteFunc(slices.Clone(w.Wanted), func(event lifecycle.Event) bool {
		return w.settled.Of(event) != nil
	})
	var found Finding
	if w.FindingOf != nil && document.Running.IsRunning() {
		found = w.FindingOf(document)
	}
	judged := Judge(w.Before, document, open, found)
	w.judged = w.judged[:0:0]
	for _, event := range w.Wanted {
		judgement := w.settled.Of(event)
		if judgement == nil {
			judgement = judged.Of(event)
		}
		w.judged = append(w.judged, *judgement)
	}
	if w.document == nil || countResults(w.document) != countResults(document) {
		w.lastProgress = w.lastUsable
		w.Earlier.Add(document)
	}
	w.document = document
	if w.Before == nil {
		// From now on, a new failure ends the wait. Otherwise, a server that restarts a failed event again and again would
		// keep it waiting.
		for _, judgement := range w.judged {
			if judgement.State == Completed {
				w.settled = append(w.settled, judgement)
			}
		}
		w.Before = document
	}
}

func countResults(document *lifecycle.Document) int {
	return len(document.Results(lifecycle.Creation)) + len(document.Results(lifecycle.Patching))
}

// next returns the first requested event that has not ended, or "" if all have.
func (w *wait) next() lifecycle.Event {
	for _, judgement := range w.judged {
		if !judgement.State.IsFinal() {
			return judgement.Event
		}
	}
	return ""
}

// pause returns the time until the next poll. The last poll is sent at the timeout.
func (w *wait) pause() time.Duration {
	now := time.Now()
	left := w.Timeout - now.Sub(w.begun)
	pause := w.Schedule.next(now.Sub(w.eventBegun), w.expected(), w.strain)
	if w.polls == 1 {
		pause += part(w.phase, max(0, w.Schedule.Spread-pause))
	}
	if pause > w.Schedule.Unnoticed && !w.spread && w.Schedule.Jitter != nil {
		// This gives each of many waits that begin together a phase of its own, whatever the age of its event.
		pause, w.spread = part(w.Schedule.random(), pause), true
	}
	return max(0, min(max(pause, w.restUntil.Sub(now)), left))
}

// expected returns what is known about the length of the event in progress.
func (w *wait) expected() expectation {
	if w.document == nil || !w.document.Running.IsRunning() {
		return expectation{}
	}
	expected := expect(w.document.Running.Name, w.usual)
	// Waits that begin together must not all poll at the same age of the event.
	expected.matures -= part(w.phase/8, expected.matures)
	return expected
}

// oldestEvent is an upper bound for the age of an event. It allows clocks to differ by up to an hour.
const oldestEvent = lifecycle.MaxEvent + time.Hour

// begunAt returns when the execution began, so that a wait that attaches to it uses the pauses for its age. If clocks
// that differ make the date impossible, begunAt returns now.
func begunAt(execution *lifecycle.EventInProgress, now time.Time) time.Time {
	if age := now.Sub(execution.Started.Time); age > 0 && age < oldestEvent {
		return now.Add(-age)
	}
	return now
}
