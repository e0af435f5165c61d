package action

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/report"
	"github.com/org/ami-action/internal/watch"
)

// Outcome is what a command leaves for those who come after it: the one JSON object of --output json,
// and what the outputs of a pipeline are made of.
type Outcome struct {
	Operation       lifecycle.Operation `json:"operation"`
	LifecycleID     string              `json:"lifecycle_id,omitempty"`
	Status          string              `json:"status"`
	Event           lifecycle.Event     `json:"event,omitempty"`
	SemanticVersion string              `json:"semantic_version,omitempty"`
	AMIs            []lifecycle.AMI     `json:"amis,omitempty"`
	Vulnerabilities *lifecycle.Findings `json:"vulnerabilities,omitempty"`
	Events          []EventOutcome      `json:"events,omitempty"`
	ReportFile      string              `json:"report_file,omitempty"`
	TimelineFile    string              `json:"timeline_file,omitempty"`
	Error           string              `json:"error,omitempty"`
	Resume          string              `json:"resume,omitempty"`
	ExitCode        int                 `json:"exit_code"`

	document *lifecycle.Document
	written  map[string]string
	failed   *OutputError // the first output that could not be written
}

// EventOutcome is how one event that was waited for stands.
type EventOutcome struct {
	Event   lifecycle.Event `json:"event"`
	State   watch.State     `json:"state"`
	Reason  string          `json:"reason,omitempty"`
	Started time.Time       `json:"started,omitzero"`
	Ended   time.Time       `json:"ended,omitzero"`
}

// The values of the output status beside the states of package watch.
const (
	statusRunning     = "RUNNING"
	statusStarted     = "STARTED"     // --wait=false
	statusTimedOut    = "TIMED_OUT"   // the event goes on
	statusInterrupted = "INTERRUPTED" // the event goes on
	statusRefused     = "REFUSED"
	statusUnknown     = "UNKNOWN"
	statusStalled     = "STALLED"
	statusGate        = "NOT_PASSED" // a scan found what may not pass
	statusUnavailable = "UNAVAILABLE"
)

// take brings what a look at the lifecycle has shown into the outcome and the outputs, each the moment
// it is known: a job that is killed has left it behind. verdict is nil where nothing is waited for.
func (r *run) take(verdict watch.Verdict, document *lifecycle.Document) {
	r.outcome.document = document
	for _, judgement := range verdict {
		r.outcome.takeEvent(judgement, document)
	}
	if current := currentOf(verdict); current != "" {
		r.setEvent(current)
	}
	if result := imageOf(r.Settings.Operation, verdict, document); result != nil && len(result.AMIs) > 0 {
		r.outcome.AMIs = result.AMIs
		r.outcome.SemanticVersion = result.AMIs[0].SemanticVersion
		r.output("semantic_version", result.AMIs[0].SemanticVersion)
		r.output("ami_id", result.AMIs[0].ID)
		r.output("ami_name", result.AMIs[0].Name)
		r.output("ami_region", result.AMIs[0].Region)
		r.outputJSON("amis", result.AMIs)
	}
	if result := scanOf(r.Settings.Operation, verdict, document); result != nil {
		r.outcome.Vulnerabilities = result.Findings
		r.outputJSON("vulnerabilities", result.Findings)
	}
}

// currentOf returns the event that a wait is at: the last one that has begun.
func currentOf(verdict watch.Verdict) lifecycle.Event {
	for _, judgement := range slices.Backward(verdict) {
		if judgement.State != watch.Waiting && judgement.State != watch.Blocked {
			return judgement.Event
		}
	}
	return ""
}

func (o *Outcome) takeEvent(judgement watch.Judgement, document *lifecycle.Document) {
	for i := range o.Events {
		if o.Events[i].Event == judgement.Event {
			o.Events[i].update(judgement, document)
			return
		}
	}
	o.Events = append(o.Events, EventOutcome{Event: judgement.Event})
	o.Events[len(o.Events)-1].update(judgement, document)
}

func (e *EventOutcome) update(judgement watch.Judgement, document *lifecycle.Document) {
	e.State, e.Reason = judgement.State, judgement.Reason
	running := document.Running
	switch {
	case judgement.State == watch.Running && running != nil:
		e.Started = running.Started.Time
	case judgement.Result != nil:
		e.Ended = judgement.Result.StatusDate.Time
	case judgement.State.IsFinal() && running != nil && running.Name == e.Event:
		e.Started, e.Ended = running.Started.Time, running.StatusDate.Time
	}
}

