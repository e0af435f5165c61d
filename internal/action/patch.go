package action

import (
	"context"
	"path/filepath"
	"time"

	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/watch"
)

// patch starts a patch of a certified and approved AMI, or attaches to the one that an earlier attempt
// of this job started.
func (r *run) patch(ctx context.Context) error {
	s := r.Settings
	wanted, err := lifecycle.EventsOf(lifecycle.Patch, s.Events)
	if err != nil {
		return err
	}
	// A faulty component would fail at AWS only after half an hour.
	content, err := component.Read(s.PatchComponent)
	if err != nil {
		return err
	}
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, isOurs, err := r.lookForPatch(ctx, wanted)
	if err != nil {
		return err
	}
	if isOurs {
		r.story.say("An earlier attempt of this job started this patch: going on with it.")
		r.identified(document.ID, wanted)
		r.take(nil, document)
		return r.wait(ctx, nil, wanted)
	}
	if err := checkPatchable(document); err != nil {
		return err
	}
	properties := r.properties()
	if s.DryRun {
		return r.showDryRun(wanted, properties)
	}
	r.identified(document.ID, wanted)
	r.take(nil, document)
	url, err := r.Deployment.Upload(ctx, document.ID, filepath.Base(s.PatchComponent), content)
	if err != nil {
		return err
	}
	r.story.say("Patching (%s): %s.", s.SemverBumpType, names(wanted))
	_, err = r.once(ctx, sending{
		send: func(ctx context.Context) (orchestrator.Accepted, error) {
			return r.Orchestrator.Patch(ctx, orchestrator.PatchRequest{
				LifecycleID: document.ID, StackTag: s.StackTag, Owner: s.Owner, CommitRef: s.CommitRef,
				Notifications: r.notifications(), Events: wanted, ComponentURL: url,
				ChangeDescription: s.PatchChangeDescription, SemverBumpType: s.SemverBumpType, Properties: properties,
			})
		},
		find: r.findStarted(document, wanted),
	})
	if err != nil {
		return err
	}
	return r.wait(ctx, document, wanted)
}

// lookForPatch looks at the lifecycle, and whether an earlier attempt of this job has patched it. After
// such an attempt the patch may be starting just now.
func (r *run) lookForPatch(ctx context.Context, wanted []lifecycle.Event) (document *lifecycle.Document, isOurs bool, err error) {
	err = r.lookAgain(ctx, func() (time.Duration, error) {
		if document, err = r.look(ctx); err != nil {
			return 0, err
		}
		r.outcome.LifecycleID = document.ID
		isOurs = r.isOurPatch(document, wanted)
		if r.Pipeline.Attempt() > 1 && !isOurs && checkPatchable(document) == nil {
			return r.Patience.Settle, nil
		}
		return 0, nil
	})
	return document, isOurs, err
}

// isOurPatch reports whether the patch in progress, or the one that was the lifecycle's first, was asked
// for by an earlier attempt of this very job. Later patches that have ended cannot be told: the server
// keeps the properties of the first one only ("What a client must not be fooled by").
func (r *run) isOurPatch(document *lifecycle.Document, wanted []lifecycle.Event) bool {
	history, running := document.PatchOutputs.History, document.Running
	if !r.token.isOurs(document) || len(history.Historical) > 0 {
		return false
	}
	patching := running != nil && running.Name.Phase() == lifecycle.Patching
	if history.Current != nil && patching && running.Name == lifecycle.PatchAMI {
		return false // a second patch, which somebody else has started
	}
	// A patch that failed is no reason not to patch anew.
	return (history.Current != nil || patching) && watch.Judge(nil, document, wanted).Cause() == nil
}
