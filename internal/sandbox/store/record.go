package store

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// Lifecycle is one lifecycle: the document that a client sees, and what runs behind it.
type Lifecycle struct {
	ID string `json:"id"`
	// Document is the status document, as loose as the requests that made it.
	Document map[string]any `json:"document"`
	// Executions are the state machines that have not reported their end yet, oldest first. There can
	// be several: nothing stops a second start.
	Executions []Execution `json:"executions,omitempty"`
}

// Execution is one run of a state machine.
type Execution struct {
	ARN   string          `json:"arn"`
	Event lifecycle.Event `json:"event"`
	// Input is what the state machine was started with, for it comes back in its result.
	Input map[string]any `json:"input"`
	// Outcome is how the execution will end by itself; empty when it never does.
	Outcome lifecycle.Status `json:"outcome,omitempty"`
}

// Kind says what is pending.
type Kind string

// What can be pending.
const (
	// ExecutionEnds is the end of an execution.
	ExecutionEnds Kind = "execution ends"
	// MessageArrives is a queued message reaching its receiver.
	MessageArrives Kind = "message arrives"
	// NextStarts is the orchestrator going on after a result.
	NextStarts Kind = "next starts"
)

// Pending is something that happens at a time of its own, whether or not a process runs then.
type Pending struct {
	// At is when it happens; the zero time means not before it is asked for.
	At          time.Time       `json:"at"`
	Kind        Kind            `json:"kind"`
	LifecycleID string          `json:"lifecycle_id"`
	ARN         string          `json:"arn,omitempty"`
	Phase       lifecycle.Phase `json:"phase,omitempty"`
	Receiver    string          `json:"receiver,omitempty"`
	Message     map[string]any  `json:"message,omitempty"`

	key []byte
}

// Object is what lies under a key of S3.
type Object struct {
	Body        []byte    `json:"body"`
	ContentType string    `json:"content_type"`
	ETag        string    `json:"etag"`
	Modified    time.Time `json:"modified"`
	// Metadata are the user's own headers, by the part of their name after X-Amz-Meta-.
	Metadata map[string]string `json:"metadata,omitempty"`
}
