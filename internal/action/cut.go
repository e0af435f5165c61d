package action

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/report"
)

const (
	// mostTagsAsked bounds how many stack tags the look-up table is asked for, with a query each.
	mostTagsAsked = 50
	// mostAdded bounds how many lifecycles are read one by one.
	mostAdded = 500
)

// completed returns a list that was cut together with the lifecycles that are missing from it, as far as the look-up
// table of images names them, and says what is known. The table knows no lifecycle without an image, and it finds by
// stack tag only: by the one that the settings name, else by those in the list.
func (r *run) completed(ctx context.Context, documents []*lifecycle.Document) ([]*lifecycle.Document, error) {
	missing, err := r.missingFrom(ctx, documents)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		r.story.Warn(report.ListIsCut+" The look-up table of images cannot tell which: %v", err)
		return documents, nil
	}
	added, gone := 0, 0
	for _, id := range missing[:min(len(missing), mostAdded)] {
		document, err := r.Orchestrator.Status(ctx, id)
		if _, isRefused := errors.AsType[*orchestrator.RefusedError](err); isRefused {
			gone++ // the table keeps the images of lifecycles that are no more
			continue
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err != nil {
			r.story.Warn("Lifecycle %s is not in the list and cannot be read: %v", id, err)
			break // the next one neither
		}
		documents = append(documents, document)
		added++
	}
	if least := len(missing) - gone; least > 0 {
		r.story.Warn(report.ListIsCut+" The look-up table of images names %d of them, and %d of those are read one by one. "+
			"Lifecycles without an image may still be missing.", least, added)
	} else {
		r.story.Warn(report.ListIsCut + " The look-up table of images names none.")
	}
	return documents, nil
}

// missingFrom returns the ids of lifecycles that are not in the list, although the look-up table has an image of them.
func (r *run) missingFrom(ctx context.Context, documents []*lifecycle.Document) ([]string, error) {
	known, tags := map[string]bool{}, map[string]bool{}
	for _, document := range documents {
		known[document.ID], tags[document.StackTag] = true, true
	}
	if r.Settings.StackTagGiven {
		tags = map[string]bool{r.Settings.StackTag: true}
	}
	delete(tags, "") // no key of an index
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
