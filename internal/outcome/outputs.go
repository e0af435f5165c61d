package outcome

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// Setter hands a value to later jobs.
type Setter interface {
	SetOutput(name, value string) error
}

// Outputs hands values to later jobs, each the moment it is known and once: a job that is killed has left
// behind what it knew.
type Outputs struct {
	To Setter

	written map[string][sha256.Size]byte // the hash of each: a list of lifecycles is large
	failed  error                        // the first that could not be written
}

// Set hands on a value, unless it is the one that was handed on already.
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

// SetJSON hands on a value as JSON.
func (o *Outputs) SetJSON(name string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("outcome: output %s is not JSON: %v", name, err)) // our own types
	}
	o.Set(name, string(text))
}

// SetRecord hands on what is known of the image, its findings, the event and the status.
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

// NotWrittenError says that something could not be handed to later jobs.
func NotWrittenError(what string, err error) *Error {
	return &Error{
		Kind: NotWritten, Reason: what + " cannot be written", Err: err,
		Hint: "later jobs need it: check the path, the disk and its permissions",
	}
}
