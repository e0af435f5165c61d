package selection

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/pattern"
)

// candidate is an image of the look-up table that matches the settings, according to the table.
type candidate struct {
	deployment.Image
	version *semver.Version
}

func (c candidate) String() string { return nameOf(c.Image) }

// String returns the image as messages name it.
func (f Match) String() string { return nameOf(f.Image) }

func nameOf(image deployment.Image) string {
	return fmt.Sprintf("version %s, %s in %s, of lifecycle %s",
		cmp.Or(image.SemanticVersion, "(none)"), image.AMIID, cmp.Or(image.Region, "(no region)"), image.LifecycleID)
}

// isImage returns a function that reports whether an image of a status document is the image of the table.
func isImage(image deployment.Image) func(lifecycle.AMI) bool {
	return func(ami lifecycle.AMI) bool { return ami.ID == image.AMIID && ami.Region == image.Region }
}

// time returns when the image was made. If only the table is known, it returns when the table's item was last changed.
func (f Match) time() time.Time {
	if f.Version.Image != nil {
		return f.Version.Image.StatusDate.Time
	}
	return f.Modified
}

// Position returns the index of the image among those of its version. The orchestrator lists the region that it builds
// in first.
func (f Match) Position() int { return max(slices.IndexFunc(f.Version.AMIs(), isImage(f.Image)), 0) }

// candidatesAmong returns the images that match the settings, the highest version first. It notes why the others do
// not.
func (s *search) candidatesAmong(images []deployment.Image) []candidate {
	var versions *semver.Constraints
	if text := s.Settings.Semver; !strings.EqualFold(text, config.SemverLatest) {
		versions, _ = semver.NewConstraint(text) // package config has checked it
	}
	var all, candidates []candidate
	for _, image := range images {
		version, err := semver.NewVersion(image.SemanticVersion)
		if err != nil {
			s.note(candidate{Image: image}, "its version is not a semantic version")
			continue
		}
		all = append(all, candidate{image, version})
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(b.version.Compare(a.version), b.Modified.Compare(a.Modified), cmp.Compare(a.LifecycleID, b.LifecycleID))
	})
	for _, one := range all {
		reason := mismatch(s.Settings, one.Image)
		switch {
		case reason == "" && versions != nil && !versions.Check(one.version):
			s.note(one, "its version is not "+s.Settings.Semver)
		case reason != "":
			s.note(one, reason)
		default:
			candidates = append(candidates, one)
		}
	}
	return candidates
}

// note records why an image is not selected.
func (s *search) note(c candidate, reason string) {
	s.others = append(s.others, fmt.Sprintf("%s (%s)", c, reason))
}

// mismatch returns in which way an image does not match the settings, or "" if it does.
func mismatch(settings *config.Settings, image deployment.Image) string {
	made := map[lifecycle.Phase]string{lifecycle.Creation: config.KindCreated, lifecycle.Patching: config.KindPatched}[image.Phase]
	switch {
	case settings.Region != "" && settings.Region != image.Region:
		return "it is in another region"
	case settings.ImageKind != "" && settings.ImageKind != made:
		return "it was not " + settings.ImageKind
	case !pattern.Wildcard(settings.ProductName, image.ProductName):
		return fmt.Sprintf("its product is %q", image.ProductName)
	case !pattern.Wildcard(settings.ProductVer, image.ProductVer):
		return fmt.Sprintf("its product version is %q", image.ProductVer)
	case settings.CommitRef != "" && !isCommit(settings.CommitRef, image.CommitRef):
		return fmt.Sprintf("its commit is %q", image.CommitRef)
	}
	return ""
}

// shortestHash is the shortest prefix of a commit's hash that is accepted, in digits.
const shortestHash = 7

// isCommit reports whether wanted is the commit, or a prefix of its hash.
func isCommit(wanted, commit string) bool {
	return wanted == commit || len(wanted) >= shortestHash && strings.HasPrefix(strings.ToLower(commit), strings.ToLower(wanted))
}
