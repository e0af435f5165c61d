package action

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
	"github.com/org/ami-action/internal/report"
)

// Images is the look-up table of images.
type Images interface {
	// Images returns all images of a stack tag that the table lists, in no particular order. The table's data may be wrong.
	Images(ctx context.Context, stackTag string) ([]deployment.Image, error)
}

// selectImage outputs the best image that has completed the required event. The look-up table provides the candidates,
// and the status document decides: the table lists a refused image as an approved one (docs/behind-the-document.md, "The
// look-up table of images").
func (r *run) selectImage(ctx context.Context) error {
	hasKeys, err := r.readsDocuments(ctx)
	if err != nil {
		return err
	}
	images, err := r.Images.Images(ctx, r.Settings.StackTag)
	if err != nil {
		return err
	}
	s := &selection{run: r, documents: map[string]*lifecycle.Document{}, refused: map[string]string{}, trustsTable: !hasKeys}
	s.least, _ = lifecycle.Minimum(r.Settings.MinEvent)
	candidates := s.candidatesAmong(images)
	for len(candidates) > 0 {
		same := 1
		for same < len(candidates) && candidates[same].version.Equal(candidates[0].version) {
			same++
		}
		fit, err := s.fitOf(ctx, candidates[:same])
		if err != nil {
			return err
		}
		if len(fit) > 0 {
			s.warnOfTwins(candidates[:same], fit[0])
			r.handOn(fit)
			r.selected = s.summary(fit[0])
			return nil
		}
		candidates = candidates[same:]
	}
	return s.nothing(len(images))
}

// readsDocuments reports whether the status documents can be read. If they cannot, it returns an error, unless the
// settings say to trust the table.
func (r *run) readsDocuments(ctx context.Context) (bool, error) {
	if r.Settings.RoleARN != "" {
		r.progress.Warn("Only the look-up table is read, with %s. %s", config.RoleARN.On(r.Settings.Platform), config.TableRisk)
		return false, nil
	}
	err := r.prefetch(ctx)
	if _, isMissing := errors.AsType[*deployment.Error](err); err == nil || !isMissing {
		return err == nil, err
	}
	failure := *outcome.Of(err)
	if r.Settings.TrustTable {
		r.progress.Warn("The status documents cannot be read, so only the look-up table counts: %v. %s", &failure, config.TableRisk)
		return false, nil
	}
	if failure.Kind == outcome.Unavailable {
		failure.Hint = strings.TrimPrefix(fmt.Sprintf("%s; if the API keys are not available, %s trusts the look-up table, which lists refused AMIs as approved",
			failure.Hint, config.TrustTable.On(r.Settings.Platform)), "; ")
	}
	return false, &failure
}

// selection is the state of one AMI_SELECT.
type selection struct {
	run         *run
	least       lifecycle.Event
	trustsTable bool
	documents   map[string]*lifecycle.Document
	refused     map[string]string // by lifecycle id: why its document cannot be read
	// others describes the images that were not selected, and why.
	others []string
	// passedOver describes those of the others that match the settings but have not completed the required event. warnings
	// are about the selected image.
	passedOver, warnings []string
}

// fit is a candidate that has completed the required event.
type fit struct {
	candidate
	document *lifecycle.Document // nil if only the table is known
	made     lifecycle.Version
}

// fitOf returns the candidates that have completed the required event, the newest image first. All candidates have the
// same version. Of the images of one build or patch, the one in the region that the orchestrator builds in comes first.
func (s *selection) fitOf(ctx context.Context, candidates []candidate) ([]fit, error) {
	var fits []fit
	for _, candidate := range candidates {
		found, reason, err := s.judge(ctx, candidate)
		if err != nil {
			return nil, err
		}
		if reason == "" {
			fits = append(fits, found)
			continue
		}
		s.run.progress.Say("Passed over %s: %s.", candidate, reason)
		s.note(candidate, reason)
		s.passedOver = append(s.passedOver, fmt.Sprintf("%s: %s", candidate, reason))
	}
	slices.SortStableFunc(fits, func(a, b fit) int {
		return cmp.Or(b.time().Compare(a.time()), cmp.Compare(a.LifecycleID, b.LifecycleID), cmp.Compare(a.position(), b.position()))
	})
	return fits, nil
}

