package action

import (
	"context"

	"github.com/org/ami-action/internal/lifecycle"
)

// resumeWait waits for what another job has started: for the events in the settings, otherwise for the open events of the
// lifecycle.
func (r *run) resumeWait(ctx context.Context) error {
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, err := r.lifecycles.look(ctx)
	if err != nil {
		return err
	}
	wanted, err := lifecycle.WaitedFor(r.Settings.Events, document.CurrentPhase())
	if err != nil {
		return err
	}
	if len(wanted) == 0 {
		wanted = document.OpenEvents()
	}
	r.identified(document.ID, wanted)
	r.take(nil, document)
	if len(wanted) == 0 {
		r.onlyLooked = true
		r.progress.Say("Nothing is in progress, and no event was requested.")
		return nil
	}
	return r.waiter.wait(ctx, nil, wanted)
}
