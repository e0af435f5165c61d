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

// Poller fetches the status document of a lifecycle. A poll that was throttled returns at once, with an error that has
// a method Throttled: when to ask again is the wait's to decide, which knows how much it matters.
type Poller interface {
	Poll(ctx context.Context, lifecycleID string) (*lifecycle.Document, error)
}

// Throttled reports whether a poll failed because the server has too much to do, and how long the server asked to be left
// alone, zero if it did not say.
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

// Options say what to wait for, and how long.
type Options struct {
	LifecycleID string
	// Before is the document just before the events were asked for; see [Judge]. nil means that nobody
	// looked: then what the first poll finds counts.
	Before *lifecycle.Document
	Wanted []lifecycle.Event
	// Timeout bounds the whole wait.
	Timeout time.Duration
	// Stall is how long nothing may be in progress, with nothing failed, before the wait gives up.
	Stall time.Duration
	// PollBudget is how long polls may fail in a row before the orchestrator counts as unreachable.
	PollBudget time.Duration
	// Schedule says when to poll.
	Schedule Schedule
	// Earlier is how long events took before, and takes in what the polls show of that; nil knows nothing.
	Earlier *History
	// Behind returns what is known by now of the execution in progress from behind the document; nil where
	// nobody looks.
	Behind func(*lifecycle.Document) Finding
	// Wake has something when a poll is worth it now, such as when Behind has news; nil waits for the schedule alone.
	Wake <-chan struct{}
}

// Poll is what one poll found.
type Poll struct {
	// Judgements and Document are those of the last poll that succeeded; Document is nil before the first.
	Judgements Judgements
	Document   *lifecycle.Document
	// Err is why this poll failed, or nil. A poll that fails does not end the wait.
	Err error
	// Waited is how long the wait has lasted so far, and Next how long it is until the next poll
	// (zero after the last).
	Waited, Next time.Duration
	// Usual is how long events like the one in progress took before, and Expected when that will have passed; both
	// are zero where nothing is in progress or nothing is known.
	Usual    Usual
	Expected time.Time
}

// TimeoutError says that the wait ended before the events did. They go on.
type TimeoutError struct{ Waited time.Duration }

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("waited %s, and it has not ended yet", e.Waited.Round(time.Second))
}

// StalledError says that nothing has been in progress for so long that nothing will come.
type StalledError struct {
	Event lifecycle.Event
	For   time.Duration
}

func (e *StalledError) Error() string {
	return fmt.Sprintf("%s has not started, and nothing has been in progress for %s",
		e.Event, e.For.Round(time.Second))
}

// UnobservableError says that the orchestrator gave no usable status for so long that the wait gave up.
type UnobservableError struct {
	For time.Duration
	Err error
}

func (e *UnobservableError) Error() string {
	return fmt.Sprintf("no status for %s: %v", e.For.Round(time.Second), e.Err)
}

func (e *UnobservableError) Unwrap() error { return e.Err }

// lastAnswer is how long a poll that is under way when the time is up may take to answer.
const lastAnswer = 2 * time.Second

// Polls asks how the lifecycle stands until every event of o.Wanted has completed, or one cannot any more,
// and yields what each poll found. That an event failed is not an error: its judgements tell.
//
// An error ends the sequence: a [TimeoutError], a [StalledError], an [UnobservableError], or the context's
// cause. The Poll beside it is valid as far as the wait got.
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
	settled  Judgements // events that had completed already when nobody had looked before
	judged   Judgements
	document *lifecycle.Document
	pollErr  error

	begun, lastUsable, lastProgress, eventBegun time.Time
	execution                                   string
	usual                                       Usual // of the event in progress
	// strain counts the polls that failed lately: a server that is busy is asked less often, and more often again
	// as it answers.
	strain int
	// restUntil is until when a server that throttled asked to be left alone.
	restUntil time.Time
	// phase is this wait's own place, in [0, 1), among those that begin together with it, and spread that a long pause has
	// been shortened to a random part of it.
	phase  float64
	spread bool
	polls  int
}

// poll asks once. done is true when nothing is left to wait for.
func (w *wait) poll(ctx context.Context, poller Poller) (done bool, err error) {
	// A poll never outlasts the wait.
	bounded, cancel := context.WithDeadline(ctx, w.begun.Add(w.Timeout+lastAnswer))
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
			w.restUntil = now.Add(min(after, w.PollBudget/2)) // two more polls before the wait gives up
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
		w.execution, w.eventBegun = "", w.lastProgress // the next event may begin any moment
	}
	idle := now.Sub(w.lastProgress)
	return false, w.giveUp(now, idle >= w.Stall, &StalledError{Event: w.next(), For: idle})
}

// giveUp returns why to stop: for the given reason if it is due, else because the time is up, else nil.
func (w *wait) giveUp(now time.Time, due bool, reason error) error {
	switch {
	case due:
		return reason
	case now.Sub(w.begun) >= w.Timeout:
		return errors.Join(&TimeoutError{Waited: now.Sub(w.begun)}, w.pollErr)
	}
	return nil
}

// judge takes a new document into the judgements.
func (w *wait) judge(document *lifecycle.Document) {
	open := slices.DeleteFunc(slices.Clone(w.Wanted), func(event lifecycle.Event) bool {
		return w.settled.Of(event) != nil
	})
	var found Finding
	if w.Behind != nil && document.Running.IsRunning() {
		found = w.Behind(document)
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
		// From here on what fails has failed under our eyes: a server that starts a failed event again
		// and again must not keep us waiting.
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

// next returns the event that the wait is for now.
func (w *wait) next() lifecycle.Event {
	for _, judgement := range w.judged {
		if !judgement.State.IsFinal() {
			return judgement.Event
		}
	}
	return ""
}

// pause returns how long to wait until the next poll; the last poll falls on the timeout.
func (w *wait) pause() time.Duration {
	now := time.Now()
	left := w.Timeout - now.Sub(w.begun)
	pause := w.Schedule.next(now.Sub(w.eventBegun), w.expected(), w.strain)
	if w.polls == 1 {
		pause += part(w.phase, max(0, w.Schedule.Spread-pause))
	}
	if pause > w.Schedule.Unnoticed && !w.spread && w.Schedule.Jitter != nil {
		// Of many waits that begin together, at events of any age, each gets a phase of its own.
		pause, w.spread = part(w.Schedule.random(), pause), true
	}
	return max(0, min(max(pause, w.restUntil.Sub(now)), left))
}

// expected returns what is known of the length of the event in progress.
func (w *wait) expected() expectation {
	if w.document == nil || !w.document.Running.IsRunning() {
		return expectation{}
	}
	expected := expect(w.document.Running.Name, w.usual)
	// Waits that begin together do not all ask at the same age.
	expected.matures -= part(w.phase/8, expected.matures)
	return expected
}

// oldestEvent is more than an event can take, by clocks that differ by up to an hour.
const oldestEvent = lifecycle.MaxEvent + time.Hour

// begunAt returns when the execution began: a wait that attaches to one goes on in the rhythm of its age. A date that
// a clock makes impossible counts as now.
func begunAt(execution *lifecycle.EventInProgress, now time.Time) time.Time {
	if age := now.Sub(execution.Started.Time); age > 0 && age < oldestEvent {
		return now.Add(-age)
	}
	return now
}