// judge returns the candidate as a fit, or the reason why it is not one.
func (s *selection) judge(ctx context.Context, c candidate) (fit, string, error) {
	if s.trustsTable {
		if c.Score < s.least.Score() {
			return fit{}, fmt.Sprintf("the look-up table has it at %s", cmp.Or(c.Event.String(), "no event")), nil
		}
		return fit{candidate: c}, "", nil
	}
	document, reason, err := s.document(ctx, c.LifecycleID)
	if err != nil || reason != "" {
		return fit{}, reason, err
	}
	made, reason := versionWith(document, c)
	if reason == "" {
		reason = document.Shortfall(made, s.least)
	}
	if reason != "" && c.Score >= s.least.Score() {
		reason += fmt.Sprintf(", although the look-up table has it at %s", c.Event)
	}
	return fit{candidate: c, document: document, made: made}, reason, nil
}

// document returns the status document of a lifecycle, which it reads only once. If the orchestrator does not show it,
// reason says why.
func (s *selection) document(ctx context.Context, id string) (document *lifecycle.Document, reason string, err error) {
	if !lifecycle.IsID(id) {
		return nil, "the look-up table has no lifecycle id for it", nil
	}
	if document, known := s.documents[id]; known {
		return document, s.refused[id], nil
	}
	document, err = s.run.Orchestrator.Status(ctx, id)
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
		if !slices.ContainsFunc(version.AMIs(), c.is) {
			return made, fmt.Sprintf("it is no longer the AMI of version %s, which has %s", c.SemanticVersion, version.AMIs()[0].ID)
		}
		return version, ""
	}
	return made, fmt.Sprintf("its lifecycle has no version %s", c.SemanticVersion)
}

// warnOfTwins warns if several lifecycles have images of the same version. The orchestrator's counter assigns a version
// twice if builds of one stack tag end at the same time.
func (s *selection) warnOfTwins(candidates []candidate, taken fit) {
	var names []string
	lifecycles := map[string]bool{}
	for _, candidate := range candidates {
		if !lifecycles[candidate.LifecycleID] {
			lifecycles[candidate.LifecycleID] = true
			names = append(names, fmt.Sprintf("%s of lifecycle %s", candidate.AMIID, candidate.LifecycleID))
		}
	}
	if len(names) > 1 {
		twins := fmt.Sprintf("%d AMIs have version %s: %s. The newest that has come far enough is taken, %s.",
			len(names), taken.SemanticVersion, strings.Join(names, ", "), taken.AMIID)
		s.run.progress.Warn("%s", twins)
		s.warnings = append(s.warnings, twins)
	}
}

// summary returns the job summary of the selected AMI.
func (s *selection) summary(taken fit) *report.Selection {
	if s.trustsTable {
		s.warnings = append(s.warnings, "Only the look-up table vouches for it. "+config.TableRisk)
	}
	return &report.Selection{
		AMIID: taken.AMIID, Region: taken.Region, SemanticVersion: taken.SemanticVersion, LifecycleID: taken.LifecycleID,
		Product: strings.TrimSpace(taken.ProductName + " " + taken.ProductVer), Warnings: s.warnings, PassedOver: s.passedOver,
		Redactor: s.run.Redactor,
	}
}

// nothing returns the error that no image fits. It lists the images that exist.
func (s *selection) nothing(listed int) error {
	settings := s.run.Settings
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
	failure.Hint = fmt.Sprintf("set %s and the other settings to what there is, or %s to an earlier event",
		config.Semver.On(settings.Platform), config.MinEvent.On(settings.Platform))
	return failure
}

// handOn sets the outputs to the first of the images. The others of its version are in other regions, or in other
// lifecycles.
func (r *run) handOn(fits []fit) {
	taken := fits[0]
	least, _ := lifecycle.Minimum(r.Settings.MinEvent)
	r.document = taken.document
	r.record.LifecycleID, r.record.Event = taken.LifecycleID, least.String()
	r.record.SemanticVersion, r.record.AMIID, r.record.AMIRegion = taken.SemanticVersion, taken.AMIID, taken.Region
	if taken.document != nil {
		r.record.TakeVersion(taken.made)
		ami := taken.made.AMIs()[taken.position()]
		r.record.AMIID, r.record.AMIName, r.record.AMIRegion = ami.ID, ami.Name, ami.Region
	} else {
		for _, other := range fits {
			if other.LifecycleID == taken.LifecycleID {
				r.record.AMIs = append(r.record.AMIs, lifecycle.AMI{ID: other.AMIID, Region: other.Region, SemanticVersion: other.SemanticVersion})
			}
		}
	}
	r.outputs.SetRecord(&r.record)
	if !r.printsJSON() {
		fmt.Fprintln(r.Pipeline.Stdout(), r.record.AMIID)
	}
	r.progress.Say("Selected %s.", taken)
}
