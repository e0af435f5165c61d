package action

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/once"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/rules"
)

// verdict is a certification or an approval to record, or their refusal.
type verdict struct {
	event lifecycle.Event
	// word is lifecycle.Certified, lifecycle.Approved or lifecycle.Refused.
	word string
}

func verdictOf(s *config.Settings) verdict {
	switch s.Operation {
	case lifecycle.QACertification:
		return verdict{lifecycle.QACertificationResponse, s.CertificationStatus}
	case lifecycle.ApprovalPatch:
		return verdict{lifecycle.MarkForProductionPatch, s.ApprovalStatusAMIPatch}
	}
	return verdict{lifecycle.MarkForProductionCreate, s.ApprovalStatusAMICreation}
}

// startsEvent reports whether the orchestrator starts an event for the verdict: APPROVED starts the backup of
// the AMI. Every other verdict goes through a queue, so its result appears some time after the orchestrator has
// accepted it (docs/wire-contract.md, "How an event goes", 6).
func (v verdict) startsEvent() bool { return v.word == lifecycle.Approved }

// recordVerdict certifies or approves an AMI, or refuses it. It succeeds only if the verdict in the document is the one
// asked for in the end.
func (r *run) recordVerdict(ctx context.Context) error {
	v := verdictOf(r.Settings)
	// A verdict does not show while it is in the queue. A second certification makes a lifecycle
	// unpatchable forever, so the wait for the first one is long.
	settle := r.Limits.LostVerdict
	if v.event == lifecycle.QACertificationResponse {
		settle = r.Limits.Stall
	}
	return r.judgeVerdict(v, r.proceed(ctx, []lifecycle.Event{v.event}, step{
		request: func(before *lifecycle.Document, _ []lifecycle.Event) orchestrator.Request {
			return r.verdictRequest(v, before)
		},
		find: func(before *lifecycle.Document, events []lifecycle.Event) finder {
			if v.startsEvent() {
				return r.findStarted(before, events)
			}
			return uncertainFinder(r.findStarted(before, events))
		},
		check:     func(document *lifecycle.Document) (done bool, err error) { return r.standingVerdict(v, document) },
		statement: func([]lifecycle.Event) string { return fmt.Sprintf("%s: %s", v.event, v.word) },
		settle:    settle,
	}))
}

func (r *run) verdictRequest(v verdict, before *lifecycle.Document) orchestrator.Request {
	if v.event == lifecycle.QACertificationResponse {
		return orchestrator.CertifyRequest{
			LifecycleID: before.ID, StackTag: r.Settings.StackTag, CertificationStatus: v.word, Properties: r.properties(),
		}
	}
	return orchestrator.ApproveRequest{
		LifecycleID: before.ID, Phase: v.event.Phase(), StackTag: r.Settings.StackTag, ApprovalStatus: v.word, Properties: r.properties(),
	}
}

// uncertainFinder returns a finder for which a missing trace proves nothing: a verdict does not show while it is in the
// queue, and a second one would make the lifecycle unusable.
func uncertainFinder(find finder) finder {
	return func(ctx context.Context) (*lifecycle.Document, once.Certainty, error) {
		document, _, err := find(ctx)
		return document, once.Uncertain, err
	}
}

// standingVerdict checks the verdict that the document already has, or that is about to be recorded. isDone is true if
// an earlier attempt of this job has recorded the verdict asked for. A different verdict that is final is an error.
func (r *run) standingVerdict(v verdict, document *lifecycle.Document) (isDone bool, err error) {
	if running := document.Running; running.IsRunning() && running.Name == v.event && v.word != lifecycle.Approved {
		return false, rules.NotAllowed(document.ID,
			fmt.Sprintf("%s has been in progress since %s: this image is being approved, so it cannot be refused now",
				v.event, running.Started.Format(time.DateTime)),
			"ask who is approving it and decide together; an approval is final")
	}
	result := document.ResultOf(v.event)
	switch recorded := result.Verdict(); {
	case result == nil || document.IsPatching() && v.event.Phase() == lifecycle.Patching:
		return false, nil
	case result.Status == lifecycle.Completed && recorded != v.word:
		return false, anotherVerdict(v, document, result)
	case recorded == lifecycle.Refused && v.word == recorded && r.token.isOursIn(result):
		r.identified(document.ID, []lifecycle.Event{v.event})
		r.take(nil, document)
		r.progress.Say("An earlier attempt of this job has already recorded %s.", v.word)
		return true, nil
	}
	return false, nil
}

// judgeVerdict compares the result of the wait, err, with the verdict asked for. A FAILED that was asked for is a
// success. A verdict other than the one asked for is a failure, no matter who recorded it.
func (r *run) judgeVerdict(v verdict, err error) error {
	failure := outcome.Of(err)
	switch {
	case failure != nil && failure.Kind == outcome.Stalled && v.event == lifecycle.MarkForProductionPatch && v.word == lifecycle.Refused:
		return &outcome.Error{
			Kind: outcome.Unknown, LifecycleID: r.record.LifecycleID,
			Reason: "the orchestrator accepted the refusal of the patch, but has not recorded it: a known bug of the orchestrator loses refusals",
			Hint:   "the patch is not approved, and remains so unless it is approved later",
			Err:    err,
		}
	case failure != nil && (failure.Kind != outcome.EventFailed || failure.Event != v.event):
		return err
	case r.dryRun || r.record.Status == outcome.StatusStarted || r.document == nil:
		return err
	}
	result := r.document.ResultOf(v.event)
	if result == nil {
		return err
	}
	switch recorded := result.Verdict(); {
	case recorded == "" || recorded != v.word:
		return anotherVerdict(v, r.document, result)
	case recorded == lifecycle.Refused:
		r.progress.Say("%s is recorded as FAILED, as asked.", v.event)
		r.record.Event = v.event.String()
		r.record.Explain(v.event, "recorded as asked")
	}
	return nil
}

// anotherVerdict returns the error that the document has a different verdict than the one asked for. It names who
// recorded that verdict, if known.
func anotherVerdict(v verdict, document *lifecycle.Document, result *lifecycle.Result) error {
	recorded := cmp.Or(result.Verdict(), fmt.Sprintf("%s with contradictory values", result.Status))
	reason := fmt.Sprintf("%s is recorded as %s, but %s was asked for", v.event, recorded, v.word)
	if by := result.RecordedBy(); by != "" {
		reason += "; recorded by " + by
	}
	if !result.StatusDate.IsZero() {
		reason += " at " + result.StatusDate.Format(time.DateTime) + " UTC"
	}
	hint := "ask who recorded it and decide together; then record the verdict again"
	if result.Status == lifecycle.Completed {
		hint = "this verdict is final: to take the image out of use, create a new lifecycle with AMI_CREATE"
	}
	return rules.NotAllowed(document.ID, reason, hint)
}
