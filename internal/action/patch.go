package action

import (
	"context"
	"path/filepath"
	"strings"
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
	url, err := r.Deployment.Upload(ctx, document.ID, filepath.Base(s.PatchComponent), content, r.token.String())
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
	uploaded, err := r.earlierUpload(ctx)
	if err != nil {
		return nil, false, err
	}
	err = r.lookAgain(ctx, func() (time.Duration, error) {
		if document, err = r.look(ctx); err != nil {
			return 0, err
		}
		r.outcome.LifecycleID = document.ID
		if uploaded.IsZero() {
			return 0, nil
		}
		if wasPatchedSince(document, uploaded) {
			// A patch that failed is no reason not to patch anew.
			isOurs = watch.Judge(nil, document, wanted).Cause() == nil
			return 0, nil
		}
		return r.Patience.Settle, nil // the request may be under way
	})
	return document, isOurs, err
}

// earlierUpload returns when an earlier attempt of this very job uploaded the component, or the zero time
// if none did. The upload comes just before the request, and it can be told whose it is, which the server
// does not say of a patch ("What a client must not be fooled by": it keeps the properties of a
// lifecycle's first patch only).
func (r *run) earlierUpload(ctx context.Context) (time.Time, error) {
	attempt := r.Pipeline.Attempt()
	if r.token.job == "" || attempt == 1 {
		return time.Time{}, nil
	}
	found, at, err := r.Deployment.Uploaded(ctx, r.Settings.LifecycleID, filepath.Base(r.Settings.PatchComponent))
	switch {
	case err != nil && attempt > 1:
		return time.Time{}, &UnknownError{
			Reason: "this is a re-run, and it cannot be told whether the attempt before it has patched the lifecycle",
			Hint:   "look at the status, then start a new run instead of repeating this one; nothing was sent",
			Err:    err,
		}
	case err != nil:
		r.story.warn("It cannot be told whether this job is a retry that has patched the lifecycle before: %v", err)
		return time.Time{}, nil
	case strings.HasPrefix(found, r.token.job+"."):
		return at, nil
	}
	return time.Time{}, nil
}

// wasPatchedSince reports whether a patch was started after the time, or has ended after it. Both are
// AWS's own times.
func wasPatchedSince(document *lifecycle.Document, uploaded time.Time) bool {
	if running := document.Running; running != nil && running.Name == lifecycle.PatchAMI {
		return !running.Started.Before(uploaded)
	}
	result := document.ResultOf(lifecycle.PatchAMI)
	return result != nil && !result.StatusDate.Before(uploaded)
}
