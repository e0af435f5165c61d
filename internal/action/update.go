package action

import (
	"context"
	"fmt"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
)

// update runs further events on a new or a patched AMI.
func (r *run) update(ctx context.Context) error {
	events, err := lifecycle.EventsOf(r.Settings.Operation, r.Settings.Events)
	if err != nil {
		return err
	}
	return changing{run: r, events: events, change: change{
		request: r.updateRequest, find: r.requests.findStarted,
		statement: func(events []lifecycle.Event) string {
			return fmt.Sprintf("%s: %s", r.Settings.Operation, lifecycle.Names(events))
		},
	}}.proceed(ctx)
}

// updateRequest returns the request for the events. before is the lifecycle's current document.
func (r *run) updateRequest(before *lifecycle.Document, events []lifecycle.Event) orchestrator.Request {
	s := r.Settings
	if s.Operation == lifecycle.PatchUpdate {
		return orchestrator.PatchUpdateRequest{
			LifecycleID: before.ID, StackTag: s.StackTag, Owner: s.Owner, CommitRef: s.CommitRef,
			Notifications: s.Notifications, Events: events, Properties: r.requests.properties(),
		}
	}
	return orchestrator.UpdateRequest{
		LifecycleID: before.ID, StackTag: s.StackTag, Owner: s.Owner,
		Notifications: s.Notifications, Events: events, Properties: r.requests.properties(),
	}
}
