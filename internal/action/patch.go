package action

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"time"

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
	if err := r.prefetch(ctx); err != nil {
		return err
	}
	document, isOurs, err := r.lookForPatch(ctx, wanted)
	if err != nil {
		return err
	}
	if isOurs {
		r.story.Say("An earlier attempt of this job started this patch: going on with it.")
		r.identified(document.ID, wanted)
		r.take(nil, document)
		return r.wait(ctx, nil, wanted)
	}
	if err := checkPatchable(document); err != nil {
		return err
	}
	if running := document.Running; running.IsRunning() {
		r.story.Say("The orchestrator repeats %s of the current patch, which FAILED for good: a new patch does not wait for it.", running.Name)
	}
	request := orchestrator.PatchRequest{
		LifecycleID: document.ID, StackTag: s.StackTag, Owner: s.Owner, CommitRef: s.CommitRef,
		Notifications: r.notifications(), Events: wanted, ComponentURL: placeOf(document.ID, s.PatchComponent),
		ChangeDescription: s.PatchChangeDescription, SemverBumpType: s.SemverBumpType, Properties: r.properties(),
	}
	if s.DryRun {
		return r.showDryRun(request)
	}
	r.identified(document.ID, wanted)
	r.take(nil, document)
	request.ComponentURL, err = r.Deployment.Upload(ctx, document.ID, filepath.Base(s.PatchComponent), content,
		uploadToken(document, r.token.String()))
	if err != nil {
		return err
	}
	r.story.Say("Patching (%s): %s.", s.SemverBumpType, names(wanted))
	_, err = r.send(ctx, request, r.findStarted(document, wanted), r.startedSince(document, wanted))
	if err != nil {
		return err
	}
	return r.wait(ctx, document, wanted)
}

// placeOf is where a component goes, as a dry run shows it: only AWS knows the name of the bucket.
func placeOf(lifecycleID, path string) string {
	return "s3://BUCKET/" + lifecycleID + "/" + filepath.Base(path)
}

// component returns the content of the patch component, which has no fault: what was checked is what is sent.
func (r *run) component() ([]byte, error) {
	content, err := r.Files.Read(r.file(config.PatchComponent, r.Settings.PatchComponent), component.MaxSize)
	if err != nil {
		return nil, err
	}
	if problems := component.Check(content); len(problems) > 0 {
		return nil, &component.Error{File: r.Settings.PatchComponent, Problems: problems}
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
		if uploaded == uploadToken(document, uploaded) {
			return r.Limits.Settle, nil // no patch since, but its request may be under way
		}
		// A patch that failed is no reason not to patch anew.
		isOurs = watch.Judge(nil, document, wanted, watch.Finding{}).Cause() == nil
		return 0, nil
	})
	return document, isOurs, err
}

// uploadToken is the token that a component is uploaded with: the one given, and which patches the
// lifecycle had then. The upload comes just before the request, so another patch afterwards is that
// request's. Dates could not tell that: they have whole seconds only.
func uploadToken(document *lifecycle.Document, token string) string {
	job, rest, _ := strings.Cut(token, ".")
	nonce, _, _ := strings.Cut(rest, ".")
	history := document.PatchOutputs.History
	patches := fmt.Sprint(len(history.Historical), history.Current != nil)
	if running := document.Running; running != nil && running.Name == lifecycle.PatchAMI {
		patches += running.ExecutionARN
	}
	sum := sha256.Sum256([]byte(patches))
	return strings.Join([]string{job, nonce, hex.EncodeToString(sum[:8])}, ".")
}

// earlierUpload returns the token with which an earlier attempt of this very job uploaded the component,
// or "" if none did. The server keeps the properties of a lifecycle's first patch only, so those cannot
// tell whose a later one is ("What a client must not be fooled by").
func (r *run) earlierUpload(ctx context.Context) (string, error) {
	attempt := r.Pipeline.Attempt()
	if r.token.job == "" || attempt == 1 {
		return "", nil
	}
	token, err := r.Deployment.Uploaded(ctx, r.Settings.LifecycleID, filepath.Base(r.Settings.PatchComponent))
	switch {
	case err != nil && attempt > 1:
		return "", &outcome.Error{
			Kind: outcome.Unknown, LifecycleID: r.Settings.LifecycleID,
			Reason: "this is a re-run, and it is not known whether the attempt before it has patched the lifecycle; nothing was sent",
			Hint:   "look at the status, then start a new run instead of repeating this one",
			Err:    err,
		}
	case err != nil:
		r.story.Warn("It is not known whether this job is a retry that has patched the lifecycle before: %v", err)
		return "", nil
	case strings.HasPrefix(token, r.token.job+"."):
		return token, nil
	}
	return "", nil
}
