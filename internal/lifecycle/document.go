package lifecycle

import (
	"encoding/json"
	"slices"
	"time"
)

// Status is how an event or its result stands.
type Status string

// The statuses that a client can meet (docs/wire-contract.md, "The status document"). An event that has
// just been started has none at all.
const (
	Completed         Status = "COMPLETED"
	Failed            Status = "FAILED"
	InProgress        Status = "IN_PROGRESS"
	Error             Status = "ERROR"
	ErrorEventTimeout Status = "ERROR_EVENT_TIMEOUT"
)

// DateLayout is the form of every date in the document: UTC, without a zone, in whole seconds
// (docs/wire-contract.md, "The status document").
const DateLayout = "01/02/2006, 15:04:05"

// Document is a lifecycle as the orchestrator answers it, without the members that are secret: no
// receiver's key, no timeline's URL and no presigned URL is ever decoded, so none can be printed by
// accident. Error texts are the server's own and still need redaction.
type Document struct {
	ID           string            `json:"lifecycle_id"`
	StackTag     string            `json:"stack_tag"`
	Owner        string            `json:"owner"`
	Created      Date              `json:"creation_date"`
	Updated      Date              `json:"update_date"`
	ProductVer   string            `json:"product_ver"`
	ProductName  string            `json:"product_name"`
	CommitRef    string            `json:"commit_ref"`
	Properties   Properties        `json:"properties"`
	InputsCreate Inputs            `json:"inputs_ami_creation"`
	InputsPatch  *Inputs           `json:"inputs_ami_patch"`
	Running      *EventInProgress  `json:"event_in_progress"`
	Outputs      EventResults      `json:"outputs_ami_creation"`
	PatchOutputs PatchEventResults `json:"outputs_ami_patch"`

	// Raw is the whole answer, secrets included: it must pass redaction before it leaves the process.
	Raw json.RawMessage `json:"-"`
}

// Inputs are the events that the latest request of a phase asked for. Updated is when it came; only those of a
// patch have it, and [Document.Updated] is that of the creation's.
type Inputs struct {
	Events     []EventSwitch `json:"events"`
	Updated    Date          `json:"update_date"`
	Properties Properties    `json:"properties"`
	CommitRef  string        `json:"commit_ref"`
}

// EventSwitch says of one event whether a request asks for it.
type EventSwitch struct {
	Name    Event `json:"name"`
	Enabled bool  `json:"enabled"`
}

// EventInProgress is the execution that was started last. Its Status is empty while it runs, and an
// error when it ended in one; a result makes it go away.
type EventInProgress struct {
	Name         Event  `json:"name"`
	ExecutionARN string `json:"execution_arn"`
	Started      Date   `json:"execution_startdate"`
	Status       Status `json:"status"`
	StatusDate   Date   `json:"status_date"`
	ErrorMessage string `json:"error_message"`
	StackTrace   string `json:"stack_trace"`
}

// IsRunning reports whether the execution has not ended yet.
func (e *EventInProgress) IsRunning() bool {
	return e != nil && (e.Status == "" || e.Status == InProgress)
}

// EventResults are the results of a phase, oldest first.
type EventResults struct {
	Events []Result `json:"events"`
}

// PatchEventResults are the results of the current patch and of those before it.
type PatchEventResults struct {
	History struct {
		Current    *EventResults  `json:"current"`
		Historical []EventResults `json:"historical"`
	} `json:"patch_history"`
}

// Results returns the results of the phase, oldest first: of a patch those of the current one.
func (d *Document) Results(phase Phase) []Result {
	switch {
	case d == nil:
		return nil
	case phase == Creation:
		return d.Outputs.Events
	case d.PatchOutputs.History.Current != nil:
		return d.PatchOutputs.History.Current.Events
	}
	return nil
}

// ResultsBeside returns the results among which those of the event are, oldest first: those of its phase. An
// event of an unknown name has no phase, and may have its results in either.
func (d *Document) ResultsBeside(event Event) []Result {
	if phase := event.Phase(); phase != "" {
		return d.Results(phase)
	}
	return slices.Concat(d.Results(Creation), d.Results(Patching))
}

// ResultOf returns the newest result of the event, or nil where it has none.
func (d *Document) ResultOf(event Event) *Result {
	return NewestOf(d.ResultsBeside(event), event)
}

// NewestOf returns the newest result of the event among results, which are oldest first, or nil where it has none.
func NewestOf(results []Result, event Event) *Result {
	for i := range slices.Backward(results) {
		if results[i].Name == event {
			return &results[i]
		}
	}
	return nil
}

// HasCompleted reports whether the event has a result COMPLETED, in the current patch if it belongs to
// the patch phase.
func (d *Document) HasCompleted(event Event) bool {
	for _, result := range d.ResultsBeside(event) {
		if result.Name == event && result.Status == Completed {
			return true
		}
	}
	return false
}

// Enabled returns the events that the latest request of the phase asked for, in the order of the wire.
func (d *Document) Enabled(phase Phase) []Event {
	inputs := &d.InputsCreate
	if phase == Patching {
		inputs = d.InputsPatch
	}
	if inputs == nil {
		return nil
	}
	var events []Event
	for _, event := range inputs.Events {
		if event.Enabled {
			events = append(events, event.Name)
		}
	}
	return events
}

// CurrentPhase returns the phase that the lifecycle is in: Patching once a patch has been asked for.
func (d *Document) CurrentPhase() Phase {
	if d.InputsPatch != nil {
		return Patching
	}
	return Creation
}

// Date is a point in time as the document writes it. A text of another form is not an error but the zero
// time: dates are shown, never relied upon.
type Date struct{ time.Time }

// UnmarshalJSON reads a date of [DateLayout].
func (d *Date) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		d.Time, _ = time.ParseInLocation(DateLayout, text, time.UTC)
	}
	return nil
}

// Properties are free texts by key. A server that was sent another type keeps it, so any value is
// taken: other values than text are kept as JSON.
type Properties map[string]string
