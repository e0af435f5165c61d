// Package listing reads the list of all lifecycles, keeps the lifecycles that the settings ask for, and writes their
// documents. The server filters nothing, and its list may be large and may be cut (docs/wire-contract.md, "The status
// document").
package listing

import (
	"context"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/redact"
)

// Orchestrator reads status documents.
type Orchestrator interface {
	// List reads the list of all lifecycles. It returns what keep returns for each of them, in the order of the list.
	List(ctx context.Context, keep func(*lifecycle.Document) any) ([]any, error)
	Status(ctx context.Context, id string) (*lifecycle.Document, error)
}

// Images is the look-up table of images.
type Images interface {
	Images(ctx context.Context, stackTag string) ([]deployment.Image, error)
}

// Reporter reports warnings about the list to the user.
type Reporter interface {
	Warn(format string, arguments ...any)
}

// Lister reads the list. All fields are needed.
type Lister struct {
	// Settings say which lifecycles to keep. The documents are kept only if the output is JSON.
	Settings     *config.Settings
	Orchestrator Orchestrator
	Images       Images
	Progress     Reporter
	// Redactor knows the secrets of all documents once the list is read.
	Redactor *redact.Redactor
	// Stall is how long nothing may be in progress before a lifecycle no longer counts as in progress.
	Stall time.Duration
}

// Listing is the part of the list that the settings ask for.
type Listing struct {
	// Lifecycles is never nil. The newest comes first.
	Lifecycles []lifecycle.Overview
	// All is the number of lifecycles in the list.
	All int
	// Filters describes the settings that chose the lifecycles; it is "" if there are none.
	Filters string
	// IsCut is true if the list may lack lifecycles.
	IsCut bool
	// Now is the time of the states and ages of the lifecycles.
	Now time.Time

	documents []packed
	packer    *packer
	redactor  *redact.Redactor
}

// Read reads the list, which may be large: most of the memory that it takes holds packed documents.
func (l Lister) Read(ctx context.Context) (*Listing, error) {
	now := time.Now()
	r := &reading{Lister: l, packer: &packer{}}
	all, isComplete, err := r.all(ctx, now)
	if err != nil {
		return nil, err
	}
	if !isComplete {
		if all, err = r.withMissing(ctx, all, now); err != nil {
			return nil, err
		}
	}
	found := narrowed(all, l.Settings, now)
	listing := &Listing{
		Lifecycles: overviewsOf(found), All: len(all), Filters: filtersOf(l.Settings), IsCut: !isComplete, Now: now,
		documents: make([]packed, len(found)), // the rest of the list can be freed
		packer:    r.packer, redactor: l.Redactor,
	}
	for i, one := range found {
		listing.documents[i] = one.document
	}
	return listing, nil
}

// reading is the state while the list is read.
type reading struct {
	Lister
	packer *packer
}

// all reads the list of all lifecycles. isComplete is false if it may have been cut.
func (r *reading) all(ctx context.Context, now time.Time) (all []*listed, isComplete bool, err error) {
	kept, err := r.Orchestrator.List(ctx, func(document *lifecycle.Document) any { return r.listedOf(document, now) })
	if err != nil {
		return nil, false, err
	}
	size := 0
	for _, one := range kept {
		all = append(all, one.(*listed))
		size += all[len(all)-1].size
	}
	return all, size < limit, nil
}

// limit is the size in bytes from which a list of statuses may have been cut. DynamoDB scans at most 1 MB, and
// the rest is silently missing (docs/wire-contract.md, "The status document"). The limit is lower, because the size of a
// document in DynamoDB differs from its size as JSON.
const limit = 700_000

// IsComplete reports whether a list of all lifecycles is certainly complete.
func IsComplete(documents []*lifecycle.Document) bool {
	size := 0
	for _, document := range documents {
		size += len(document.Raw)
	}
	return size < limit
}
