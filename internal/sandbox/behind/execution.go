package behind

import (
	"time"

	"github.com/org/ami-action/internal/sandbox/store"
)

// The statuses of an execution in Step Functions.
const (
	running   = "RUNNING"
	succeeded = "SUCCEEDED"
	failed    = "FAILED"
	timedOut  = "TIMED_OUT"
	aborted   = "ABORTED"
)

// Execution is the state of a run's execution, as Step Functions describes it.
type Execution struct {
	ARN          string
	StateMachine string
	Name         string
	Status       string
	Started      time.Time
	// Stopped is when the execution ended; the zero time while it runs.
	Stopped      time.Time
	Error, Cause string
	Input        map[string]any
}

// Execution returns the state of the execution.
func (v View) Execution() Execution {
	execution := Execution{
		ARN: v.run.ARN, Status: v.status(), Started: v.run.Started, Stopped: v.stopped(), Input: v.run.Input,
	}
	execution.StateMachine, execution.Name = v.machine()
	switch execution.Status {
	case aborted:
		execution.Cause = "The sandbox stopped the execution, as it was told to."
	case timedOut:
		execution.Error = "States.Timeout"
	case failed:
		execution.Error, execution.Cause = "States.Runtime", "An error occurred while executing a state of the execution."
	}
	return execution
}

// status returns the execution's status.
func (v View) status() string {
	switch {
	case v.stopped().IsZero():
		return running
	case v.run.Status != "":
		return v.run.Status
	case v.run.Fate == store.Aborted:
		return aborted
	}
	return timedOut
}

// stopped returns when the execution ended, or the zero time while it runs.
func (v View) stopped() time.Time {
	at := v.run.Started.Add(giveUp)
	switch {
	case !v.run.Stopped.IsZero():
		at = v.run.Stopped
	case v.run.Fate == store.Aborted || v.run.Fate == store.TimesOut:
		at = v.fateAt()
	case v.run.Fate == "":
		return time.Time{} // it ends with a result, which sets Stopped
	}
	if v.at.Before(at) {
		return time.Time{}
	}
	return at
}

// machine returns the ARN of the state machine and the name of the execution.
func (v View) machine() (arn, name string) {
	const execution = "execution:"
	resource := v.resource()
	for i := len(resource) - 1; i >= 0; i-- {
		if resource[i] == ':' {
			return v.arn("states", "stateMachine:"+resource[len(execution):i]), resource[i+1:]
		}
	}
	return "", resource
}
