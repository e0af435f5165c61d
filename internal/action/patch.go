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
	content, err := r.component()
	if err != nil {
		return err
	}
	r.token = r.token.with(content)
	if s.DryRun && s.LifecycleID == "" {
		r.story.Say("The component %s has no error. Without a lifecycle nothing else can be checked.", filepath.Base(s.PatchComponent))
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
		r.story.Say("An earlier attempt of this job started this patch: continuing with it.")
		r.identified(document.ID, wanted)
		r.take(nil, document)
		return r.wait(ctx, nil, wanted)
	}
	if err := checkPatchable(document); err != nil {
		return err
	}
	if s.DryRun {
		return r.showDryRun(r.patchRequest(document.ID, wanted))
	}
	r.identified(document.ID, wanted)
	r.take(nil, document)
	return r.startPatch(ctx, r.patchStep(content), document, wanted)
}

// startPatch asks for the patch, or attaches to that of another run which asked for the very same, of the same
// component, when the lifecycle stood as this one saw it.
func (r *run) startPatch(ctx context.Context, s step, document *lifecycle.Document, wanted []lifecycle.Event) error {
	for {
		if running := document.Running; running.IsRunning() {
			r.story.Say("The orchestrator repeats %s of the current patch, which FAILED for good: a new patch does not wait for it.", running.Name)
		}
		r.story.Say("Patching (%s): %s.", r.Settings.SemverBumpType, names(wanted))
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
		if err := checkPatchable(document); err != nil {
			return withHolder(err, result.Holder)
		}
	}
}

// patchStep is the patch with a component of that content. It is uploaded once nobody else may patch any more: two
// components of one name take each other's place in the bucket.
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
			// It must not come after that of a run which has taken the claim over.
			ctx, cancel := context.WithTimeout(ctx, r.Limits.Upload)
			defer cancel()
			patch := request.(orchestrator.PatchRequest)
			url, err := r.Deployment.Upload(ctx, before.ID, name, content, uploadToken(before, r.token.String()))
			patch.ComponentURL = url
			return patch, err
		},
		find: r.findStarted,
		statement: func(events []lifecycle.Event) string {
			return fmt.Sprintf("%s (%s) with the component %s (SHA-256 %x): %s", r.Settings.Operation, r.Settings.SemverBumpType, name, digest[:8], names(events))
		},
	}
}

// patchRequest is the request for a patch of a lifecycle, as of before the component is uploaded: only AWS knows
// the name of the bucket.
func (r *run) patchRequest(id string, wanted []lifecycle.Event) orchestrator.PatchRequest {
	s := r.Settings
	return orchestrator.PatchRequest{
		LifecycleID: id, StackTag: s.StackTag, Owner: s.Owner, CommitRef: s.CommitRef,
		Notifications: s.Notifications, Events: wanted, ComponentURL: "s3://BUCKET/" + id + "/" + filepath.Base(s.PatchComponent),
		ChangeDescription: s.PatchChangeDescription, SemverBumpType: s.SemverBumpType, Properties: r.properties(),
	}
}

// component returns the content of the patch component, which has no error: what was checked is what is sent.
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
		r.lookBehind(ctx, document)
		if uploaded == "" {
			return 0, nil
		}
		if patchesIn(uploaded) == patchesOf(document) {
			return r.Limits.Settle, nil // no patch since, but its request may be under way
		}
		// A patch that failed does not prevent a new one.
		isOurs = r.startedPatch(ctx, document.ID, uploaded) && watch.Judge(nil, document, wanted, watch.Finding{}).Cause() == nil
		return 0, nil
	})
	return document, isOurs, err
}

// startedPatch reports whether it was this job that started something when the lifecycle stood as it did at the
// upload with that token: another run may have taken its claim over since. Where there is no claim, the upload alone
// must tell: it comes just before the request.
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

// uploadToken is the token that a component is uploaded with: the one given, which patches the lifecycle had then, and
// how it stood. The upload comes just before the request, so another patch afterwards is that request's, if the
// claim on what stood then says so. Dates could not tell that: they have whole seconds only.
func uploadToken(document *lifecycle.Document, token string) string {
	return strings.Join([]string{token, patchesOf(document), claim.Digest(document)}, ".")
}

// patchesIn returns what patchesOf was at an upload.
func patchesIn(uploaded string) string {
	parts := strings.Split(uploaded, ".")
	if len(parts) < 4 {
		return ""
	}
	return parts[2]
}

// patchesOf identifies which patches a lifecycle has, the one in progress included.
func patchesOf(document *lifecycle.Document) string {
	history := document.PatchOutputs.History
	patches := fmt.Sprint(len(history.Historical), history.Current != nil)
	if document.IsPatching() {
		patches += document.Running.ExecutionARN
	}
	sum := sha256.Sum256([]byte(patches))
	return hex.EncodeToString(sum[:8])
}

// earlierUpload returns the token with which an earlier attempt of this very job uploaded the component,
// or "" if none did. The server keeps the properties of a lifecycle's first patch only, so those cannot
// tell whose a later one is (docs/wire-contract.md, "What a client must not be fooled by").
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
			Hint:   "look at the status, then start a new run instead of re-running this one",
			Err:    err,
		}
	case err != nil && attempt == 1:
		return "", nil // nearly always the first
	case err != nil:
		r.story.Warn("It is unknown whether this job is a retry that has patched the lifecycle before: %v", err)
		return "", nil
	case strings.HasPrefix(token, r.token.job+"."):
		return token, nil
	}
	return "", nil
}
