package action

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/org/ami-action/internal/outcome"
)

// saveTimeline fetches the timeline page and saves it. The page is the server's own: what is secret in
// it is redacted.
func (r *run) saveTimeline(ctx context.Context) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	id := r.Settings.LifecycleID
	page, err := r.Orchestrator.Timeline(ctx, r.Settings.Operation.Phase(), id)
	if err != nil {
		return err
	}
	path := r.Settings.TimelineFile
	if path == "" {
		path = fmt.Sprintf("ami-timeline-%s.html", id)
	}
	if err := writeFile(path, []byte(r.Redactor.Text(string(page)))); err != nil {
		return outcome.NotWrittenError("timeline "+path, err)
	}
	r.record.LifecycleID, r.record.TimelineFile = id, path
	r.outputs.SetRecord(&r.record)
	r.outputs.Set("timeline_file", path)
	if !r.printsJSON() {
		fmt.Fprintln(r.Pipeline.Stdout(), path)
	}
	return nil
}

func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}
