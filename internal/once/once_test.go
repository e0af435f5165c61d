package once_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/once"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/sleep"
)

type silent struct{}

func (silent) Say(string, ...any)  {}
func (silent) Warn(string, ...any) {}

var found = &lifecycle.Document{ID: "found"}

func TestARequestIsCarriedOutOnceAtMost(t *testing.T) {
	lost := &orchestrator.UncertainError{Reason: "cut"}
	refused := &orchestrator.RefusedError{Text: "Message too long"}
	for _, c := range []struct {
		name string
		// errs has the error of each attempt, nil for one that was accepted.
		errs      []error
		find      *lifecycle.Document
		certainty once.Certainty
		started   *lifecycle.Document
		id        string
		kind      outcome.Kind // Internal: no error
		sent      int
		takes     time.Duration
	}{
		{"taken", []error{nil}, nil, once.Certain, nil, "sent", outcome.Internal, 1, 0},
		{"lost, and found", []error{lost}, found, once.Certain, nil, "found", outcome.Internal, 1, 0},
		{"lost, and proven so: sent again once nothing can come any more", []error{lost, nil}, nil, once.Certain, nil, "sent", outcome.Internal, 2, 45 * time.Second},
		{"lost, and nobody can tell", []error{lost}, nil, once.Uncertain, nil, "", outcome.Unknown, 1, 45 * time.Second},
		{"lost three times", []error{lost, lost, lost}, nil, once.Certain, nil, "", outcome.Unavailable, 3, 135 * time.Second},
		{"refused", []error{refused}, nil, once.Certain, nil, "", outcome.Refused, 1, 0},
		{"refused, and started all the same", []error{refused}, nil, once.Certain, found, "found", outcome.Internal, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun, sent := time.Now(), 0
				id, err := once.Sender{Progress: silent{}, Settle: 45 * time.Second, GracePeriod: 4 * time.Second}.Send(t.Context(), once.Request{
					Operation: lifecycle.CreateUpdate,
					Send: func(context.Context) (orchestrator.Accepted, error) {
						sent++
						return orchestrator.Accepted{LifecycleID: "sent"}, c.errs[sent-1]
					},
					Find:    func(context.Context) (*lifecycle.Document, once.Certainty, error) { return c.find, c.certainty, nil },
					Started: func(context.Context) (*lifecycle.Document, error) { return c.started, nil },
				})
				assert.Equal(t, c.id, id)
				assert.Equal(t, c.sent, sent)
				assert.Equal(t, c.takes, time.Since(begun))
				if c.kind == outcome.Internal {
					require.NoError(t, err)
					return
				}
				assert.Equal(t, c.kind, outcome.Of(err).Kind)
				synctest.Wait()
			})
		})
	}
}

func TestAnInterruptLetsARequestInProgressFinish(t *testing.T) {
	for name, c := range map[string]struct {
		takes time.Duration
		kind  outcome.Kind
	}{
		"finished within the grace period": {2 * time.Second, outcome.Internal},
		"canceled after it":                {time.Minute, outcome.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(time.Second, func() { cancel(&outcome.Interrupt{}) })
				begun := time.Now()
				_, err := once.Sender{Progress: silent{}, Settle: 45 * time.Second, GracePeriod: 4 * time.Second}.Send(ctx, once.Request{
					Send: func(ctx context.Context) (orchestrator.Accepted, error) {
						if sleep.For(ctx, c.takes) != nil {
							return orchestrator.Accepted{}, &orchestrator.UncertainError{Reason: "interrupted"}
						}
						return orchestrator.Accepted{LifecycleID: "sent"}, nil
					},
				})
				assert.LessOrEqual(t, time.Since(begun), 5*time.Second)
				if c.kind == outcome.Internal {
					require.NoError(t, err)
				} else {
					assert.Equal(t, c.kind, outcome.Of(err).Kind)
				}
			})
		})
	}
}
