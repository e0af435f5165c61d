package store

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// Lifecycle is one lifecycle: the document that a client sees, and the executions behind it.
type Lifecycle struct {
	ID string `json:"id"`
	// Document is the status document. Members that come from requests can be of any type.
	Document map[string]any `json:"document"`
	// Executions are the executions that have not reported their end, oldest first. There can be several, because
	// nothing prevents a second start.
	Executions []Execution `json:"executions,omitempty"`
}

// Execution is one execution of a state machine.
type Execution struct {
	ARN   string          `json:"arn"`
	Event lifecycle.Event `json:"event"`
	// Input is the input of the state machine. Parts of it are in the result.
	Input map[string]any `json:"input"`
	// Outcome is the status with which the execution ends by itself; empty if it never does.
	Outcome lifecycle.Status `json:"outcome,omitempty"`
}

// Kind is the kind of a [Pending].
type Kind string

// The kinds of pending steps.
const (
	// ExecutionEnds is the end of an execution.
	ExecutionEnds Kind = "execution ends"
	// MessageArrives is the arrival of a queued message at its receiver.
	MessageArrives Kind = "message arrives"
	// NextStarts is the start of the next event after a result.
	NextStarts Kind = "next starts"
)

// Pending is a step that takes effect at a set time, even if no process runs then.
type Pending struct {
	// At is when the step takes effect; the zero time means only on request.
	At          time.Time       `json:"at"`
	Kind        Kind            `json:"kind"`
	LifecycleID string          `json:"lifecycle_id"`
	ARN         string          `json:"arn,omitempty"`
	Phase       lifecycle.Phase `json:"phase,omitempty"`
	Receiver    string          `json:"receiver,omitempty"`
	Message     map[string]any  `json:"message,omitempty"`

	key []byte
}

// Object is an object in S3.
type Object struct {
	Body        []byte    `json:"body"`
	ContentType string    `json:"content_type"`
	ETag        string    `json:"etag"`
	Modified    time.Time `json:"modified"`
	// Metadata is the user-defined metadata, by the part of the header's name after X-Amz-Meta-.
	Metadata map[string]string `json:"metadata,omitempty"`
}
