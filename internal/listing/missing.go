package listing

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/report"
)

const (
	// mostTagsAsked is the largest number of stack tags for which the look-up table is queried, one query each.
	mostTagsAsked = 50
	// mostAdded is the largest number of lifecycles that are read one by one.
	mostAdded = 500
)

// withMissing adds to a list that was cut the missing lifecycles that the look-up table of images names, and warns that the
// list was cut. The table has no lifecycle without an image. It can be queried by stack tag only: by the one in the
// settings, otherwise by those in the list.
func (r *reading) withMissing(ctx context.Context, all []*listed, now time.Time) ([]*listed, error) {
	missing, err := r.missingFrom(ctx, all)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		r.Progress.Warn(report.ListIsCut+" The look-up table of images cannot tell which: %v", err)
		return all, nil
	}
	added, gone := 0, 0
	for _, id := range missing[:min(len(missing), mostAdded)] {
		document, err := r.Orchestrator.Status(ctx, id)
		if _, isRefused := errors.AsType[*orchestrator.RefusedError](err); isRefused {
			gone++ // the table keeps the images of lifecycles that no longer exist
			continue
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			r.Progress.Warn("Lifecycle %s is not in the list and cannot be read: %v", id, err)
			break // the next one would fail too
		}
		all = append(all, r.listedOf(document, now))
		added++
	}
	if least := len(missing) - gone; least > 0 {
		r.Progress.Warn(report.ListIsCut+" The look-up table of images names %d of them, and %d of those are read one by one. "+
			"Lifecycles without an image may still be missing.", least, added)
	} else {
		r.Progress.Warn(report.ListIsCut + " The look-up table of images names none.")
	}
	return all, nil
}

// missingFrom returns the ids of the lifecycles that have an image in the look-up table but are not in the list.
func (r *reading) missingFrom(ctx context.Context, all []*listed) ([]string, error) {
	known, tags := map[string]bool{}, map[string]bool{}
	for _, one := range all {
		known[one.ID], tags[one.StackTag] = true, true
	}
	if r.Settings.StackTagGiven {
		tags = map[string]bool{r.Settings.StackTag: true}
	}
	delete(tags, "") // a key of a DynamoDB index cannot be empty
	missing := map[string]bool{}
	asked := slices.Sorted(maps.Keys(tags))
	for _, tag := range asked[:min(len(asked), mostTagsAsked)] {
		images, err := r.Images.Images(ctx, tag)
		if err != nil {
			return nil, err
		}
		for _, image := range images {
			if lifecycle.IsID(image.LifecycleID) && !known[image.LifecycleID] {
				missing[image.LifecycleID] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(missing)), nil
}
