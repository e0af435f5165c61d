package insight

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/org/ami-action/internal/awserror"
)

// action is an IAM action that an examination uses.
type action string

// The actions, all of them optional. credentials is not an action, but stands for the credentials that all of them need.
const (
	credentials        action = ""
	describeExecution  action = "states:DescribeExecution"
	executionHistory   action = "states:GetExecutionHistory"
	getImage           action = "imagebuilder:GetImage"
	workflowExecutions action = "imagebuilder:ListWorkflowExecutions"
	workflowSteps      action = "imagebuilder:ListWorkflowStepExecutions"
	logEvents          action = "logs:GetLogEvents"
)

// shows maps each action to what a user sees with it.
var shows = map[action]string{
	describeExecution:  "whether the execution still runs",
	executionHistory:   "the state it is in, the image it builds",
	getImage:           "whether the image has failed, and why",
	workflowExecutions: "the step that builds the image",
	workflowSteps:      "the step that builds the image",
	logEvents:          "the build's log",
}

// askAgain is how long a denied action is not tried again. It is tried again, because the permission may be added during
// the wait.
const askAgain = 10 * time.Minute

// refusals records what AWS has refused, and which of it the user has been told.
type refusals struct {
	denied map[action]time.Time
	said   map[action]bool
	// missing are the actions that were denied for the first time, and that the user has not been told yet.
	missing []action
	// expired is set when the credentials have expired.
	expired bool
	// unknown is set when AWS does not know the execution.
	unknown bool
	// failed is the last error of any other kind in this examination. failures counts the successive examinations that
	// had such an error and saw nothing.
	failed   error
	failures int
}

// mayAsk reports whether the action should be tried now.
func (r *refusals) mayAsk(a action, now time.Time) bool {
	denied, ok := r.denied[a]
	return !r.expired && (!ok || now.Sub(denied) >= askAgain)
}

// note records why a request failed.
func (r *refusals) note(a action, err error, now time.Time) {
	switch code := awserror.Code(err); {
	case awserror.IsExpired(code):
		r.expired = true
	case awserror.IsDenied(code) && a != credentials:
		r.denied[a] = now
		if !r.said[a] {
			r.said[a] = true
			r.missing = append(r.missing, a)
		}
	case code == "ExecutionDoesNotExist", code == "InvalidArn":
		r.unknown = true
	case awserror.IsThrottled(code), errors.Is(err, context.Canceled):
	default:
		r.failed = err
	}
}

// allowed records that the action is allowed.
func (r *refusals) allowed(a action) { delete(r.denied, a) }

// missingNote returns a line that names the missing permissions and forgets them, or "" if there are none.
func (r *refusals) missingNote() string {
	if len(r.missing) == 0 {
		return ""
	}
	var named []string
	for i, a := range r.missing {
		text := string(a)
		// If several actions show the same, that is said after the last of them.
		if i+1 == len(r.missing) || shows[r.missing[i+1]] != shows[a] {
			text += " (" + shows[a] + ")"
		}
		named = append(named, text)
	}
	r.missing = nil
	return "Optional permissions are missing: allow " + strings.Join(named, ", ") + " to see more details"
}

const expiredNote = "The AWS credentials have expired: from now on only the status document shows the progress"

const unknownNote = "AWS does not know the event's execution in this account and region: only the status document shows the progress"

const unreachableNote = "AWS Step Functions or EC2 Image Builder cannot be reached: only the status document shows the progress"
