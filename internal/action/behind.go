package action

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/progress"
	"github.com/org/ami-action/internal/watch"
)

// Insight looks behind the status document, which can show a failed build as in progress
// (docs/behind-the-document.md). If it sees nothing, that has no effect.
type Insight interface {
	// Look looks once, and returns what is then known of the event.
	Look(context.Context, insight.Event) insight.Report
	// Latest returns what the last look saw. It sends no request.
	Latest(insight.Event) insight.Report
	// Watch looks repeatedly until the context ends or there is nothing more to learn.
	Watch(context.Context, insight.Event) <-chan insight.Report
	// BuildLog returns the lines of a build's log that are new since the last call.
	BuildLog(context.Context, insight.Event) insight.LogChunk
}

func insightEvent(document *lifecycle.Document) insight.Event {
	running := document.Running
	return insight.Event{
		LifecycleID: document.ID, Name: running.Name, ExecutionARN: running.ExecutionARN, Started: running.Started.Time,
	}
}

// observer looks behind the event in progress during a wait, in parallel with the polls.
type observer struct {
	insight  Insight // may be nil
	result   *result
	buildLog bool // show the build's log

	ctx  context.Context //nolint:containedctx // of the wait that it belongs to
	stop context.CancelFunc
	told int // how many notes have been printed
	// wake makes the wait poll at once: the event has ended, although the document does not show it yet.
	wake chan struct{}

	mu       sync.Mutex
	watching insight.Event
	ended    context.CancelFunc
	done     sync.WaitGroup
	warned   map[string]bool
}

func (w *waiter) newObserver(ctx context.Context) *observer {
	ctx, stop := context.WithCancel(ctx)
	return &observer{
		insight: w.insight, result: w.result, buildLog: w.settings.BuildLog,
		ctx: ctx, stop: stop, wake: make(chan struct{}, 1), warned: map[string]bool{},
	}
}

// close stops looking, and returns when the looks have ended. It may be called more than once.
func (o *observer) close() {
	o.stop()
	o.done.Wait()
}

// behind returns what is known of the execution in progress; see [watch.Options].
func (o *observer) behind(document *lifecycle.Document) watch.Finding {
	if o.insight == nil || document.Running.ExecutionARN == "" {
		return watch.Finding{}
	}
	event := insightEvent(document)
	o.follow(event)
	report := o.insight.Latest(event)
	if !report.Final.Holds(time.Now()) {
		return watch.Finding{}
	}
	return watch.Finding{ExecutionARN: event.ExecutionARN, Reason: reasonOf(report)}
}

// follow starts to look behind an execution, unless it is the one already watched.
func (o *observer) follow(event insight.Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.watching.ExecutionARN == event.ExecutionARN {
		return
	}
	if o.ended != nil {
		o.ended()
	}
	ctx, cancel := context.WithCancel(o.ctx)
	o.watching, o.ended = event, cancel
	o.done.Go(func() {
		for report := range o.insight.Watch(ctx, event) {
			o.tell(report)
			if status := report.Execution.Status; report.Final.Holds(time.Now()) || status != "" && status != "RUNNING" {
				select {
				case o.wake <- struct{}{}:
				default: // a wake-up is already pending
				}
			}
			if o.buildLog {
				o.tellLog(o.insight.BuildLog(ctx, event))
			}
		}
	})
}

// tell reports what is new in a look.
func (o *observer) tell(report insight.Report) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, note := range report.Notes[min(o.told, len(report.Notes)):] {
		o.result.progress.Say("%s", note)
	}
	o.told = max(o.told, len(report.Notes))
	o.result.steps.take(report)
	o.result.progress.Step(whereOf(report))
	for _, condition := range report.Blocking {
		if condition.Warn && !o.warned[condition.Text] {
			o.warned[condition.Text] = true
			o.result.progress.Warn("%s for %s now. %s", condition.Text, progress.Short(time.Since(condition.Since)), condition.Hint)
		}
	}
}

func (o *observer) tellLog(chunk insight.LogChunk) {
	if chunk.Omitted > 0 {
		o.result.progress.Say("(%d lines of the build's log were omitted)", chunk.Omitted)
	}
	for _, line := range chunk.Lines {
		o.result.pipeline.Say(pipeline.Info, "  | "+line)
	}
}

// whereOf returns in a few words which step inside an event the orchestrator has reached, or "" if that is unknown.
func whereOf(report insight.Report) string {
	var parts []string
	if name := report.State.Name; name != "" {
		if report.State.Total > 0 {
			name += fmt.Sprintf(" (%d of %d)", report.State.Number, report.State.Total)
		}
		parts = append(parts, name)
	}
	if step := report.RunningStep(); step != nil {
		parts = append(parts, step.Name)
	}
	return strings.Join(parts, ", ")
}

// reasonOf returns what failed, where and why, in one line.
func reasonOf(report insight.Report) string {
	final := report.Final
	text := final.What
	if where := final.Where(); where != "" {
		text += " (" + where + ")"
	}
	if final.Reason != "" {
		text += ": " + strings.TrimSuffix(final.Reason, ".") // callers continue the sentence
	}
	return text
}
