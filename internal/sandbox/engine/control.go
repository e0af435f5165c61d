package engine

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// Whether the queue is held is a setting in the state, so that it applies to every process that uses the directory.
const (
	queueSetting = "queue"
	queueHeld    = "held"
)

// ErrNoSuchEvent is the error for an event that is not in progress.
var ErrNoSuchEvent = errors.New("no such event")

// EndEvent ends the event in progress of a lifecycle, or with names the oldest execution of one of these events that has
// not ended. An event that ended in ERROR, but is still shown as in progress, can get a result too. EndEvent returns the
// message to the receiver and its response. The error is [ErrNoSuchEvent] with the reason if there is nothing to end.
func (e *Engine) EndEvent(tx *store.Tx, id string, names []lifecycle.Event, ending Ending) (Delivery, error) {
	at := e.Now().UTC()
	if err := e.Settle(tx, at); err != nil {
		return Delivery{}, err
	}
	one, err := tx.Lifecycle(id)
	if err != nil {
		return Delivery{}, err
	}
	if one == nil {
		return Delivery{}, fmt.Errorf("%w: lifecycle %s is unknown to this sandbox: each directory of state has lifecycles of its own", ErrNoSuchEvent, id)
	}
	execution, err := running(one, names)
	if err != nil {
		return Delivery{}, err
	}
	return e.end(tx, one, execution, ending, at, 0)
}

func running(one *store.Lifecycle, names []lifecycle.Event) (store.Execution, error) {
	inProgress := member(one.Document, "event_in_progress")
	shown := store.Execution{ARN: text(inProgress["execution_arn"]), Event: lifecycle.Event(text(inProgress["name"]))}
	if len(names) == 0 && inProgress == nil {
		return shown, fmt.Errorf("%w: lifecycle %s has no event in progress", ErrNoSuchEvent, one.ID)
	}
	i := slices.IndexFunc(one.Executions, func(x store.Execution) bool {
		if len(names) > 0 {
			return slices.Contains(names, x.Event)
		}
		return x.ARN == shown.ARN
	})
	switch {
	case i >= 0:
		return one.Executions[i], nil
	case len(names) == 0 || slices.Contains(names, shown.Event):
		// It ended in ERROR, but a late result clears the error (docs/wire-contract.md, "How an event goes"). Its
		// input is still in the document.
		shown.Input = inputOf(inProgress)
		return shown, nil
	}
	return shown, fmt.Errorf("%w: %s is not in progress in lifecycle %s", ErrNoSuchEvent, names[0], one.ID)
}

// inputOf returns the input of the event in progress, decoded from its text, or nil if the text is not JSON.
func inputOf(event python.Dict) python.Dict {
	outer, err := python.Loads([]byte(text(event["statemachine_input"])))
	if err != nil {
		return nil
	}
	inner, err := python.Loads([]byte(text(outer)))
	if err != nil {
		return nil
	}
	input, _ := inner.(python.Dict)
	return input
}

// Age moves the start of the event in progress of a lifecycle back by this many minutes. The error is
// [ErrNoSuchEvent] with the reason if no event is in progress.
func (e *Engine) Age(tx *store.Tx, id string, minutes int) error {
	if err := e.Settle(tx, e.Now().UTC()); err != nil {
		return err
	}
	one, err := tx.Lifecycle(id)
	if err != nil {
		return err
	}
	if one == nil {
		return fmt.Errorf("%w: lifecycle %s is unknown to this sandbox: each directory of state has lifecycles of its own", ErrNoSuchEvent, id)
	}
	event := member(one.Document, "event_in_progress")
	started, err := time.Parse(lifecycle.DateLayout, text(event["execution_startdate"]))
	if err != nil {
		return fmt.Errorf("%w: lifecycle %s has no event in progress", ErrNoSuchEvent, id)
	}
	event["execution_startdate"] = date(started.Add(-time.Duration(minutes) * time.Minute))
	if err := ageRun(tx, text(event["execution_arn"]), time.Duration(minutes)*time.Minute); err != nil {
		return err
	}
	return tx.PutLifecycle(one)
}

// HoldQueue with true holds every message, queued now or later, until [Engine.DeliverQueue]. With false it stops that,
// and the messages that were held arrive at once.
func (e *Engine) HoldQueue(tx *store.Tx, hold bool) error {
	at := e.Now().UTC()
	if err := e.Settle(tx, at); err != nil {
		return err
	}
	setting := ""
	if hold {
		at, setting = time.Time{}, queueHeld
	}
	if err := tx.PutSetting(queueSetting, setting); err != nil {
		return err
	}
	return tx.Pending(func(one *store.Pending) error {
		if one.Kind != store.MessageArrives || one.At.IsZero() == hold {
			return nil
		}
		if err := tx.Dequeue(one); err != nil {
			return err
		}
		one.At = at
		return tx.Enqueue(*one)
	})
}

// DeliverQueue delivers all queued messages, in the order of the queue, and returns each with the receiver's response.
func (e *Engine) DeliverQueue(tx *store.Tx) ([]Delivery, error) {
	at := e.Now().UTC()
	if err := e.Settle(tx, at); err != nil {
		return nil, err
	}
	delivered := []Delivery{}
	err := tx.Pending(func(one *store.Pending) error {
		if one.Kind != store.MessageArrives {
			return nil
		}
		if err := tx.Dequeue(one); err != nil {
			return err
		}
		delivery, err := e.receive(tx, one.Receiver, one.Message, at, 0)
		delivered = append(delivered, delivery)
		return err
	})
	return delivered, err
}
