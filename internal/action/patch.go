package action

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/rules"
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
	// AWS would reject a component with errors only after half an hour.
	content, err := r.component()
	if err != nil {
		return err
	}
	r.token = r.token.with(content)
	if s.DryRun && s.LifecycleID == "" {
		r.progress.Say("The component %s has no errors. Nothing else can be checked without a lifecycle id.", filepath.Base(s.PatchComponent))
		return r.showDryRun(r.patchRequest("LIFECYCLE_ID", wanted))
	}
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, isOurs, err := r.lookForPatch(ctx, wanted)
	if err != nil {
		return err
	}
	if isOurs {
		r.progress.Say("An earlier attempt of this job started this patch: continuing with it.")
		r.identified(document.ID, wanted)
		r.take(nil, document)
		return r.wait(ctx, nil, wanted)
	}
	if err := rules.CheckPatchable(document); err != nil {
		return err
	}
	if s.DryRun {
		return r.showDryRun(r.patchRequest(document.ID, wanted))
	}
	r.identified(document.ID, wanted)
	r.take(nil, document)
	return r.startPatch(ctx, r.patchStep(content), document, wanted)
}

// startPatch asks for the patch, or attaches to that of another run that saw the lifecycle in the same state and asked
// for the same patch with the same component.
func (r *run) startPatch(ctx context.Context, s step, document *lifecycle.Document, wanted []lifecycle.Event) error {
	for {
		if running := document.Running; running.IsRunning() {
			r.progress.Say("The orchestrator repeats %s of the current patch, which has FAILED permanently: a new patch does not wait for it.", running.Name)
		}
		r.progress.Say("Patching (%s): %s.", r.Settings.SemverBumpType, lifecycle.Names(wanted))
		result, err := r.claimed(ctx, s, document, wanted)
		defer result.Wait()
		if err != nil {
			return err
		}
		if result.Sent || r.isAttached(ctx, result, document, wanted) {
			return r.wait(ctx, document, wanted)
		}
		if document, err = r.look(ctx); err != nil {
			return err
		}
		r.lookBehind(ctx, document)
		if err := rules.CheckPatchable(document); err != nil {
			return withHolder(err, result.Holder)
		}
	}
}

// patchStep returns the step that patches with a component of this content. The component is uploaded when no other run
// may patch: in the bucket, two components with one name overwrite each other.
func (r *run) patchStep(content []byte) step {
	name := filepath.Base(r.Settings.PatchComponent)
	digest := sha256.Sum256(content)
	return step{
		request: func(before *lifecycle.Document, events []lifecycle.Event) orchestrator.Request {
			return r.patchRequest(before.ID, events)
		},
		ready: func(ctx context.Context, request orchestrator.Request, before *lifecycle.Document, permit func(context.Context) error) (orchestrator.Request, error) {
			if err := permit(ctx); err != nil {
				return nil, err
			}
			// The upload must not end after that of a run that has taken over the claim.
			ctx, cancel := context.WithTimeout(ctx, r.Limits.Upload)
			defer cancel()
			patch := request.(orchestrator.PatchRequest)
			url, err := r.Deployment.Upload(ctx, before.ID, name, content, uploadToken(before, r.token.String()))
			patch.ComponentURL = url
			return patch, err
		},
		find: r.findStarted,
		statement: func(events []lifecycle.Event) string {
			return fmt.Sprintf("%s (%s) with the component %s (SHA-256 %x): %s", r.Settings.Operation, r.Settings.SemverBumpType, name, digest[:8], lifecycle.Names(events))
		},
	}
}

// patchRequest returns the request for a patch of the lifecycle before the component is uploaded. Its URL has BUCKET in
// place of the bucket's name, which only AWS knows.
func (r *run) patchRequest(id string, wanted []lifecycle.Event) orchestrator.PatchRequest {
	s := r.Settings
	return orchestrator.PatchRequest{
		LifecycleID: id, StackTag: s.StackTag, Owner: s.Owner, CommitRef: s.CommitRef,
		Notifications: s.Notifications, Events: wanted, ComponentURL: "s3://BUCKET/" + id + "/" + filepath.Base(s.PatchComponent),
		ChangeDescription: s.PatchChangeDescription, SemverBumpType: s.SemverBumpType, Properties: r.properties(),
	}
}

