package engine

import (
	"errors"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// Settle carries out all steps that are due by until, in the order of their times, each as of its own time. So an event
// ends at its time even if no process ran then.
func (e *Engine) Settle(tx *store.Tx, until time.Time) error {
	for {
		due, err := tx.Due(until)
		if err != nil || due == nil {
			return err
		}
		if err := tx.Dequeue(due); err != nil {
			return err
		}
		if err := e.happen(tx, due, until); err != nil {
			return err
		}
	}
}

func (e *Engine) happen(tx *store.Tx, due *store.Pending, until time.Time) error {
	switch due.Kind {
	case store.MessageArrives:
		_, err := e.receive(tx, due.Receiver, due.Message, due.At, e.HandoverDelay)
		return err
	case store.NextStarts:
		one, err := tx.Lifecycle(due.LifecycleID)
		if err != nil || one == nil {
			return err
		}
		return ignoreRefusal(e.startNext(tx, one, due.Phase, e.catchUp(one, due.At, until)))
	}
	one, err := tx.Lifecycle(due.LifecycleID)
	if err != nil || one == nil {
		return err
	}
	i := slices.IndexFunc(one.Executions, func(x store.Execution) bool { return x.ARN == due.ARN })
	if i < 0 {
		return nil // A control route has ended it before its time.
	}
	execution := one.Executions[i]
	_, err = e.end(tx, one, execution, Ending{Status: execution.Outcome}, due.At, e.HandoverDelay)
	return err
}

// ignoreRefusal drops the handlers' own errors. If the rules forbid the next event, nothing is started and nothing
// reports it (docs/wire-contract.md, "How an event goes").
func ignoreRefusal(err error) error {
	if _, ok := errors.AsType[python.Error](err); ok {
		return nil
	}
	return err
}

// catchUp returns the time at which the next event starts: at, or a later time if an event that is set to fail has been
// due to run again and again since then. All but the last few rounds are skipped, because each leaves the same result
// and there can be millions of them.
func (e *Engine) catchUp(one *store.Lifecycle, at, until time.Time) time.Time {
	if e.Manual {
		return at
	}
	for _, result := range append(creationResults(one.Document), currentPatchResults(one.Document)...) {
		event := lifecycle.Event(text(result["name"]))
		failed := result["status"] == any(string(lifecycle.Failed))
		if !failed || !Runs(event) || e.Outcome(event) != lifecycle.Failed {
			continue
		}
		round := e.Duration(event) + e.HandoverDelay
		if rounds := until.Sub(at) / round; rounds > 10 {
			return at.Add((rounds - 2) * round)
		}
	}
	return at
}
