// Package selection finds the newest image that has completed an event. The look-up table of images provides the
// candidates, and the status document decides: the table lists a refused image as an approved one
// (docs/behind-the-document.md, "The look-up table of images").
package selection

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
)

// Documents reads the status document of a lifecycle. The error is an [orchestrator.RefusedError] if the orchestrator
// does not show it.
type Documents interface {
	Status(ctx context.Context, id string) (*lifecycle.Document, error)
}

// Reporter reports the progress of the selection to the user.
type Reporter interface {
	Say(format string, arguments ...any)
	Warn(format string, arguments ...any)
}

// Selector selects an image.
type Selector struct {
	// Settings say which images match, and which event must have completed.
	Settings *config.Settings
	// Documents is nil if only the table counts.
	Documents Documents
	Progress  Reporter
}

// Selected is the result of a selection.
type Selected struct {
	// Matches are the images of the selected version that have completed the required event. The first is the selected one;
	// the others are in other regions or in other lifecycles.
	Matches []Match
	// Warnings are about the selected image. PassedOver describes the newer images that match the settings but have not
	// completed the required event.
	Warnings, PassedOver []string
}

// Select returns the best of the images. If none matches, the error is an [outcome.Error] of the kind NotFound that lists
// the images that exist.
func (s Selector) Select(ctx context.Context, images []deployment.Image) (*Selected, error) {
	all := &search{Selector: s, documents: map[string]*lifecycle.Document{}, refused: map[string]string{}}
	all.least, _ = lifecycle.ParseMinEvent(s.Settings.MinEvent)
	candidates := all.candidatesAmong(images)
	for len(candidates) > 0 {
		same := 1
		for same < len(candidates) && candidates[same].version.Equal(candidates[0].version) {
			same++
		}
		matches, err := all.matchesOf(ctx, candidates[:same])
		if err != nil {
			return nil, err
		}
		if len(matches) > 0 {
			all.warnOfTwins(candidates[:same], matches[0])
			return &Selected{Matches: matches, Warnings: all.warnings, PassedOver: all.passedOver}, nil
		}
		candidates = candidates[same:]
	}
	return nil, all.notFound(len(images))
}

// search is the state of one selection.
type search struct {
	Selector
	least     lifecycle.Event
	documents map[string]*lifecycle.Document
	refused   map[string]string // by lifecycle id: why its document cannot be read
	// others describes the images that were not selected, and why.
	others []string
	// passedOver describes those of the others that match the settings but have not completed the required event. warnings
	// are about the selected image.
	passedOver, warnings []string
}

// Match is an image that has completed the required event.
type Match struct {
	deployment.Image
	// Document is the status document of its lifecycle, and Version the version whose image it is. They are nil and empty
	// if only the table is known.
	Document *lifecycle.Document
	Version  lifecycle.Version
}

// matchesOf returns the candidates that have completed the required event, the newest image first. All candidates have the
// same version. Of the images of one build or patch, the one in the region that the orchestrator builds in comes first.
func (s *search) matchesOf(ctx context.Context, candidates []candidate) ([]Match, error) {
	var matches []Match
	for _, candidate := range candidates {
		found, reason, err := s.judge(ctx, candidate)
		if err != nil {
			return nil, err
		}
		if reason == "" {
			matches = append(matches, found)
			continue
		}
		s.Progress.Say("Not selected: %s: %s.", candidate, reason)
		s.note(candidate, reason)
		s.passedOver = append(s.passedOver, fmt.Sprintf("%s: %s", candidate, reason))
	}
	slices.SortStableFunc(matches, func(a, b Match) int {
		return cmp.Or(b.time().Compare(a.time()), cmp.Compare(a.LifecycleID, b.LifecycleID), cmp.Compare(a.Position(), b.Position()))
	})
	return matches, nil
}

