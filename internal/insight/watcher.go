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
	// settling is how old an event is before it is looked at for the first time: until then there is little
	// to see, and an event that ends soon needs no look at all.
	settling = 20 * time.Second
	// patience is how many looks in a row may see nothing before that is said.
	patience = 3
)

// Options say how to look.
type Options struct {
	// AWS returns the configuration to ask with, such as [deployment.Finder.AWS] does. It is called by each
	// look, and never before the first.
	AWS func(ctx context.Context) (aws.Config, error)
	// Redact removes the secrets from a text. Each text is given to it before it is shortened; nil removes
	// nothing.
	Redact func(text string) string
	// Timeout bounds one look with all its requests; 20 seconds by default.
	Timeout time.Duration
}

// Watcher looks behind the events of one wait, one at a time. Its methods may be called from several
// goroutines.
type Watcher struct {
	options Options
	clean   cleaner
	clients clients

	looking sync.Mutex // held by the one look that is under way

	mu       sync.Mutex
	report   Report
	next     time.Time
	image    Image // the one of the event, once it is known
	searched bool  // the beginning of the history was searched for it
	since    map[string]time.Time
	refused  refusals
	// toldUnknown is set when it was said that AWS does not know the execution.
	toldUnknown bool
	tail        tail
}

// New returns a watcher. It asks nobody anything yet.
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

// Due returns when the event may be looked at next, and false if never: the credentials have expired, or
// the event names no execution. An event is looked at twenty seconds after its start, and then each minute.
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

// turnTo makes the event the one that is looked at.
func (w *Watcher) turnTo(event Event) {
	if w.report.Event.ExecutionARN == event.ExecutionARN {
		return
	}
	now := time.Now()
	age := settling // an event of an unknown age is old enough
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

// Latest returns what is known of the event without asking anybody.
func (w *Watcher) Latest(event Event) Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.report.Event.ExecutionARN != event.ExecutionARN {
		return Report{Event: event, Notes: slices.Clone(w.report.Notes), Ended: w.report.Ended}
	}
	return w.copied()
}

// Look asks AWS about the event if it is due ([Watcher.Due]) and no other look is under way, and returns what
// is known then. It takes no longer than [Options.Timeout], and ends with the context. What this look could
// not see is empty in the report; a look that saw nothing at all leaves the report of the one before it.
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
	if look.now.Before(w.next) { // another look has ended meanwhile
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

// ask calls AWS if the action is worth it now, and keeps why it failed. It reports whether there is an answer.
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

// keep makes what the look has seen the report, and adds the lines that are to be said.
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
		l.report.Final, l.report.Passing = final, w.lasting(passing, l.now)
		l.report.Event, l.report.SeenAt = l.event, time.Now()
		w.report = l.report
	}
	w.report.Notes, w.report.Ended = notes, w.refused.expired
}

// lasting says of each condition since when it has been there, and forgets those that have passed.
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

// copied returns the report so that nobody shares its lists with the next look.
func (w *Watcher) copied() Report {
	report := w.report
	report.Notes = slices.Clone(report.Notes)
	return report
}

// Watch looks at the event whenever it is due, concurrently with its caller, until the context ends or
// nothing more can be seen. The channel has the newest report that was not taken yet, and is closed at the
// end.
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
			case <-reports: // nobody took it, and this one is newer
			default:
			}
			reports <- report
		}
	}()
	return reports
}
