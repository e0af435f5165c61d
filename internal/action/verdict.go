package action

import (
	"context"
	"errors"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/watch"
)

// certify records the QA team's verdict. It travels through a queue: the result appears some time after
// the orchestrator has said yes ("How an event goes", 6).
func (r *run) certify(ctx context.Context) error {
	s := r.Settings
	wanted := []lifecycle.Event{lifecycle.QACertificationResponse}
	send := func(ctx context.Context, before *lifecycle.Document, _ []lifecycle.Event) error {
		_, err := r.once(ctx, sending{
			send: func(ctx context.Context) (orchestrator.Accepted, error) {
				return r.Orchestrator.Certify(ctx, before.ID, orchestrator.CertifyRequest{
					StackTag: s.StackTag, CertificationStatus: s.CertificationStatus, Properties: r.properties(),
				})
			},
			find: r.findQueued(before, wanted),
		})
		return err
	}
	return r.expect(s.CertificationStatus, r.proceed(ctx, wanted, send))
}

// approve approves a new or a patched AMI for production, or refuses it. APPROVED starts an event, the
// backup of the AMI; FAILED travels through the queue.
func (r *run) approve(ctx context.Context) error {
	s := r.Settings
	phase, event, status := lifecycle.Creation, lifecycle.MarkForProductionCreate, s.ApprovalStatusAMICreation
	if s.Operation == lifecycle.ApprovalPatch {
		phase, event, status = lifecycle.Patching, lifecycle.MarkForProductionPatch, s.ApprovalStatusAMIPatch
	}
	wanted := []lifecycle.Event{event}
	send := func(ctx context.Context, before *lifecycle.Document, _ []lifecycle.Event) error {
		find := r.findStarted(before, wanted)
		if status != approved {
			find = r.findQueued(before, wanted)
		}
		_, err := r.once(ctx, sending{
			send: func(ctx context.Context) (orchestrator.Accepted, error) {
				return r.Orchestrator.Approve(ctx, phase, before.ID, orchestrator.ApproveRequest{
					StackTag: s.StackTag, ApprovalStatus: status, Properties: r.properties(),
				})
			},
			find: find,
		})
		return err
	}
	err := r.expect(status, r.proceed(ctx, wanted, send))
	if _, stalled := errors.AsType[*watch.StalledError](err); stalled && phase == lifecycle.Patching && status != approved {
		return &UnknownError{
			Reason: "the orchestrator took the refusal of the patch and has not recorded it: a known fault of it loses them",
			Hint:   "the patch is not approved, and stays so until somebody approves it",
			Err:    err,
		}
	}
	return err
}

// The words of a verdict that let an image go on; FAILED is the other one for both.
const (
	certified = "CERTIFIED"
	approved  = "APPROVED"
)

// expect turns the FAILED that was asked for into success: the job recorded what it was to record.
func (r *run) expect(status string, err error) error {
	event, failed := errors.AsType[*EventError](err)
	if status == certified || status == approved || !failed || event.State != watch.Failed {
		return err
	}
	r.story.say("%s is recorded as FAILED, as asked.", event.Event)
	r.outcome.recordedAsAsked(event.Event)
	return nil
}

// findQueued looks for the result of a verdict that went through the queue. While it is under way
// nothing shows of it, and a second one would spoil the lifecycle for ever: what is not found is not
// proven to be lost.
func (r *run) findQueued(before *lifecycle.Document, events []lifecycle.Event) func(context.Context) (*lifecycle.Document, certainty, error) {
	started := r.findStarted(before, events)
	return func(ctx context.Context) (*lifecycle.Document, certainty, error) {
		document, _, err := started(ctx)
		return document, uncertain, err
	}
}
