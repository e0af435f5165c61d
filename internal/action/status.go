package action

import (
	"context"
	"fmt"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/listing"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/report"
)

// showStatus fetches one lifecycle and shows it, redacted.
func (r *run) showStatus(ctx context.Context) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, err := r.lifecycles.look(ctx)
	if err != nil {
		return err
	}
	r.lifecycles.lookBehind(ctx, document)
	r.record.Status = statusOf(document)
	r.take(nil, document)
	if r.printsJSON() {
		return r.printDocument(document.Raw)
	}
	_, err = fmt.Fprint(r.Pipeline.Stdout(), report.StatusText(document, time.Now(), r.Redactor))
	return err
}

// The GC percentages for AMI_GET_STATUSES (see [debug.SetGCPercent]): while a list is read, which produces much garbage,
// and while it is shown, which produces little. The list may be large, so memory matters more than the time for garbage
// collection. That time is short, because most of the memory holds packed documents, which contain no pointers.
const growthReading, growthShowing = 50, 25

// showStatuses fetches all lifecycles, and shows those that the settings ask for, newest first. A stack tag that the
// pipeline implies is not a filter: on a branch, it would hide most lifecycles.
func (r *run) showStatuses(ctx context.Context) error {
	defer debug.SetGCPercent(debug.SetGCPercent(growthReading))
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	found, err := listing.Lister{
		Settings: r.Settings, Orchestrator: r.Orchestrator, Images: r.Images, Progress: r.progress, Redactor: r.Redactor, Stall: r.Limits.Stall,
	}.Read(ctx)
	if err != nil {
		return err
	}
	debug.SetGCPercent(growthShowing)
	if found.Filters != "" {
		r.progress.Say("%d of %d lifecycles: %s.", len(found.Lifecycles), found.All, found.Filters)
	}
	r.listing = &report.Listing{
		Lifecycles: found.Lifecycles, Filters: found.Filters, IsCut: found.IsCut,
		Run: report.Link(r.Pipeline.Job()), Now: found.Now, Redactor: r.Redactor,
	}
	r.outputs.Set("count", strconv.Itoa(len(found.Lifecycles)))
	r.outputs.SetJSON("lifecycles", found.Lifecycles) // for a matrix
	if !r.printsJSON() {
		_, err := fmt.Fprint(r.Pipeline.Stdout(), r.listing.Text())
		return err
	}
	r.printed = true
	return found.WriteJSON(r.Pipeline.Stdout())
}

// statusOf returns the status of a lifecycle in one word: that of its latest event.
func statusOf(document *lifecycle.Document) string {
	if document.Running.IsRunning() {
		return outcome.StatusRunning
	}
	event, status := document.Latest()
	if event == "" && status == "" {
		return outcome.StatusStarted
	}
	return string(status)
}
