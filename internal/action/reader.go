package action

import (
	"context"
	"errors"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/listing"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/progress"
	"github.com/org/ami-action/internal/sleep"
	"github.com/org/ami-action/internal/watch"
)

// reader reads lifecycles. It changes nothing.
type reader struct {
	settings     *config.Settings
	orchestrator Orchestrator
	insight      Insight // may be nil
	progress     *progress.Reporter
	result       *result
	// earlier collects how long events take, from all documents that are fetched.
	earlier watch.History
}

// look fetches the status document of the lifecycle in the settings and stores it in the result. So the lifecycle is known
// to later jobs, and to the summary, even if the operation is refused afterwards.
func (r *reader) look(ctx context.Context) (*lifecycle.Document, error) {
	document, err := r.orchestrator.Status(ctx, r.settings.LifecycleID)
	if err != nil {
		// The error must name the operation that the user asked for.
		if refusal, ok := errors.AsType[*orchestrator.RefusedError](err); ok {
			refusal.Operation = r.settings.Operation
		}
		return nil, err
	}
	r.earlier.Add(document)
	r.result.found(document)
	return document, nil
}

// list fetches the list of all lifecycles. complete is false if the list may have been cut.
func (r *reader) list(ctx context.Context) (documents []*lifecycle.Document, complete bool, err error) {
	documents, err = r.orchestrator.Statuses(ctx)
	if err != nil {
		return nil, false, err
	}
	for _, document := range documents {
		r.earlier.Add(document)
	}
	return documents, listing.IsComplete(documents), nil
}

// lookAgain calls look until nothing can be starting that does not show yet. look returns how long after the first
// call something may still be starting, or 0 if the result is final.
func (r *reader) lookAgain(ctx context.Context, look func() (time.Duration, error)) error {
	const looks = 6 // roughly: a look itself takes time
	begun := time.Now()
	for said := false; ; {
		wait, err := look()
		left := wait - time.Since(begun)
		if err != nil || left <= 0 {
			return err
		}
		if !said {
			said = true
			r.progress.Say("An earlier request may still be starting: checking again for %s.", progress.Short(wait))
		}
		if err := sleep.For(ctx, min(wait/looks, left)); err != nil {
			return err
		}
	}
}

// lookBehind changes the document's event in progress to ERROR if AWS shows that it can never complete, although the
// document still shows it as in progress. It asks AWS only if an event is in progress.
func (r *reader) lookBehind(ctx context.Context, document *lifecycle.Document) {
	if r.insight == nil || !document.Running.IsRunning() || document.Running.ExecutionARN == "" {
		return
	}
	report := r.insight.Look(ctx, insightEvent(document))
	if !report.Final.Holds(time.Now()) {
		return
	}
	document.Running.Status = lifecycle.Error
	document.Running.ErrorMessage = reasonOf(report)
	document.Running.StatusDate = lifecycle.Date{Time: report.Execution.Stopped}
	r.progress.Warn("%s is shown as in progress, but can never complete: %s.", document.Running.Name, document.Running.ErrorMessage)
}
