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

// judging is the recording of a verdict in progress.
type judging struct {
	*run
	verdict
}

// recordVerdict certifies or approves an AMI, or refuses it. It succeeds only if the verdict in the document is the one
// asked for in the end.
func (r *run) recordVerdict(ctx context.Context) error {
	j := judging{run: r, verdict: verdictOf(r.Settings)}
	return j.judge(changing{run: r, events: []lifecycle.Event{j.event}, change: change{
		request: j.request, find: j.find, check: j.standing,
		statement: func([]lifecycle.Event) string { return fmt.Sprintf("%s: %s", j.event, j.word) },
		settle:    j.settle(),
	}}.proceed(ctx))
}

// settle returns how long a verdict may not show, because it is in the queue. A second certification makes a lifecycle
// unpatchable forever, so the wait for the first one is long.
func (j judging) settle() time.Duration {
	if j.event == lifecycle.QACertificationResponse {
		return j.Limits.Stall
	}
	return j.Limits.LostVerdict
}

func (j judging) request(before *lifecycle.Document, _ []lifecycle.Event) orchestrator.Request {
	if j.event == lifecycle.QACertificationResponse {
		return orchestrator.CertifyRequest{
			LifecycleID: before.ID, StackTag: j.Settings.StackTag, CertificationStatus: j.word, Properties: j.requests.properties(),
		}
	}
	return orchestrator.ApproveRequest{
		LifecycleID: before.ID, Phase: j.event.Phase(), StackTag: j.Settings.StackTag, ApprovalStatus: j.word, Properties: j.requests.properties(),
	}
}

// find returns the finder of the request. If the verdict goes through the queue, a missing trace proves nothing, and a
// second verdict would make the lifecycle unusable.
func (j judging) find(before *lifecycle.Document, events []lifecycle.Event) finder {
	find := j.requests.findStarted(before, events)
	if j.startsEvent() {
		return find
	}
	return func(ctx context.Context) (*lifecycle.Document, once.Certainty, error) {
		document, _, err := find(ctx)
		return document, once.Uncertain, err
	}
}

// standing checks the verdict that the document already has, or that is about to be recorded. isDone is true if
// an earlier attempt of this job has recorded the verdict asked for. A different verdict that is final is an error.
func (j judging) standing(document *lifecycle.Document) (isDone bool, err error) {
	if running := document.Running; running.IsRunning() && running.Name == j.event && j.word != lifecycle.Approved {
		return false, rules.NotAllowed(document.ID,
			fmt.Sprintf("%s has been in progress since %s: this image is being approved, so it cannot be refused now",
				j.event, running.Started.Format(time.DateTime)),
			"ask who is approving it and decide together; an approval is final")
	}
	result := document.ResultOf(j.event)
	switch recorded := result.Verdict(); {
	case result == nil || document.IsPatching() && j.event.Phase() == lifecycle.Patching:
		return false, nil
	case result.Status == lifecycle.Completed && recorded != j.word:
		return false, anotherVerdict(j.verdict, document, result)
	case recorded == lifecycle.Refused && j.word == recorded && j.requests.token.isOursIn(result):
		j.identified(document.ID, []lifecycle.Event{j.event})
		j.take(nil, document)
		j.progress.Say("An earlier attempt of this job has already recorded %s.", j.word)
		return true, nil
	}
	return false, nil
}

// judge compares the result of the wait, err, with the verdict asked for. A FAILED that was asked for is a
// success. A verdict other than the one asked for is a failure, no matter who recorded it.
func (j judging) judge(err error) error {
	failure := outcome.Of(err)
	switch {
	case failure != nil && failure.Kind == outcome.Stalled && j.event == lifecycle.MarkForProductionPatch && j.word == lifecycle.Refused:
		return &outcome.Error{
			Kind: outcome.Unknown, LifecycleID: j.record.LifecycleID,
			Reason: "the orchestrator accepted the refusal of the patch, but has not recorded it: a known bug of the orchestrator loses refusals",
			Hint:   "the patch is not approved, and remains so unless it is approved later",
			Err:    err,
		}
	case failure != nil && (failure.Kind != outcome.EventFailed || failure.Event != j.event):
		return err
	case j.dryRun || j.record.Status == outcome.StatusStarted || j.document == nil:
		return err
	}
	result := j.document.ResultOf(j.event)
	if result == nil {
		return err
	}
	switch recorded := result.Verdict(); {
	case recorded == "" || recorded != j.word:
		return anotherVerdict(j.verdict, j.document, result)
	case recorded == lifecycle.Refused:
		j.progress.Say("%s is recorded as FAILED, as asked.", j.event)
		j.record.Event = j.event.String()
		j.record.Explain(j.event, "recorded as asked")
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
