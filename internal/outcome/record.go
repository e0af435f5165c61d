package outcome

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/watch"
)

// Record is the result of a command: the JSON object of --output json, and the source of the pipeline's outputs.
type Record struct {
	Operation       lifecycle.Operation `json:"operation"`
	LifecycleID     string              `json:"lifecycle_id,omitempty"`
	Status          string              `json:"status"`
	Event           string              `json:"event,omitempty"`
	SemanticVersion string              `json:"semantic_version,omitempty"`
	AMIID           string              `json:"ami_id,omitempty"`
	AMIName         string              `json:"ami_name,omitempty"`
	AMIRegion       string              `json:"ami_region,omitempty"`
	AMIs            []lifecycle.AMI     `json:"amis,omitempty"`
	Vulnerabilities *lifecycle.Findings `json:"vulnerabilities,omitempty"`
	Events          []Event             `json:"events,omitempty"`
	ReportFile      string              `json:"report_file,omitempty"`
	TimelineFile    string              `json:"timeline_file,omitempty"`
	Error           string              `json:"error,omitempty"`
	Hint            string              `json:"hint,omitempty"`
	Resume          string              `json:"resume,omitempty"`
	ExitCode        int                 `json:"exit_code"`
}

// Event is the state of one event that the command waited for.
type Event struct {
	Name    string      `json:"event"`
	State   watch.State `json:"state"`
	Reason  string      `json:"reason,omitempty"`
	Started time.Time   `json:"started,omitzero"`
	Ended   time.Time   `json:"ended,omitzero"`

	// Wire is the event by its name on the wire.
	Wire lifecycle.Event `json:"-"`
}

// TakeVersion records the images and the findings of a version. Images are recorded only if all of them are usable, so
// that no later job is passed an unusable one.
func (r *Record) TakeVersion(version lifecycle.Version) {
	if amis := version.AMIs(); len(amis) > 0 && version.Image.Contradiction() == "" {
		first := amis[0]
		r.AMIs, r.SemanticVersion = amis, first.SemanticVersion
		r.AMIID, r.AMIName, r.AMIRegion = first.ID, first.Name, first.Region
	}
	if findings := version.Findings(); findings != nil {
		r.Vulnerabilities = findings
	}
}

// TakeEvent records the state of an event, and when it started and ended as far as the document says.
func (r *Record) TakeEvent(judgement watch.Judgement, document *lifecycle.Document) {
	event := r.eventOf(judgement.Event)
	event.State, event.Reason = judgement.State, judgement.Reason
	running := document.Running
	switch {
	case judgement.State == watch.Running && running != nil:
		event.Started = running.Started.Time
	case judgement.Result != nil:
		event.Ended = judgement.Result.StatusDate.Time
	case judgement.State.IsFinal() && running != nil && running.Name == judgement.Event:
		event.Started, event.Ended = running.Started.Time, running.StatusDate.Time
	}
}

// SetEventEnd records the end of an event that the document does not show.
func (r *Record) SetEventEnd(event lifecycle.Event, at time.Time) { r.eventOf(event).Ended = at.UTC() }

// Explain sets the reason of an event.
func (r *Record) Explain(event lifecycle.Event, reason string) { r.eventOf(event).Reason = reason }

func (r *Record) eventOf(event lifecycle.Event) *Event {
	for i := range r.Events {
		if r.Events[i].Wire == event {
			return &r.Events[i]
		}
	}
	r.Events = append(r.Events, Event{Name: event.String(), Wire: event})
	return &r.Events[len(r.Events)-1]
}
