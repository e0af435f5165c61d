package insight

import (
	"fmt"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// Event is the event in progress to examine, from the status document.
type Event struct {
	LifecycleID string
	Name        lifecycle.Event
	// ExecutionARN is the ARN of the execution of its state machine. Another execution counts as another event.
	ExecutionARN string
	// Started is when the orchestrator started it. The zero time counts as long ago.
	Started time.Time
}

// Report is the result of one examination. All its texts are redacted, are one line without control characters, and have
// a limited length. They are still untrusted. A part that was not seen is empty.
type Report struct {
	Event Event
	// SeenAt is when the examination ended, or the zero time if there was none yet.
	SeenAt    time.Time
	Execution Execution
	State     State
	// Image is the image of a build or a patch. It is nil for other events, and until it is known.
	Image *Image
	// Steps are the steps of the image's latest workflow, in order.
	Steps []Step
	// Log is the end of the image's log, at most [LogLines] lines. It is read only if the image has failed.
	Log   []string
	Links Links
	// Final is why the event can never complete, or nil as long as it may.
	Final *Failure
	// Blocking are the conditions that block the event and may pass.
	Blocking []Condition
	// Notes are messages for the user, each to be shown once. A [Watcher] only ever appends to the list.
	Notes []string
	// Ended is set if there will be no further examination, because the credentials have expired.
	Ended bool
}

// Execution is the status of the state machine's execution.
type Execution struct {
	// Status is RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED, as in Step Functions, or "" if it was not seen.
	Status           string
	Error, Cause     string
	Started, Stopped time.Time
}

// State is the current state of the state machine. Its name differs between deployments, and is only for display.
type State struct {
	Name    string
	Entered time.Time
	// Number is the number of the state, counted from 1, and Total is the number of all states of the event. Both are 0 if
	// the state is unknown.
	Number, Total int
}

// Image is an image of EC2 Image Builder.
type Image struct {
	ARN, Name, Version string
	// Status is PENDING, CREATING, BUILDING, TESTING, DISTRIBUTING, INTEGRATING, AVAILABLE, CANCELLED, FAILED,
	// DEPRECATED, DELETED or DISABLED, as in Image Builder, or "" if it was not seen.
	Status, Reason string
	// LogGroup and LogStream are the names of its log in CloudWatch.
	LogGroup, LogStream string
}

// Step is a step of an Image Builder workflow.
type Step struct {
	Name, Action string
	// Status is PENDING, SKIPPED, RUNNING, COMPLETED, FAILED or CANCELLED.
	Status, Message string
	// Started and Ended are zero if they are unknown.
	Started, Ended time.Time
}

// Took returns how long the step took, or has taken until now. It is 0 if the step has not started.
func (s Step) Took(now time.Time) time.Duration {
	switch {
	case s.Started.IsZero():
		return 0
	case !s.Ended.IsZero():
		return max(s.Ended.Sub(s.Started), 0)
	}
	return max(now.Sub(s.Started), 0)
}

// RunningStep returns the running step of the image's workflow, or nil.
func (r *Report) RunningStep() *Step { return r.stepIn("RUNNING") }

// FailedStep returns the failed step of the image's workflow, or nil.
func (r *Report) FailedStep() *Step { return r.stepIn("FAILED") }

func (r *Report) stepIn(status string) *Step {
	for i := range r.Steps {
		if r.Steps[i].Status == status {
			return &r.Steps[i]
		}
	}
	return nil
}

// Condition is a condition that blocks an event and may pass.
type Condition struct {
	// Text describes it in one line.
	Text string
	// Hint says what to do if it does not pass.
	Hint string
	// Since is when it was first seen. Warn is set if it has lasted longer than [WarnAfter].
	Since time.Time
	Warn  bool
}

// Kind is the kind of a final failure.
type Kind string

// The kinds of final failures.
const (
	ImageFailed     Kind = "image"
	ExportFailed    Kind = "export"
	BackupFailed    Kind = "backup"
	ScanUnsupported Kind = "scan"
	ExecutionEnded  Kind = "execution"
)

// Failure is the reason why an event can never complete.
type Failure struct {
	Kind Kind
	// Status is the status from AWS, such as FAILED, ABORTED or UNSUPPORTED_OS.
	Status string
	// What says in one line what failed. Reason is AWS's reason and may be empty.
	What, Reason string
	// WorkflowStep is the step of the Image Builder workflow that failed, and Component is the place in a component. Each
	// is nil if it is unknown.
	WorkflowStep *Step
	Component    *ComponentFailure
	// Hint says what to do next.
	Hint string
	// HoldsFrom is the time from which the failure counts. Until then the orchestrator may report the end of the
	// execution itself, with more detail ([Grace]). The zero time means immediately.
	HoldsFrom time.Time
}

// Holds reports whether there is a failure that counts at now.
func (f *Failure) Holds(now time.Time) bool { return f != nil && !now.Before(f.HoldsFrom) }

// Where returns in one line which part of the build failed: the step of the workflow, the phase and the step of the
// component, and the exit code, as far as they are known.
func (f *Failure) Where() string {
	var parts []string
	if f.WorkflowStep != nil && f.WorkflowStep.Name != "" {
		parts = append(parts, f.WorkflowStep.Name)
	}
	if c := f.Component; c != nil {
		if c.Phase != "" {
			parts = append(parts, "phase "+c.Phase)
		}
		if c.Step != "" {
			parts = append(parts, "step "+c.Step)
		}
		if c.ExitCode != 0 {
			parts = append(parts, fmt.Sprintf("exit code %d", c.ExitCode))
		}
	}
	return strings.Join(parts, ", ")
}

// ComponentFailure is the place in a component at which the build stopped, from its log.
type ComponentFailure struct {
	// Component is the ARN of the component, or the name of its document.
	Component string
	// Phase is build, validate or test, and Step is the name of the step.
	Phase, Step string
	// ExitCode is the exit code of the command that failed, or 0 if it is unknown.
	ExitCode int
	// Stderr is the last line that the step wrote to stderr.
	Stderr string
}

// Limits on the content of a report.
const (
	// LogLines is the largest number of lines in [Report.Log].
	LogLines = 40
	maxSteps = 50
	maxText  = 1000
	maxName  = 200
)

// Durations.
const (
	// Grace is how long the orchestrator has to report the end of an execution itself.
	Grace = 2 * time.Minute
	// WarnAfter is how long a condition may last before [Condition] has Warn set.
	WarnAfter = 20 * time.Minute
	// Interval is the least time between two examinations of an event.
	Interval = time.Minute
)