// judge returns the candidate as a match, or the reason why it is not one.
func (s *search) judge(ctx context.Context, c candidate) (Match, string, error) {
	if s.Documents == nil {
		if c.Score < s.least.Score() {
			return Match{}, fmt.Sprintf("the look-up table has it at %s", cmp.Or(c.Event.String(), "no event")), nil
		}
		return Match{Image: c.Image}, "", nil
	}
	document, reason, err := s.document(ctx, c.LifecycleID)
	if err != nil || reason != "" {
		return Match{}, reason, err
	}
	made, reason := versionWith(document, c)
	if reason == "" {
		reason = document.Shortfall(made, s.least)
	}
	if reason != "" && c.Score >= s.least.Score() {
		reason += fmt.Sprintf(", although the look-up table has it at %s", c.Event)
	}
	return Match{Image: c.Image, Document: document, Version: made}, reason, nil
}

// document returns the status document of a lifecycle, which it reads only once. If the orchestrator does not show it,
// reason says why.
func (s *search) document(ctx context.Context, id string) (document *lifecycle.Document, reason string, err error) {
	if !lifecycle.IsID(id) {
		return nil, "the look-up table has no lifecycle id for it", nil
	}
	if document, known := s.documents[id]; known {
		return document, s.refused[id], nil
	}
	document, err = s.Documents.Status(ctx, id)
	if refusal, ok := errors.AsType[*orchestrator.RefusedError](err); ok {
		err, s.refused[id] = nil, "the orchestrator does not show its lifecycle: "+refusal.Text
	}
	s.documents[id] = document
	return document, s.refused[id], err
}

// versionWith returns the version of the lifecycle whose current image is the candidate, or the reason why there is none.
func versionWith(document *lifecycle.Document, c candidate) (made lifecycle.Version, reason string) {
	for _, version := range slices.Backward(document.Versions()) {
		if version.SemanticVersion() != c.SemanticVersion || c.Phase != "" && c.Phase != version.Phase {
			continue
		}
		if !slices.ContainsFunc(version.AMIs(), isImage(c.Image)) {
			return made, fmt.Sprintf("it is no longer the AMI of version %s, which has %s", c.SemanticVersion, version.AMIs()[0].ID)
		}
		return version, ""
	}
	return made, fmt.Sprintf("its lifecycle has no version %s", c.SemanticVersion)
}

// warnOfTwins warns if several lifecycles have images of the same version. The orchestrator's counter assigns a version
// twice if builds of one stack tag end at the same time.
func (s *search) warnOfTwins(candidates []candidate, taken Match) {
	var names []string
	lifecycles := map[string]bool{}
	for _, candidate := range candidates {
		if !lifecycles[candidate.LifecycleID] {
			lifecycles[candidate.LifecycleID] = true
			names = append(names, fmt.Sprintf("%s of lifecycle %s", candidate.AMIID, candidate.LifecycleID))
		}
	}
	if len(names) > 1 {
		twins := fmt.Sprintf("%d AMIs have version %s: %s. The newest one that has completed the required events is selected: %s.",
			len(names), taken.SemanticVersion, strings.Join(names, ", "), taken.AMIID)
		s.Progress.Warn("%s", twins)
		s.warnings = append(s.warnings, twins)
	}
}

// notFound returns the error that no image matches. It lists the images that exist.
func (s *search) notFound(listed int) error {
	settings := s.Settings
	failure := &outcome.Error{Kind: outcome.NotFound, Reason: fmt.Sprintf("no AMI of stack tag %q matches", settings.StackTag)}
	if listed == 0 {
		failure.Hint = fmt.Sprintf("the look-up table lists no AMI of this stack tag: check %s, the account and the region", config.StackTag.On(settings.Platform))
		return failure
	}
	const most = 10
	shown := s.others[:min(len(s.others), most)]
	failure.Reason += "; there is " + strings.Join(shown, "; ")
	if more := len(s.others) - len(shown); more > 0 {
		failure.Reason += fmt.Sprintf("; and %d more", more)
	}
	failure.Hint = fmt.Sprintf("change %s and the other settings to match one of these, or set %s to an earlier event",
		config.Semver.On(settings.Platform), config.MinEvent.On(settings.Platform))
	return failure
}
