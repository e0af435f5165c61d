package action

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/report"
)

// showStatus fetches one lifecycle and shows it, redacted.
func (r *run) showStatus(ctx context.Context) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, err := r.look(ctx)
	if err != nil {
		return err
	}
	r.lookBehind(ctx, document)
	r.record.Status = statusOf(document)
	r.take(nil, document)
	if r.printsJSON() {
		return r.printDocument(document.Raw)
	}
	_, err = fmt.Fprint(r.Pipeline.Stdout(), report.StatusText(document, time.Now(), r.Redactor))
	return err
}

// The GC percentages for AMI_GET_STATUSES (see [debug.SetGCPercent]): while a list is read, which produces much garbage,
// and while it is shown, which produces little.
const growthReading, growthShowing = 50, 25

// showStatuses fetches all lifecycles, and shows those that the settings ask for, newest first. It filters the list
// itself, because the server does not. A stack tag that the pipeline implies is not a filter: on a branch, it would hide
// most lifecycles.
//
// The list may be large, so memory matters more than the time for garbage collection. That time is short, because most of
// the memory holds packed documents, which contain no pointers.
func (r *run) showStatuses(ctx context.Context) error {
	defer debug.SetGCPercent(debug.SetGCPercent(growthReading))
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	now := time.Now()
	all, isComplete, err := r.listAll(ctx, now)
	if err != nil {
		return err
	}
	debug.SetGCPercent(growthShowing)
	if !isComplete {
		if all, err = r.completed(ctx, all, now); err != nil {
			return err
		}
	}
	found := narrowed(all, r.Settings, now)
	filters := filtersOf(r.Settings)
	if filters != "" {
		r.progress.Say("%d of %d lifecycles: %s.", len(found), len(all), filters)
	}
	r.listing = &report.Listing{
		Lifecycles: overviewsOf(found), Filters: filters, IsCut: !isComplete,
		Run: report.Link(r.Pipeline.Job()), Now: now, Redactor: r.Redactor,
	}
	documents := make([]packed, len(found)) // the rest of the list can be freed
	for i, one := range found {
		documents[i] = one.document
	}
	r.handOnList(r.listing.Lifecycles)
	if !r.printsJSON() {
		_, err := fmt.Fprint(r.Pipeline.Stdout(), r.listing.Text())
		return err
	}
	return r.printList(documents)
}

// listAll reads the list of all lifecycles. isComplete is false if it may have been cut.
func (r *run) listAll(ctx context.Context, now time.Time) (all []*listed, isComplete bool, err error) {
	kept, err := r.Orchestrator.List(ctx, func(document *lifecycle.Document) any { return r.listedOf(document, now) })
	if err != nil {
		return nil, false, err
	}
	size := 0
	for _, one := range kept {
		all = append(all, one.(*listed))
		size += all[len(all)-1].size
	}
	return all, size < listLimit, nil
}

// statusOf returns the status of a lifecycle in one word: that of the event in progress, otherwise that of the last
// result.
func statusOf(document *lifecycle.Document) string {
	if running := document.Running; running != nil {
		if running.IsRunning() {
			return outcome.StatusRunning
		}
		return string(running.Status)
	}
	results := append(slices.Clone(document.Results(lifecycle.Creation)), document.Results(lifecycle.Patching)...)
	if len(results) == 0 {
		return outcome.StatusStarted
	}
	return string(results[len(results)-1].Status)
}
