package store

import (
	"fmt"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// runsBucket is created when the first run is stored, because the state of an earlier version has none.
var runsBucket = []byte("runs")

// Fate is how a run fails in AWS without a report to the orchestrator (docs/behind-the-document.md).
type Fate string

// The fates of a run. A run with the zero value reports how it ends.
const (
	// ImageFails fails the image of a build or a patch.
	ImageFails Fate = "image fails"
	// ExportFails ends the export to VMDK of a QA certification request without a result.
	ExportFails Fate = "export fails"
	// BackupFails fails the backup of an approved image.
	BackupFails Fate = "backup fails"
	// ScanUnsupported runs the scan on an operating system that Inspector does not support.
	ScanUnsupported Fate = "scan unsupported"
	// Aborted aborts the execution, as a user of AWS can.
	Aborted Fate = "aborted"
	// TimesOut lets the execution time out.
	TimesOut Fate = "times out"
)

// Run is what an execution does in AWS. It is kept after the execution has ended.
type Run struct {
	ARN         string          `json:"arn"`
	LifecycleID string          `json:"lifecycle_id"`
	Event       lifecycle.Event `json:"event"`
	Input       map[string]any  `json:"input,omitempty"`
	Started     time.Time       `json:"started"`
	// Ends is when the execution ends if it is not disturbed. The progress at any time follows from it.
	Ends time.Time `json:"ends"`
	// Manual is true for a run that stops halfway until a control route ends its event.
	Manual bool `json:"manual,omitempty"`
	// Fate takes effect at FateAt. If that is zero it is halfway, or later for a component that fails in its test phase.
	Fate   Fate      `json:"fate,omitempty"`
	FateAt time.Time `json:"fate_at,omitzero"`
	// Stopped is when the execution ended, and Status its status in Step Functions since then.
	Stopped time.Time `json:"stopped,omitzero"`
	Status  string    `json:"status,omitempty"`
	// ImageStatus and ImageReason are the image's status in Image Builder, and its reason, as a control route set them.
	ImageStatus string `json:"image_status,omitempty"`
	ImageReason string `json:"image_reason,omitempty"`
	// Steps are the steps of the patch component. Failing is the index of the step that fails, or -1.
	Steps   []ComponentStep `json:"steps,omitempty"`
	Failing int             `json:"failing"`
}

// ComponentStep is a step of a component.
type ComponentStep struct {
	Phase   string `json:"phase"`
	Name    string `json:"name"`
	Action  string `json:"action"`
	Command string `json:"command,omitempty"`
	// ExitCode is the exit code of Command if the step fails.
	ExitCode int `json:"exit_code,omitempty"`
}

// Run returns the run of the execution, or nil if there is none.
func (tx *Tx) Run(arn string) (*Run, error) {
	bucket := tx.bolt.Bucket(runsBucket)
	if bucket == nil {
		return nil, nil
	}
	data := bucket.Get([]byte(arn))
	if data == nil {
		return nil, nil
	}
	run := new(Run)
	return run, decode(data, run)
}

// Runs calls visit for each run, in the order of their ARNs, until visit returns an error.
func (tx *Tx) Runs(visit func(*Run) error) error {
	bucket := tx.bolt.Bucket(runsBucket)
	if bucket == nil {
		return nil
	}
	return bucket.ForEach(func(_, data []byte) error {
		run := new(Run)
		if err := decode(data, run); err != nil {
			return err
		}
		return visit(run)
	})
}

// PutRun stores the run under its ARN.
func (tx *Tx) PutRun(run *Run) error {
	if !tx.bolt.Writable() {
		return ErrReadOnly
	}
	if _, err := tx.bolt.CreateBucketIfNotExists(runsBucket); err != nil {
		return fmt.Errorf("making room for the runs: %w", err)
	}
	return tx.put(runsBucket, []byte(run.ARN), run)
}
