package action

import (
	"context"
	"fmt"

	"github.com/org/ami-action/internal/outcome"
)

// saveTimeline fetches the server's timeline page and saves it with its secrets redacted.
func (r *run) saveTimeline(ctx context.Context) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	id := r.Settings.LifecycleID
	page, err := r.Orchestrator.Timeline(ctx, r.Settings.Operation.Phase(), id)
	if err != nil {
		return err
	}
	file := timelineFile(r.Settings)
	if err := r.Files.Write(file, []byte(r.Redactor.Text(string(page)))); err != nil {
		return outcome.NotWrittenError("the timeline", err)
	}
	path := r.Files.Relative(file.Path)
	r.record.LifecycleID, r.record.TimelineFile = id, path
	r.outputs.SetRecord(&r.record)
	r.outputs.Set("timeline_file", path)
	if !r.printsJSON() {
		fmt.Fprintln(r.Pipeline.Stdout(), path)
	}
	return nil
}
