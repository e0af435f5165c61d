package action

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

// listed is a lifecycle of a list: what is kept of its document, of which there may be 10,000.
type listed struct {
	// Overview is whole only of those that are asked for.
	lifecycle.Overview
	// isAsked is set where the lifecycle by itself is one that the settings ask for.
	isAsked bool
	// size is that of the document, in bytes.
	size int
	// document is it, where it will be printed.
	document packed
}

// listedOf keeps of a document what the settings ask for. Several goroutines may call it.
func (r *run) listedOf(document *lifecycle.Document, now time.Time) *listed {
	s := r.Settings
	one := &listed{size: len(document.Raw), Overview: lifecycle.Overview{ID: document.ID, StackTag: document.StackTag}}
	if s.StackTagGiven && document.StackTag != s.StackTag ||
		!matchesPattern(s.ProductName, document.ProductName) || !matchesPattern(s.ProductVer, document.ProductVer) {
		return one
	}
	overview := document.Overview(now, r.Limits.Stall)
	overview.Next = nextOf(document, overview.State)
	if !standsAt(overview, s.Status) {
		return one
	}
	one.Overview, one.isAsked = overview, true
	if r.printsJSON() {
		one.document = r.packer.pack(document.Raw)
	}
	return one
}

// narrowed returns the lifecycles that the settings ask for, the newest first.
//
// The age counts after the newest of each product was chosen: a user who asks for old ones of those does not want the
// predecessor of a young one.
func narrowed(all []*listed, s *config.Settings, now time.Time) []*listed {
	found := slices.DeleteFunc(slices.Clone(all), func(one *listed) bool { return !one.isAsked })
	slices.SortStableFunc(found, func(a, b *listed) int {
		return cmp.Or(b.Created.Compare(a.Created), strings.Compare(a.ID, b.ID))
	})
	if s.Latest {
		type kind struct{ product, stackTag string }
		seen := map[kind]bool{}
		found = slices.DeleteFunc(found, func(one *listed) bool {
			of := kind{one.Product, one.StackTag}
			isOlder := seen[of]
			seen[of] = true
			return isOlder
		})
	}
	if least := time.Duration(s.OlderThan); least > 0 {
		// What has no date may be of any age, and is not old for sure.
		found = slices.DeleteFunc(found, func(one *listed) bool { return one.Made.IsZero() || now.Sub(one.Made) < least })
	}
	if s.Limit > 0 && len(found) > s.Limit {
		found = found[:s.Limit]
	}
	return found
}

func standsAt(o lifecycle.Overview, status string) bool {
	switch status {
	case "":
		return true
	case config.StatusPatchable:
		return slices.Contains(o.Next, lifecycle.Patch)
	}
	return string(o.State) == status
}

// nextOf returns the operations that the rules allow on a lifecycle that stands as in the document. While something is
// in progress, or is about to start, that is to wait for it.
func nextOf(document *lifecycle.Document, state lifecycle.Stage) []lifecycle.Operation {
	next := []lifecycle.Operation{}
	if document.Running.IsRunning() || state == lifecycle.StageInProgress {
		next = append(next, lifecycle.Wait)
		if state == lifecycle.StageInProgress || checkPatchable(document) != nil {
			return next
		}
		return append(next, lifecycle.Patch) // a patch whose test failed is repeated for ever: a new one ends that
	}
	for _, operation := range lifecycle.Operations() {
		isOld := operation.Phase() == lifecycle.Patching && operation != lifecycle.Patch && document.IsPatching()
		if operation.Writes() && operation != lifecycle.Create && !isOld && isAllowed(document, operation) {
			next = append(next, operation)
		}
	}
	return next
}

// isAllowed reports whether the operation is allowed; of an update, whether it is for any of its events.
func isAllowed(document *lifecycle.Document, operation lifecycle.Operation) bool {
	if !operation.TakesEvents() || operation == lifecycle.Patch {
		return Refusal(document, operation, nil) == nil
	}
	return slices.ContainsFunc(Choices(document, operation), func(c Choice) bool { return c.Refusal == nil })
}

// filtersOf says by which filters the settings choose, for the story and the pages: "" for none.
func filtersOf(s *config.Settings) string {
	var filters []string
	add := func(is bool, format string, arguments ...any) {
		if is {
			filters = append(filters, fmt.Sprintf(format, arguments...))
		}
	}
	add(s.Status != "", "%s", s.Status)
	add(s.StackTagGiven, "stack tag %s", s.StackTag)
	add(s.ProductName != "", "product %s", s.ProductName)
	add(s.ProductVer != "", "product version %s", s.ProductVer)
	add(s.Latest, "the newest of each product and stack tag")
	add(s.OlderThan > 0, "at least %s old", s.OlderThan)
	add(s.Limit > 0, "at most %d", s.Limit)
	return strings.Join(filters, ", ")
}

// handOnList hands the lifecycles to later jobs, for a matrix.
func (r *run) handOnList(found []lifecycle.Overview) {
	r.outputs.Set("count", strconv.Itoa(len(found)))
	r.outputs.SetJSON("lifecycles", found)
}

// overviewsOf is never nil: fromJSON wants an array.
func overviewsOf(found []*listed) []lifecycle.Overview {
	overviews := make([]lifecycle.Overview, len(found))
	for i, one := range found {
		overviews[i] = one.Overview
	}
	return overviews
}
