package action

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

// tokenProperty is the key under which a create records its token. A later request appends its nonce to the key,
// because the server keeps the old value of a key on update
// (docs/wire-contract.md, "What a client must not be fooled by").
const tokenProperty = config.ReservedPrefix + "TOKEN"

// token identifies our own requests, because the API has no idempotency key. It is sent as a
// property, and the client searches for it when a response was lost or a job is run again.
type token struct {
	// job is the same for every attempt of the same job, and empty outside of a pipeline.
	job string
	// nonce is unique to this process.
	nonce string
}

// newToken returns the token of a request: job is derived from the job's identity and from what the operation asks for,
// nonce from random. Owner, notifications, properties and descriptions are not part of it, because they may change
// between attempts.
func newToken(identity string, settings *config.Settings, random io.Reader) (token, error) {
	nonce := make([]byte, 8)
	if _, err := io.ReadFull(random, nonce); err != nil {
		return token{}, fmt.Errorf("no random numbers for the request's token: %w", err)
	}
	t := token{nonce: hex.EncodeToString(nonce)}
	if identity == "" {
		return t, nil
	}
	// The same events may be spelled differently, and be in another order.
	events, _ := lifecycle.EventsOf(settings.Operation, settings.Events) // package config has checked them
	request := []string{identity, string(settings.Operation)}
	switch settings.Operation {
	case lifecycle.Create:
		build := buildOf(settings, events)
		request = append(request, build.StackTag, build.ProductName, build.ProductVer, build.CommitRef)
	case lifecycle.Patch:
		request = append(request, settings.LifecycleID, filepath.Base(settings.PatchComponent), settings.SemverBumpType)
	case lifecycle.QACertification, lifecycle.ApprovalCreate, lifecycle.ApprovalPatch:
		request = append(request, settings.LifecycleID, verdictOf(settings).word)
	default:
		request = append(request, settings.LifecycleID)
	}
	for _, event := range events {
		request = append(request, string(event))
	}
	t.job = jobOf(request...)
	return t, nil
}

// with returns the token of the same request with a component of this content: a job whose component has changed
// asks for a different patch.
func (t token) with(content []byte) token {
	if t.job != "" {
		t.job = jobOf(t.job, string(content))
	}
	return t
}

func jobOf(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:12])
}

// String returns the value of the token as a property.
func (t token) String() string {
	if t.job == "" {
		return t.nonce
	}
	return t.job + "." + t.nonce
}

// isSameJob reports whether a token was made by any attempt of this job.
func (t token) isSameJob(token string) bool {
	return t.job != "" && strings.HasPrefix(token, t.job+".")
}

// isIn reports whether the document holds the token of this process.
func (t token) isIn(document *lifecycle.Document) bool {
	return recorded(document, func(value string) bool { return value == t.String() })
}

// isOurs reports whether the document holds a token of any attempt of the same job.
func (t token) isOurs(document *lifecycle.Document) bool {
	return recorded(document, t.isSameJob)
}

// isOursIn reports whether the result holds a token of any attempt of the same job.
func (t token) isOursIn(result *lifecycle.Result) bool {
	return result.HasProperty(func(key, value string) bool {
		return strings.HasPrefix(key, tokenProperty) && t.isSameJob(value)
	})
}

// recorded reports whether a token that matches is anywhere in the document where the server stores properties. A
// certification and a refused approval store them in their result.
func recorded(document *lifecycle.Document, matches func(value string) bool) bool {
	isToken := func(key, value string) bool { return strings.HasPrefix(key, tokenProperty) && matches(value) }
	places := []lifecycle.Properties{document.Properties}
	if document.InputsPatch != nil {
		places = append(places, document.InputsPatch.Properties)
	}
	for _, properties := range places {
		for key, value := range properties {
			if isToken(key, value) {
				return true
			}
		}
	}
	results := append(slices.Clone(document.Results(lifecycle.Creation)), document.Results(lifecycle.Patching)...)
	return slices.ContainsFunc(results, func(r lifecycle.Result) bool { return r.HasProperty(isToken) })
}