// recordedAsAsked marks an event whose FAILED is what the user asked to record.
func (o *Outcome) recordedAsAsked(event lifecycle.Event) {
	o.Event = event
	for i := range o.Events {
		if o.Events[i].Event == event {
			o.Events[i].Reason = "recorded as asked"
		}
	}
}

// phaseOf is the phase whose image an operation is about.
func phaseOf(o lifecycle.Operation, document *lifecycle.Document) lifecycle.Phase {
	if phase := o.Phase(); phase != "" {
		return phase
	}
	return document.CurrentPhase()
}

// imageOf returns the result that made the image which the operation is about, or nil while there is
// none: the image of the patch before is not that of a new one.
func imageOf(o lifecycle.Operation, verdict watch.Verdict, document *lifecycle.Document) *lifecycle.Result {
	if phaseOf(o, document) == lifecycle.Creation {
		return document.ResultOf(lifecycle.BuildAMI)
	}
	if isPatching(o, verdict, document) {
		return nil
	}
	if result := document.ResultOf(lifecycle.PatchAMI); result != nil || o.Waits() {
		return result
	}
	return document.ResultOf(lifecycle.BuildAMI)
}

// scanOf returns the result of the scan of that image, or nil while there is none.
func scanOf(o lifecycle.Operation, verdict watch.Verdict, document *lifecycle.Document) *lifecycle.Result {
	event := lifecycle.VulnerabilityScansCreate
	if phaseOf(o, document) == lifecycle.Patching {
		event = lifecycle.VulnerabilityScansPatch
		if isPatching(o, verdict, document) {
			return nil
		}
	}
	if judgement := verdict.Of(event); judgement != nil && judgement.Result == nil {
		return nil
	}
	if result := document.ResultOf(event); result != nil && result.Status == lifecycle.Completed {
		return result
	}
	return nil
}

// isPatching reports whether a patch is under way whose result is not there yet.
func isPatching(o lifecycle.Operation, verdict watch.Verdict, document *lifecycle.Document) bool {
	running := document.Running
	if running != nil && running.Name == lifecycle.PatchAMI {
		return true
	}
	if judgement := verdict.Of(lifecycle.PatchAMI); judgement != nil {
		return judgement.State != watch.Completed
	}
	return o == lifecycle.Patch && verdict == nil
}

func (r *run) setStatus(status string) {
	r.outcome.Status = status
	r.output("status", status)
}

func (r *run) setEvent(event lifecycle.Event) {
	r.outcome.Event = event
	r.output("event", string(event))
}

// output hands a value to later jobs, once for each value.
func (r *run) output(name, value string) {
	if r.outcome.written == nil {
		r.outcome.written = map[string]string{}
	}
	if old, ok := r.outcome.written[name]; ok && old == value {
		return
	}
	if err := r.Pipeline.SetOutput(name, value); err != nil {
		if r.outcome.failed == nil {
			r.outcome.failed = &OutputError{Name: "output " + name, Err: err}
		}
		return
	}
	r.outcome.written[name] = value
}

func (r *run) outputJSON(name string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("action: output %s is no JSON: %v", name, err)) // our own types
	}
	r.output(name, string(text))
}

func (r *run) printsJSON() bool { return r.Settings.Output == config.OutputJSON }

// writeReport writes the report file, in the form that its name's ending tells.
func (r *run) writeReport(view report.Report) error {
	path := r.Settings.ReportFile
	if path == "" || r.outcome.LifecycleID == "" {
		return nil
	}
	var page []byte
	var err error
	switch strings.ToLower(filepath.Ext(path)) {
	case ".md", ".markdown":
		page = []byte(view.Markdown())
	case ".txt":
		page = []byte(view.Text())
	default:
		page, err = view.HTML()
	}
	if err == nil {
		err = writeFile(path, page)
	}
	if err != nil {
		return &OutputError{Name: "report " + path, Err: err}
	}
	r.outcome.ReportFile = path
	r.output("report_file", path)
	return nil
}

func writeFile(path string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o644)
}
