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
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/watch"
)

// look returns the lifecycle, and whether an earlier attempt of this job has patched it. If an earlier attempt
// has uploaded a component, its patch may be starting just now, so look looks for a while.
func (p patching) look(ctx context.Context) (document *lifecycle.Document, isOurs bool, err error) {
	uploaded, err := p.earlierUpload(ctx)
	if err != nil {
		return nil, false, err
	}
	err = p.lifecycles.lookAgain(ctx, func() (time.Duration, error) {
		if document, err = p.lifecycles.look(ctx); err != nil {
			return 0, err
		}
		p.lifecycles.lookBehind(ctx, document)
		if uploaded == "" {
			return 0, nil
		}
		if patchesIn(uploaded) == patchesOf(document) {
			return p.Limits.Settle, nil // no patch since the upload, but its request may be in progress
		}
		// A patch that failed does not prevent a new one.
		isOurs = p.isStartedByJob(ctx, document.ID, uploaded) && watch.Judge(nil, document, p.events, watch.Finding{}).Cause() == nil
		return 0, nil
	})
	return document, isOurs, err
}

// isStartedByJob reports whether this job started the patch that followed the upload with that token. Another run may have
// taken over the claim of this job since then, so the claim on the state of the lifecycle at the upload decides. Without a
// claim, the upload alone counts as proof, because it comes just before the request.
func (p patching) isStartedByJob(ctx context.Context, lifecycleID, uploaded string) bool {
	claims := p.requests.claims
	if claims.Mode == claim.Off {
		return true
	}
	digest := uploaded[strings.LastIndex(uploaded, ".")+1:]
	held, err := claims.Look(ctx, claim.LifecycleKeyOf(lifecycleID, digest))
	if err != nil || held == nil {
		return true
	}
	return p.requests.token.isSameJob(held.Record.Token) && held.Record.State != claim.Released
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
func (p patching) earlierUpload(ctx context.Context) (string, error) {
	attempt := p.Pipeline.Attempt()
	if p.requests.token.job == "" {
		return "", nil
	}
	token, err := p.Deployment.Uploaded(ctx, p.Settings.LifecycleID, filepath.Base(p.Settings.PatchComponent))
	switch {
	case err != nil && attempt > 1:
		return "", &outcome.Error{
			Kind: outcome.Unknown, LifecycleID: p.Settings.LifecycleID,
			Reason: "this is a re-run, and it is unknown whether the previous attempt has patched the lifecycle; nothing was sent",
			Hint:   "check the status, then start a new run instead of re-running this one",
			Err:    err,
		}
	case err != nil && attempt == 1:
		return "", nil // this is the first attempt: an earlier upload is very unlikely
	case err != nil:
		p.progress.Warn("It is unknown whether this job is a retry that has patched the lifecycle before: %v", err)
		return "", nil
	case strings.HasPrefix(token, p.requests.token.job+"."):
		return token, nil
	}
	return "", nil
}
