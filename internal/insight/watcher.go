package insight

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/org/ami-action/internal/sleep"
)

const (
	defaultTimeout = 20 * time.Second
	// settling is the age of an event at its first examination. Before that there is little to see, and an event that
	// ends soon needs no examination.
	settling = 20 * time.Second
	// patience is the number of successive examinations that see nothing before the user is told.
	patience = 3
)

// Options configure a [Watcher].
type Options struct {
	// AWS returns the AWS configuration, for example [deployment.Finder.AWS]. Each examination calls it. The configuration
	// limits the responses ([awslimit.Responses]).
	AWS func(ctx context.Context) (aws.Config, error)
	// Redact removes the secrets from a text. It is called for each text before the text is shortened. nil means that
	// nothing is removed.
	Redact func(text string) string
	// Timeout limits one examination with all its requests. The default is 20 seconds.
	Timeout time.Duration
}

// Watcher examines the events of one wait, one at a time. It is safe for concurrent use.
type Watcher struct {
	options Options
	clean   cleaner
	clients clients

	looking sync.Mutex // held during an examination

	mu       sync.Mutex
	report   Report
	next     time.Time
	image    Image // the image of the event, once it is known
	searched bool  // the beginning of the history was searched for the image
	since    map[string]time.Time
	refused  refusals
	// toldUnknown is set when the user has been told that AWS does not know the execution.
	toldUnknown bool
	tail        tail
}

// New returns a Watcher. It sends no requests.
func New(options Options) *Watcher {
	if options.Redact == nil {
		options.Redact = func(text string) string { return text }
	}
	if options.Timeout <= 0 {
		options.Timeout = defaultTimeout
	}
	return &Watcher{
		options: options, clean: options.Redact, clients: clients{load: options.AWS},
		refused: refusals{denied: map[action]time.Time{}, said: map[action]bool{}},
	}
}

// Due returns when the next examination of the event may begin. It returns false if there will be none, because the
// credentials have expired or the event has no valid execution ARN. An event is examined 20 seconds after its start, and
// then every minute.
func (w *Watcher) Due(event Event) (time.Time, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refused.expired {
		return time.Time{}, false
	}
	if partition, _ := place(event.ExecutionARN); partition == "" {
		return time.Time{}, false
	}
	w.turnTo(event)
	return w.next, true
}

// turnTo makes the event the current one.
func (w *Watcher) turnTo(event Event) {
	if w.report.Event.ExecutionARN == event.ExecutionARN {
		return
	}
	now := time.Now()
	age := settling // an event of unknown age counts as old enough
	if !event.Started.IsZero() {
		// The clocks of the server and of this machine may differ.
		age = min(max(now.Sub(event.Started), 0), settling)
	}
	next := now.Add(settling - age)
	if earliest := w.report.SeenAt.Add(Interval); !w.report.SeenAt.IsZero() && earliest.After(next) {
		next = earliest
	}
	w.next = next
	w.report = Report{Event: event, Notes: w.report.Notes, Ended: w.report.Ended, Links: linksOf(event.ExecutionARN, nil)}
	w.image, w.searched, w.since = Image{}, false, map[string]time.Time{}
}

// Latest returns the latest report about the event. It sends no requests.
func (w *Watcher) Latest(event Event) Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.report.Event.ExecutionARN != event.ExecutionARN {
		return Report{Event: event, Notes: slices.Clone(w.report.Notes), Ended: w.report.Ended}
	}
	return w.copied()
}

// Look examines the event if that is due ([Watcher.Due]) and no other examination is in progress, and returns the latest
// report. It takes at most [Options.Timeout], and ends when ctx does. Parts that this examination could not see are empty
// in the report. If it saw nothing at all, the report before it remains.
func (w *Watcher) Look(ctx context.Context, event Event) Report {
	due, ok := w.Due(event)
	if !ok || time.Now().Before(due) || !w.looking.TryLock() {
		return w.Latest(event)
	}
	defer w.looking.Unlock()
	ctx, cancel := context.WithTimeout(ctx, w.options.Timeout)
	defer cancel()

	look := &look{watcher: w, event: event, now: time.Now()}
	w.mu.Lock()
	if look.now.Before(w.next) { // another examination has just ended
		defer w.mu.Unlock()
		return w.copied()
	}
	w.next = look.now.Add(Interval)
	look.known, look.searched = w.image, w.searched
	w.mu.Unlock()

	look.all(ctx)

	w.mu.Lock()
	defer w.mu.Unlock()
	if w.report.Event.ExecutionARN == event.ExecutionARN && !errors.Is(ctx.Err(), context.Canceled) {
		w.keep(look)
	}
	return w.copied()
}

// ask calls AWS if the action should be tried now, and records why the call failed. It reports whether it succeeded.
func (w *Watcher) ask(a action, now time.Time, call func() error) bool {
	w.mu.Lock()
	mayAsk := w.refused.mayAsk(a, now)
	w.mu.Unlock()
	if !mayAsk {
		return false
	}
	err := call()
	w.mu.Lock()
	defer w.mu.Unlock()
	if err != nil {
		w.refused.note(a, err, now)
		return false
	}
	w.refused.allowed(a)
	return true
}

// keep stores the report of the examination, and adds notes for the user.
func (w *Watcher) keep(l *look) {
	notes := w.report.Notes
	if note := w.refused.missingNote(); note != "" {
		notes = append(notes, note)
	}
	if w.refused.unknown && !w.toldUnknown {
		w.toldUnknown = true
		notes = append(notes, unknownNote)
	}
	switch {
	case l.sawSomething:
		w.refused.failures = 0
	case w.refused.failed != nil:
		if w.refused.failures++; w.refused.failures == patience {
			notes = append(notes, unreachableNote)
		}
	}
	w.refused.failed = nil
	if w.refused.expired && !w.report.Ended {
		notes = append(notes, expiredNote)
	}
	w.image, w.searched = l.known, l.searched
	if l.sawSomething {
		final, passing := l.judged()
		l.report.Final, l.report.Blocking = final, w.lasting(passing, l.now)
		l.report.Event, l.report.SeenAt = l.event, time.Now()
		w.report = l.report
	}
	w.report.Notes, w.report.Ended = notes, w.refused.expired
}

// lasting sets since when each condition has lasted, and forgets the conditions that have passed.
func (w *Watcher) lasting(conditions []Condition, now time.Time) []Condition {
	since := map[string]time.Time{}
	for i := range conditions {
		one := &conditions[i]
		one.Since = now
		if earlier, ok := w.since[one.Text]; ok {
			one.Since = earlier
		}
		one.Warn = now.Sub(one.Since) > WarnAfter
		since[one.Text] = one.Since
	}
	w.since = since
	return conditions
}

// copied returns the report with its own copy of the notes, which the next examination may extend.
func (w *Watcher) copied() Report {
	report := w.report
	report.Notes = slices.Clone(report.Notes)
	return report
}

// Watch starts a goroutine that examines the event whenever that is due, until ctx ends or no examination is possible any
// more. The channel holds only the newest report that has not been received, and is closed at the end.
func (w *Watcher) Watch(ctx context.Context, event Event) <-chan Report {
	reports := make(chan Report, 1)
	go func() {
		defer close(reports)
		for {
			due, ok := w.Due(event)
			if !ok {
				return
			}
			if sleep.For(ctx, time.Until(due)) != nil {
				return
			}
			report := w.Look(ctx, event)
			select {
			case <-reports: // it was not received, and this one is newer
			default:
			}
			reports <- report
		}
	}()
	return reports
}
