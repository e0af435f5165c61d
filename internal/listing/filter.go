package listing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/pattern"
	"github.com/org/ami-action/internal/rules"
)

// listed is what is kept of a lifecycle in a list. A list may have 10,000 of them, so it is small.
type listed struct {
	// Overview is complete only if isAsked is set. Otherwise it has just the id and the stack tag.
	lifecycle.Overview
	// isAsked is set if the lifecycle matches the settings that apply to each lifecycle by itself.
	isAsked bool
	// size is the size of the document in bytes.
	size int
	// document is the compressed document. It is set only if it may be printed.
	document packed
}

// listedOf returns what is kept of a document. It is safe for concurrent use.
func (r *reading) listedOf(document *lifecycle.Document, now time.Time) *listed {
	s := r.Settings
	one := &listed{size: len(document.Raw), Overview: lifecycle.Overview{ID: document.ID, StackTag: document.StackTag}}
	if s.StackTagGiven && document.StackTag != s.StackTag ||
		!pattern.Wildcard(s.ProductName, document.ProductName) || !pattern.Wildcard(s.ProductVer, document.ProductVer) {
		return one
	}
	overview := document.Overview(now, r.Stall)
	overview.Next = rules.Next(document, overview.State)
	if !standsAt(overview, s.Status) {
		return one
	}
	one.Overview, one.isAsked = overview, true
	if s.Output == config.OutputJSON {
		one.document = r.packer.pack(document.Raw)
	}
	return one
}

// narrowed returns the lifecycles that the settings ask for, the newest first.
//
// The filter for age applies after the newest of each product and stack tag has been chosen: a user who asks for old ones
// among the newest does not want the predecessor of a young one.
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
		// A lifecycle without a date may have any age, so it is not certainly old.
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

// filtersOf describes the filters of the settings, for messages and pages. It returns "" if there are none.
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

// overviewsOf returns the overviews. The result is never nil, because fromJSON needs an array.
func overviewsOf(found []*listed) []lifecycle.Overview {
	overviews := make([]lifecycle.Overview, len(found))
	for i, one := range found {
		overviews[i] = one.Overview
	}
	return overviews
}