// component reads and checks the patch component and returns its content, so that the content that was checked is the one
// that is sent. It returns a [component.Error] if the component has errors, and annotates warnings.
func (r *run) component() ([]byte, error) {
	content, err := r.Files.Read(r.file(config.PatchComponent, r.Settings.PatchComponent), component.MaxSize)
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

// lookForPatch returns the lifecycle, and whether an earlier attempt of this job has patched it. If an earlier attempt
// has uploaded a component, its patch may be starting just now, so lookForPatch looks for a while.
func (r *run) lookForPatch(ctx context.Context, wanted []lifecycle.Event) (document *lifecycle.Document, isOurs bool, err error) {
	uploaded, err := r.earlierUpload(ctx)
	if err != nil {
		return nil, false, err
	}
	err = r.lookAgain(ctx, func() (time.Duration, error) {
		if document, err = r.look(ctx); err != nil {
			return 0, err
		}
		r.lookBehind(ctx, document)
		if uploaded == "" {
			return 0, nil
		}
		if patchesIn(uploaded) == patchesOf(document) {
			return r.Limits.Settle, nil // no patch since the upload, but its request may be in progress
		}
		// A patch that failed does not prevent a new one.
		isOurs = r.startedPatch(ctx, document.ID, uploaded) && watch.Judge(nil, document, wanted, watch.Finding{}).Cause() == nil
		return 0, nil
	})
	return document, isOurs, err
}

// startedPatch reports whether this job started the patch that followed the upload with that token. Another run may have
// taken over the claim of this job since then, so the claim on the state of the lifecycle at the upload decides. Without a
// claim, the upload alone counts as proof, because it comes just before the request.
func (r *run) startedPatch(ctx context.Context, lifecycleID, uploaded string) bool {
	claims := r.claims()
	if claims.Mode == claim.Off {
		return true
	}
	digest := uploaded[strings.LastIndex(uploaded, ".")+1:]
	held, err := claims.Look(ctx, claim.LifecycleKeyOf(lifecycleID, digest))
	if err != nil || held == nil {
		return true
	}
	return r.token.isSameJob(held.Record.Token) && held.Record.State != claim.Released
}

// uploadToken returns the token that a component is uploaded with. It consists of the given token, of which patches the
// lifecycle has, and of its state. The upload comes just before the request, so a new patch after it is that of the
// request, if the claim on that state says so. Dates cannot prove it, because they have only whole seconds.
func uploadToken(document *lifecycle.Document, token string) string {
	return strings.Join([]string{token, patchesOf(document), claim.Digest(document)}, ".")
}

// patchesIn returns the value of patchesOf at an upload.
func patchesIn(uploaded string) string {
	parts := strings.Split(uploaded, ".")
	if len(parts) < 4 {
		return ""
	}
	return parts[2]
}

// patchesOf returns a text that identifies the patches of a lifecycle, including the one in progress.
func patchesOf(document *lifecycle.Document) string {
	history := document.PatchOutputs.History
	patches := fmt.Sprint(len(history.Historical), history.Current != nil)
	if document.IsPatching() {
		patches += document.Running.ExecutionARN
	}
	sum := sha256.Sum256([]byte(patches))
	return hex.EncodeToString(sum[:8])
}

// earlierUpload returns the token with which an earlier attempt of this job uploaded the component,
// or "" if none did. The server keeps only the properties of a lifecycle's first patch, so properties do not
// show which job made a later one (docs/wire-contract.md, "What a client must not be fooled by").
func (r *run) earlierUpload(ctx context.Context) (string, error) {
	attempt := r.Pipeline.Attempt()
	if r.token.job == "" {
		return "", nil
	}
	token, err := r.Deployment.Uploaded(ctx, r.Settings.LifecycleID, filepath.Base(r.Settings.PatchComponent))
	switch {
	case err != nil && attempt > 1:
		return "", &outcome.Error{
			Kind: outcome.Unknown, LifecycleID: r.Settings.LifecycleID,
			Reason: "this is a re-run, and it is unknown whether the previous attempt has patched the lifecycle; nothing was sent",
			Hint:   "check the status, then start a new run instead of re-running this one",
			Err:    err,
		}
	case err != nil && attempt == 1:
		return "", nil // this is the first attempt: an earlier upload is very unlikely
	case err != nil:
		r.progress.Warn("It is unknown whether this job is a retry that has patched the lifecycle before: %v", err)
		return "", nil
	case strings.HasPrefix(token, r.token.job+"."):
		return token, nil
	}
	return "", nil
}
