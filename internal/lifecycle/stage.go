package lifecycle

import (
	"slices"
	"time"
)

// Stage is where a lifecycle stands, in one word.
type Stage string

// The stages. Every lifecycle is at exactly one of them.
const (
	// StageInProgress has an event in progress, or one that was asked for and starts in a moment.
	StageInProgress Stage = "in-progress"
	// StageStalled has an event in progress for longer than an event can be, or one that was asked for and did not start.
	StageStalled Stage = "stalled"
	// StageFailed has an event that ended FAILED or in an error, a verdict against the image, or a result that
	// contradicts itself.
	StageFailed Stage = "failed"
	// StageApproved is approved for production, the newest patch included.
	StageApproved Stage = "approved"
	// StageCertified is certified by QA, and neither approved nor refused yet.
	StageCertified Stage = "certified"
	// StagePending is every other case: it waits for its next test or verdict.
	StagePending Stage = "pending"
)

// Stages returns all stages, those first that people look for first.
func Stages() []Stage {
	return []Stage{StageFailed, StageStalled, StageInProgress, StagePending, StageCertified, StageApproved}
}

// MaxEvent is how long an event can be in progress before the orchestrator gives up on it (docs/wire-contract.md, "How
// an event goes", 5).
const MaxEvent = 240 * time.Minute

// Stage returns where the lifecycle stands. What was asked for and shows no sign is about to start, until nothing has
// changed for as long as stall.
func (d *Document) Stage(now time.Time, stall time.Duration) Stage {
	if running := d.Running; running.IsRunning() && !d.HasFailedForGood(running.Name) {
		if !running.Started.IsZero() && now.Sub(running.Started.Time) > MaxEvent {
			return StageStalled
		}
		return StageInProgress
	}
	open := d.Open()
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

// endedBadly reports whether the newest result of the event is not good, or the server holds a FAILED one against the
// patch for good.
func (d *Document) endedBadly(event Event) bool {
	result := d.ResultOf(event)
	return d.HasFailedForGood(event) || result != nil && (result.Status != Completed || result.Contradiction() != "")
}

// Latest returns the event that the lifecycle came to last and how it stands: the one in progress, else the last one
// of the newest phase that has a result. Both are "" where nothing has happened.
func (d *Document) Latest() (Event, Status) {
	if running := d.Running; running != nil {
		if running.IsRunning() {
			return running.Name, InProgress
		}
		return running.Name, running.Status
	}
	for _, phase := range []Phase{Patching, Creation} {
		for _, event := range slices.Backward(order[phase]) {
			if result := d.ResultOf(event); result != nil {
				return event, result.Status
			}
		}
	}
	return "", ""
}

// Changed returns when the lifecycle changed last, as far as the document says.
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
