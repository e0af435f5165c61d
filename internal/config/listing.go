package config

import (
	"errors"
	"strconv"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/pattern"
)

// StatusPatchable is the value of Settings.Status for the lifecycles that the rules allow to patch. Every other
// value is a [lifecycle.Stage].
const StatusPatchable = "patchable"

// StatusFilters returns the values of Settings.Status.
func StatusFilters() []string { return append(textsOf(lifecycle.Stages()), StatusPatchable) }

// AgeLimit is a duration that is written in weeks, days or hours.
type AgeLimit time.Duration

// String returns the age in days if it is a whole number of days, otherwise in hours.
func (a AgeLimit) String() string {
	const day = AgeLimit(24 * time.Hour)
	if a%day == 0 {
		return strconv.Itoa(int(a/day)) + "d"
	}
	return strconv.Itoa(int(time.Duration(a)/time.Hour)) + "h"
}

var age = pattern.Lazy(`^([0-9]{1,5})([wdh])$`)

func ageOf(text string) (any, error) {
	match := age().FindStringSubmatch(text)
	if match == nil {
		return nil, errors.New("not an age")
	}
	number, err := strconv.Atoi(match[1])
	unit := map[string]time.Duration{"w": 7 * 24 * time.Hour, "d": 24 * time.Hour, "h": time.Hour}[match[2]]
	return AgeLimit(time.Duration(number) * unit), err
}

// checkListing checks the filters of AMI_GET_STATUSES. It clears a product version that the pipeline implies: that is about
// the pipeline's own image, and only what the user gives is a filter.
func (r *reading) checkListing(s *Settings) {
	if s.Operation != lifecycle.GetStatuses {
		return
	}
	if !r.isGiven(ProductVer) {
		s.ProductVer = ""
	}
	if s.Limit < 1 && r.isGiven(Limit) && !r.problems.about(Limit) {
		r.invalid(Limit, r.given[Limit].text, "must be 1 or more")
	}
}

// isGiven reports whether the user gave the setting, in contrast to the pipeline or the default.
func (r *reading) isGiven(name Name) bool { return r.given[name].source >= fromVariable }
