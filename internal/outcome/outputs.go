package outcome

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// Setter passes a value to later jobs.
type Setter interface {
	SetOutput(name, value string) error
}

// Outputs passes values to later jobs. It writes each value once, as soon as it is known, so that a job that is killed
// has written what it knew.
type Outputs struct {
	To Setter

	written map[string][sha256.Size]byte // the hash of each value, because a list of lifecycles is large
	failed  error                        // the first error of an output
}

// Set writes the output, unless it has that value already. An error is kept for [Outputs.Err].
func (o *Outputs) Set(name, value string) {
	hash := sha256.Sum256([]byte(value))
	if old, ok := o.written[name]; ok && old == hash {
		return
	}
	if err := o.To.SetOutput(name, value); err != nil {
		if o.failed == nil {
			o.failed = NotWrittenError("output "+name, err)
		}
		return
	}
	if o.written == nil {
		o.written = map[string][sha256.Size]byte{}
	}
	o.written[name] = hash
}

// SetJSON writes the output as JSON. It panics if value cannot be encoded.
func (o *Outputs) SetJSON(name string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("outcome: output %s is not JSON: %v", name, err)) // only types of this module are passed
	}
	o.Set(name, string(text))
}

// SetRecord writes the outputs of the image, its findings, the lifecycle id, the event and the status, as far as the
// record has them.
func (o *Outputs) SetRecord(r *Record) {
	if r.AMIID != "" {
		o.Set("semantic_version", r.SemanticVersion)
		o.Set("ami_id", r.AMIID)
		o.Set("ami_name", r.AMIName)
		o.Set("ami_region", r.AMIRegion)
		o.SetJSON("amis", r.AMIs)
	}
	if r.Vulnerabilities != nil {
		o.SetJSON("vulnerabilities", r.Vulnerabilities)
	}
	for name, value := range map[string]string{"lifecycle_id": r.LifecycleID, "status": r.Status, "event": r.Event} {
		if value != "" {
			o.Set(name, value)
		}
	}
}

// Err returns the error of the first output that could not be written, or nil.
func (o *Outputs) Err() error { return o.failed }

// NotWrittenError returns the error for an output or a file for later jobs that could not be written. what names it.
func NotWrittenError(what string, err error) *Error {
	return &Error{
		Kind: NotWritten, Reason: what + " cannot be written", Err: err,
		Hint: "later jobs need it: check the path, the disk and its permissions",
	}
}
