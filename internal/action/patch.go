package action

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"

	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/rules"
)

// patching is an AMI_PATCH in progress.
type patching struct {
	*run
	events  []lifecycle.Event
	content []byte // the patch component
}

// patch starts a patch of a certified and approved AMI, or attaches to the one that an earlier attempt
// of this job started.
func (r *run) patch(ctx context.Context) error {
	s := r.Settings
	events, err := lifecycle.EventsOf(lifecycle.Patch, s.Events)
	if err != nil {
		return err
	}
	// AWS would reject a component with errors only after half an hour.
	content, err := r.component()
	if err != nil {
		return err
	}
	r.requests.token = r.requests.token.with(content)
	p := patching{run: r, events: events, content: content}
	if s.DryRun && s.LifecycleID == "" {
		r.progress.Say("The component %s has no errors. Nothing else can be checked without a lifecycle id.", filepath.Base(s.PatchComponent))
		return r.showDryRun(p.request("LIFECYCLE_ID"))
	}
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, isOurs, err := p.look(ctx)
	if err != nil {
		return err
	}
	if isOurs {
		r.progress.Say("An earlier attempt of this job started this patch: continuing with it.")
		r.identified(document.ID, events)
		r.take(nil, document)
		return r.waiter.wait(ctx, nil, events)
	}
	if err := rules.CheckPatchable(document); err != nil {
		return err
	}
	if s.DryRun {
		return r.showDryRun(p.request(document.ID))
	}
	r.identified(document.ID, events)
	r.take(nil, document)
	return p.start(ctx, document)
}

// component reads and checks the patch component and returns its content, so that the content that was checked is the one
// that is sent. It returns a [component.Error] if the component has errors, and annotates warnings.
func (r *run) component() ([]byte, error) {
	content, err := r.Files.Read(fileOf(r.Settings, config.PatchComponent, r.Settings.PatchComponent), component.MaxSize)
	if err != nil {
		return nil, err
	}
	problems := component.Check(content)
	if component.HasErrors(problems) {
		return nil, &component.Error{File: r.Settings.PatchComponent, Problems: problems}
	}
	for _, warning := range problems {
		r.Pipeline.Annotate(outcome.ComponentAnnotation(r.Settings.PatchComponent, warning))
	}
	return content, nil
}

// start asks for the patch, or attaches to that of another run that saw the lifecycle in the same state and asked
// for the same patch with the same component.
func (p patching) start(ctx context.Context, document *lifecycle.Document) error {
	for {
		if running := document.Running; running.IsRunning() {
			p.progress.Say("The orchestrator repeats %s of the current patch, which has FAILED permanently: a new patch does not wait for it.", running.Name)
		}
		p.progress.Say("Patching (%s): %s.", p.Settings.SemverBumpType, lifecycle.Names(p.events))
		started, err := p.requests.claimed(ctx, p.change(), document, p.events)
		defer started.Wait()
		if err != nil {
			return err
		}
		if started.Sent || p.requests.isAttached(ctx, started, document, p.events) {
			return p.waiter.wait(ctx, document, p.events)
		}
		if document, err = p.lifecycles.look(ctx); err != nil {
			return err
		}
		p.lifecycles.lookBehind(ctx, document)
		if err := rules.CheckPatchable(document); err != nil {
			return withHolder(err, started.Holder)
		}
	}
}

// change returns the change that patches with the component. The component is uploaded when no other run may patch: in
// the bucket, two components with one name overwrite each other.
func (p patching) change() change {
	name, digest := filepath.Base(p.Settings.PatchComponent), sha256.Sum256(p.content)
	return change{
		request: func(before *lifecycle.Document, _ []lifecycle.Event) orchestrator.Request {
			return p.request(before.ID)
		},
		ready: func(ctx context.Context, request orchestrator.Request, before *lifecycle.Document, permit func(context.Context) error) (orchestrator.Request, error) {
			if err := permit(ctx); err != nil {
				return nil, err
			}
			// The upload must not end after that of a run that has taken over the claim.
			ctx, cancel := context.WithTimeout(ctx, p.Limits.Upload)
			defer cancel()
			patch := request.(orchestrator.PatchRequest)
			url, err := p.Deployment.Upload(ctx, before.ID, name, p.content, uploadToken(before, p.requests.token.String()))
			patch.ComponentURL = url
			return patch, err
		},
		find: p.requests.findStarted,
		statement: func(events []lifecycle.Event) string {
			return fmt.Sprintf("%s (%s) with the component %s (SHA-256 %x): %s",
				p.Settings.Operation, p.Settings.SemverBumpType, name, digest[:8], lifecycle.Names(events))
		},
	}
}

// request returns the request for a patch of the lifecycle before the component is uploaded. Its URL has BUCKET in
// place of the bucket's name, which only AWS knows.
func (p patching) request(id string) orchestrator.PatchRequest {
	s := p.Settings
	return orchestrator.PatchRequest{
		LifecycleID: id, StackTag: s.StackTag, Owner: s.Owner, CommitRef: s.CommitRef,
		Notifications: s.Notifications, Events: p.events, ComponentURL: "s3://BUCKET/" + id + "/" + filepath.Base(s.PatchComponent),
		ChangeDescription: s.PatchChangeDescription, SemverBumpType: s.SemverBumpType, Properties: p.requests.properties(),
	}
}
