package engine

import (
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/python"
	"github.com/org/ami-action/internal/sandbox/store"
)

// Delivery is a message with the response of its receiver.
type Delivery struct {
	Receiver string      `json:"receiver"`
	Status   int         `json:"statusCode"`
	Body     python.Dict `json:"body"`
	// Event is the event that ended. It is empty for a queued message.
	Event   lifecycle.Event `json:"event,omitempty"`
	Message python.Dict     `json:"message"`
}

// end ends an execution and sends its result or error to the receiver. After a result, the next event starts with this
// delay.
func (e *Engine) end(tx *store.Tx, one *store.Lifecycle, execution store.Execution, ending Ending,
	at time.Time, delay time.Duration) (Delivery, error) {
	one.Executions = slices.DeleteFunc(one.Executions, func(x store.Execution) bool { return x.ARN == execution.ARN })
	if err := tx.PutLifecycle(one); err != nil {
		return Delivery{}, err
	}
	if err := endRun(tx, execution.ARN, ending, at); err != nil {
		return Delivery{}, err
	}
	receiver, message := errorReceiver, python.Dict{
		"lifecycle_id": one.ID, "api_key": tx.Key(errorReceiverKey),
		"status": string(ending.Status), "status_date": date(at),
		"error_message": ending.ErrorMessage, "stack_trace": ending.StackTrace,
	}
	if ending.Status == lifecycle.Error {
		if ending.ErrorMessage == "" {
			message["error_message"] = errorMessage(execution)
		}
		if ending.StackTrace == "" {
			message["stack_trace"] = "Traceback (most recent call last): ..."
		}
	} else {
		var err error
		if message, err = e.message(tx, one, execution, ending, at); err != nil {
			return Delivery{}, err
		}
		receiver = createReceiver
		if execution.Event.Phase() == lifecycle.Patching {
			receiver = patchReceiver
		}
	}
	delivery, err := e.receive(tx, receiver, message, at, delay)
	delivery.Event = execution.Event
	return delivery, err
}

// errorMessage returns the error message of an execution that ends in ERROR without one.
func errorMessage(execution store.Execution) string {
	if key := missing(execution); key != "" {
		return "An error occurred (ValidationException): the value of " + key + " must not be empty."
	}
	return "The sandbox ended " + execution.Event.String() + " in ERROR, as it was told to."
}
