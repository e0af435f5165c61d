package store

import (
	"fmt"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// runsBucket is made when the first run is stored: a directory of an earlier sandbox has none.
var runsBucket = []byte("runs")

// Fate is what happens to a run without the orchestrator ever hearing of it (docs/behind-the-document.md).
type Fate string

// The fates of a run. The zero value is a run that goes well, or ends as it was told to.
const (
	// ImageFails fails the image of a build or a patch.
	ImageFails Fate = "image fails"
	// ExportFails ends the export to VMDK of a QA certification request without a result.
	ExportFails Fate = "export fails"
	// BackupFails fails the backup of an approved image.
	BackupFails Fate = "backup fails"
	// ScanUnsupported starts an instance of an operating system that Inspector does not scan.
	ScanUnsupported Fate = "scan unsupported"
	// Aborted stops the execution, as a person does.
	Aborted Fate = "aborted"
	// TimesOut lets the execution time out.
	TimesOut Fate = "times out"
)

// Run is what an execution does in AWS, which stays known after it has ended.
type Run struct {
	ARN         string          `json:"arn"`
	LifecycleID string          `json:"lifecycle_id"`
	Event       lifecycle.Event `json:"event"`
	Input       map[string]any  `json:"input,omitempty"`
	Started     time.Time       `json:"started"`
	// Ends is when the execution is done if nothing happens to it: it says how fast things go.
	Ends time.Time `json:"ends"`
	// Manual runs go no further than their middle by themselves.
	Manual bool `json:"manual,omitempty"`
	// Fate happens at half of the time, or at FateAt if that is set.
	Fate   Fate      `json:"fate,omitempty"`
	FateAt time.Time `json:"fate_at,omitzero"`
	// Stopped is when the execution ended; Status is its last word then, as Step Functions says it.
	Stopped time.Time `json:"stopped,omitzero"`
	Status  string    `json:"status,omitempty"`
	// ImageStatus and ImageReason are what a test has set by hand, in Image Builder's words.
	ImageStatus string `json:"image_status,omitempty"`
	ImageReason string `json:"image_reason,omitempty"`
	// Steps are those of the component that is applied; Failing is the index of the one that fails, or -1.
	Steps   []ComponentStep `json:"steps,omitempty"`
	Failing int             `json:"failing"`
}

// ComponentStep is one step of a component.
type ComponentStep struct {
	Phase   string `json:"phase"`
	Name    string `json:"name"`
	Action  string `json:"action"`
	Command string `json:"command,omitempty"`
	// ExitCode is that of the command, where the step fails.
	ExitCode int `json:"exit_code,omitempty"`
}

// Run returns the run of the execution, or nil where there is none.
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

// Runs calls visit for each run, in the order of their ARNs, until it returns an error.
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
