package lifecycle

import (
	"slices"
	"time"
)

// Stage is the state of a lifecycle in one word.
type Stage string

// The stages. Every lifecycle is in exactly one of them.
const (
	// StageInProgress means that an event is in progress, or was requested and is about to start.
	StageInProgress Stage = "in-progress"
	// StageStalled means that an event is in progress for longer than [MaxEvent], or was requested and did not start.
	StageStalled Stage = "stalled"
	// StageFailed means that an event ended FAILED or in an error, that the image was refused, or that a result
	// contradicts itself.
	StageFailed Stage = "failed"
	// StageApproved means that the newest version, the current patch or else the build, is approved for production.
	StageApproved Stage = "approved"
	// StageCertified means that QA has certified the image, which is neither approved nor refused yet.
	StageCertified Stage = "certified"
	// StagePending is every other case: the lifecycle waits for its next test or verdict.
	StagePending Stage = "pending"
)

// Stages returns all stages in the order in which lists show them, problems first.
func Stages() []Stage {
	return []Stage{StageFailed, StageStalled, StageInProgress, StagePending, StageCertified, StageApproved}
}

// MaxEvent is how long an event can be in progress before the orchestrator ends it with ERROR_EVENT_TIMEOUT
// (docs/wire-contract.md, "How an event goes", 5).
const MaxEvent = 240 * time.Minute

// Stage returns the stage of the lifecycle at now. A requested event that has neither started nor ended counts as about
// to start, until the document has not changed for longer than stall. Then the lifecycle is stalled.
func (d *Document) Stage(now time.Time, stall time.Duration) Stage {
	if running := d.Running; running.IsRunning() && !d.HasFailedPermanently(running.Name) {
		if !running.Started.IsZero() && now.Sub(running.Started.Time) > MaxEvent {
			return StageStalled
		}
		return StageInProgress
	}
	open := d.OpenEvents()
	switch {
	case d.Running != nil, slices.ContainsFunc(open, d.endedBadly):
		return StageFailed
	case slices.ContainsFunc(open, func(event Event) bool { return !d.HasCompleted(event) }):
		if now.Sub(d.Changed()) > stall {
			return StageStalled
		}
		return StageInProgress
	}
	version := d.VersionOf(d.CurrentPhase())
	switch {
	case d.Shortfall(version, MarkForProductionCreate) == "":
		return StageApproved
	case d.Shortfall(version, QACertificationResponse) == "":
		return StageCertified
	}
	return StagePending
}

// endedBadly reports whether the newest result of the event is not COMPLETED or contradicts itself, or whether the event
// has failed permanently ([Document.HasFailedPermanently]).
func (d *Document) endedBadly(event Event) bool {
	result := d.ResultOf(event)
	return d.HasFailedPermanently(event) || result != nil && (result.Status != Completed || result.Contradiction() != "")
}

// Latest returns the latest event and its status: the event in progress, or that ended in an error; else the event of the
// last result, of the current patch if it has one. Both are "" if nothing has happened yet.
func (d *Document) Latest() (Event, Status) {
	if running := d.Running; running != nil {
		if running.IsRunning() {
			return running.Name, InProgress
		}
		return running.Name, running.Status
	}
	for _, phase := range []Phase{Patching, Creation} {
		if results := d.Results(phase); len(results) > 0 {
			last := results[len(results)-1] // the orchestrator appends a result when its event ends
			return last.Name, last.Status
		}
	}
	return "", ""
}

// Changed returns the latest date in the document, which is when the lifecycle changed last as far as that is known.
func (d *Document) Changed() time.Time {
	last := d.Created.Time
	note := func(date Date) {
		if date.After(last) {
			last = date.Time
		}
	}
	note(d.Updated)
	if d.Running != nil {
		note(d.Running.Started)
		note(d.Running.StatusDate)
	}
	for _, phase := range []Phase{Creation, Patching} {
		for _, result := range d.Results(phase) {
			note(result.StatusDate)
		}
	}
	return last
}
