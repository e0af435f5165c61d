package insight

import (
	"fmt"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// Event is the event in progress that is looked behind, as the status document has it.
type Event struct {
	LifecycleID string
	Name        lifecycle.Event
	// ExecutionARN names the execution of its state machine; a new execution is a new event.
	ExecutionARN string
	// Started is when the orchestrator started it; the zero time is taken as long ago.
	Started time.Time
}

// Report is what one look has seen. All its texts are redacted, of one line without control characters, and
// of bounded length; they are text from outside all the same. A part that was not seen is empty.
type Report struct {
	Event Event
	// SeenAt is when the look ended; the zero time if nobody has looked yet.
	SeenAt    time.Time
	Execution Execution
	State     State
	// Image is that of a build or a patch; nil for other events, and until it is known.
	Image *Image
	// Steps are those of the image's latest workflow, in order.
	Steps []Step
	// Log is the end of the image's log, at most [LogLines] lines; it is read when the image has failed.
	Log   []string
	Links Links
	// Final is why the event can never complete; nil as long as it may.
	Final *Failure
	// Passing are conditions that keep the event from going on and may pass.
	Passing []Condition
	// Notes are lines that are to be said once each. The list only ever grows while one [Watcher] works.
	Notes []string
	// Ended is set when no more looks follow, for the credentials have expired.
	Ended bool
}

// Execution is how the state machine's execution stands.
type Execution struct {
	// Status is Step Functions' word: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED; "" if it was not seen.
	Status           string
	Error, Cause     string
	Started, Stopped time.Time
}

// State is the state of the state machine that works. Names are prose and differ between deployments: they
// are for showing only.
type State struct {
	Name    string
	Entered time.Time
	// N of Of is its place among the event's states; both are 0 when the deployment's states are unknown.
	N, Of int
}

// Image is an image of EC2 Image Builder.
type Image struct {
	ARN, Name, Version string
	// Status is Image Builder's word: PENDING, CREATING, BUILDING, TESTING, DISTRIBUTING, INTEGRATING,
	// AVAILABLE, CANCELLED, FAILED, DEPRECATED, DELETED, DISABLED; "" if it was not seen.
	Status, Reason string
	// LogGroup and LogStream name its log in CloudWatch.
	LogGroup, LogStream string
}

// Step is a step of a workflow of Image Builder.
type Step struct {
	Name, Action string
	// Status is PENDING, SKIPPED, RUNNING, COMPLETED, FAILED or CANCELLED.
	Status, Message string
	// Started and Ended are zero where they are unknown.
	Started, Ended time.Time
}

// Took returns how long the step has taken by now, or did take; 0 if it has not begun.
func (s Step) Took(now time.Time) time.Duration {
	switch {
	case s.Started.IsZero():
		return 0
	case !s.Ended.IsZero():
		return max(s.Ended.Sub(s.Started), 0)
	}
	return max(now.Sub(s.Started), 0)
}

// RunningStep returns the step of the image's workflow that runs, or nil.
func (r *Report) RunningStep() *Step { return r.stepIn("RUNNING") }

// FailedStep returns the step of the image's workflow that has failed, or nil.
func (r *Report) FailedStep() *Step { return r.stepIn("FAILED") }

func (r *Report) stepIn(status string) *Step {
	for i := range r.Steps {
		if r.Steps[i].Status == status {
			return &r.Steps[i]
		}
	}
	return nil
}

// Condition is something that keeps an event from going on and that may pass.
type Condition struct {
	// Text says what it is, in one line.
	Text string
	// Hint says what to do if it lasts.
	Hint string
	// Since is when it was first seen; Warn is set when it has lasted longer than [WarnAfter].
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

// Failure is why an event can never complete.
type Failure struct {
	Kind Kind
	// Status is AWS's own word for it, such as FAILED, ABORTED, UNSUPPORTED_OS.
	Status string
	// What says in one line what has failed, and Reason why, as AWS says it; Reason may be empty.
	What, Reason string
	// WorkflowStep is the step of Image Builder's workflow that failed, and Component where in a component;
	// nil where that is unknown.
	WorkflowStep *Step
	Component    *ComponentFailure
	// Hint says what to do next.
	Hint string
	// HoldsFrom is the time from which the failure is to be believed: the orchestrator may yet report the
	// end of an execution itself, with more detail ([Grace]). The zero time means at once.
	HoldsFrom time.Time
}

// Holds reports whether the failure is to be believed by then.
func (f *Failure) Holds(now time.Time) bool { return f != nil && !now.Before(f.HoldsFrom) }

// Where says in one line what of the build failed: the workflow's step, and the phase and the step of the
// component; "" if neither is known.
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

// ComponentFailure is where in a component the build stopped, as its log tells.
type ComponentFailure struct {
	// Component is its ARN, or the name of its document.
	Component string
	// Phase is build, validate or test; Step is the step's name.
	Phase, Step string
	// ExitCode is the code of the command that failed; 0 if it is unknown.
	ExitCode int
	// Stderr is the last line that the step wrote there.
	Stderr string
}

// Bounds of what a report holds.
const (
	// LogLines is how many lines of a log's end a report has.
	LogLines = 40
	maxSteps = 50
	maxText  = 1000
	maxName  = 200
)

// How long things are waited for.
const (
	// Grace is how long the orchestrator has to report the end of an execution itself.
	Grace = 2 * time.Minute
	// WarnAfter is how long a condition that may pass lasts before it is warned of.
	WarnAfter = 20 * time.Minute
	// Interval is the least time between two looks at an event.
	Interval = time.Minute
)
