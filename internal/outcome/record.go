package outcome

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/watch"
)

// Record is what a command leaves for those who come after it: the one JSON object of --output json, and
// what the outputs of a pipeline are made of.
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

// Event is how one event that was waited for stands.
type Event struct {
	Name    string      `json:"event"`
	State   watch.State `json:"state"`
	Reason  string      `json:"reason,omitempty"`
	Started time.Time   `json:"started,omitzero"`
	Ended   time.Time   `json:"ended,omitzero"`

	// Wire is the event itself, for those who show it.
	Wire lifecycle.Event `json:"-"`
}

// TakeVersion records the images of a version, and what its scan found. A version whose images are not
// usable is not recorded: nobody may be handed them.
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

// TakeEvent records how an event stands, and when it began and ended as far as the document says.
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

// EndedBehind records when an event ended whose end the document does not show.
func (r *Record) EndedBehind(event lifecycle.Event, at time.Time) { r.eventOf(event).Ended = at.UTC() }

// Explain replaces the reason of an event that has been recorded.
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
