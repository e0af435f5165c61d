package lifecycle

import (
	"encoding/json"
	"slices"
	"time"
)

// Status is the status of an event or of its result.
type Status string

// The statuses that a server sends (docs/wire-contract.md, "The status document"). An event that has
// just been started has no status at all.
const (
	Completed         Status = "COMPLETED"
	Failed            Status = "FAILED"
	InProgress        Status = "IN_PROGRESS"
	Error             Status = "ERROR"
	ErrorEventTimeout Status = "ERROR_EVENT_TIMEOUT"
)

// DateLayout is the format of every date in the document: UTC, without a zone, in whole seconds
// (docs/wire-contract.md, "The status document").
const DateLayout = "01/02/2006, 15:04:05"

// Document is the status document of a lifecycle, without its secret members: the api_key of a result, the timeline
// URLs and the presigned URLs are never decoded, so they cannot be printed by accident. Error messages are the
// server's own text and still need redaction.
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

	// Raw is the document as it was received, including secrets. It must be redacted before it leaves the process.
	Raw json.RawMessage `json:"-"`
}

// Inputs describe the latest request of a phase. Updated is the time of that request. Only the inputs of a patch have
// it; for the creation, see [Document.Updated].
type Inputs struct {
	Events     []EventSwitch `json:"events"`
	Updated    Date          `json:"update_date"`
	Properties Properties    `json:"properties"`
	CommitRef  string        `json:"commit_ref"`
}

// EventSwitch says whether a request enables an event.
type EventSwitch struct {
	Name    Event `json:"name"`
	Enabled bool  `json:"enabled"`
}

// EventInProgress is the execution that was started last. Its Status is empty while the execution runs, and ERROR or
// ERROR_EVENT_TIMEOUT if it ended in an error. The server removes it when the event has a result.
type EventInProgress struct {
	Name         Event  `json:"name"`
	ExecutionARN string `json:"execution_arn"`
	Started      Date   `json:"execution_startdate"`
	Status       Status `json:"status"`
	StatusDate   Date   `json:"status_date"`
	ErrorMessage string `json:"error_message"`
	StackTrace   string `json:"stack_trace"`
}

// IsRunning reports whether there is an execution that has not ended yet.
func (e *EventInProgress) IsRunning() bool {
	return e != nil && (e.Status == "" || e.Status == InProgress)
}

// EventResults holds the results of a creation or of one patch, oldest first.
type EventResults struct {
	Events []Result `json:"events"`
}

// PatchEventResults holds the results of the current patch and of the patches before it.
type PatchEventResults struct {
	History struct {
		Current    *EventResults  `json:"current"`
		Historical []EventResults `json:"historical"`
	} `json:"patch_history"`
}

// Results returns the results of the phase, oldest first. For Patching, they are those of the current patch.
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

// ResultsInPhaseOf returns all results of the phase that the event belongs to, oldest first. An unknown event has no
// phase, so for it the results of both phases are returned, those of the creation first.
func (d *Document) ResultsInPhaseOf(event Event) []Result {
	if phase := event.Phase(); phase != "" {
		return d.Results(phase)
	}
	return slices.Concat(d.Results(Creation), d.Results(Patching))
}

// ResultOf returns the newest result of the event, or nil if it has none.
func (d *Document) ResultOf(event Event) *Result {
	return NewestOf(d.ResultsInPhaseOf(event), event)
}

// NewestOf returns the newest result of the event in results, which are ordered oldest first, or nil if it has none.
func NewestOf(results []Result, event Event) *Result {
	for i := range slices.Backward(results) {
		if results[i].Name == event {
			return &results[i]
		}
	}
	return nil
}

// HasCompleted reports whether the event has a COMPLETED result. For an event of the patch phase, only the current
// patch counts.
func (d *Document) HasCompleted(event Event) bool {
	for _, result := range d.ResultsInPhaseOf(event) {
		if result.Name == event && result.Status == Completed {
			return true
		}
	}
	return false
}

// Enabled returns the events that the latest request of the phase enabled, in the order of the document.
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

// CurrentPhase returns the phase that the lifecycle is in: Patching once a patch has been requested, else Creation.
func (d *Document) CurrentPhase() Phase {
	if d.InputsPatch != nil {
		return Patching
	}
	return Creation
}

// Date is a date of the document. A value of another format is not an error: it becomes the zero time, which means
// an unknown date.
type Date struct{ time.Time }

// UnmarshalJSON decodes a date in the format of [DateLayout]. It never fails.
func (d *Date) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		d.Time, _ = time.ParseInLocation(DateLayout, text, time.UTC)
	}
	return nil
}

// Properties maps keys to strings. The server stores values of any type, so a value that is not a string is kept here
// as its JSON.
type Properties map[string]string
