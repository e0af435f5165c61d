package orchestrator

import "github.com/org/ami-action/internal/lifecycle"

// Request is a request that changes something: what one operation sends. It is one of this package's types, whose
// members are those of the wire (docs/wire-contract.md, "Requests"). What is mandatory there is always sent. Properties
// are left out where there are none, never null: the orchestrator breaks on that.
type Request interface {
	// render returns the call that goes out; the error is an *InvalidError.
	render() (call, error)
}

// call is a request as it goes out. Its body has no API key yet.
type call struct {
	operation    lifecycle.Operation
	id           string
	method, path string
	body         any
}

// CreateRequest asks for a new lifecycle.
type CreateRequest struct {
	StackTag    string `json:"stack_tag"`
	Owner       string `json:"owner"`
	ProductVer  string `json:"product_ver"`
	ProductName string `json:"product_name"`
	CommitRef   string `json:"commit_ref"`
	// Notifications are the channels; the orchestrator needs one at least.
	Notifications []lifecycle.Notification `json:"notifications"`
	// Events are those to run. BUILD_AMI always runs, named or not.
	Events []lifecycle.Event `json:"-"`
	// Properties are free texts that stay with the lifecycle. It may have none.
	Properties map[string]string `json:"properties,omitempty"`
}

// UpdateRequest asks for further events of a lifecycle that has been built.
type UpdateRequest struct {
	LifecycleID   string                   `json:"lifecycle_id"`
	StackTag      string                   `json:"stack_tag"`
	Owner         string                   `json:"owner"`
	Notifications []lifecycle.Notification `json:"notifications"`
	// Events are those to run. BUILD_AMI cannot be one.
	Events []lifecycle.Event `json:"-"`
	// Properties are added to the lifecycle's; the orchestrator keeps the old value of a key that it has.
	Properties map[string]string `json:"properties,omitempty"`
}

// PatchRequest asks for a patch of a lifecycle whose six creation events have completed.
type PatchRequest struct {
	LifecycleID   string                   `json:"lifecycle_id"`
	StackTag      string                   `json:"stack_tag"`
	Owner         string                   `json:"owner"`
	CommitRef     string                   `json:"commit_ref"`
	Notifications []lifecycle.Notification `json:"notifications"`
	// Events are those to run. PATCH_AMI always runs, named or not.
	Events []lifecycle.Event `json:"-"`
	// ComponentURL is where the patch component was uploaded to, as s3://BUCKET/LIFECYCLE_ID/FILE_NAME. It goes out as
	// a property, as do the next two.
	ComponentURL string `json:"-"`
	// ChangeDescription says what the patch changes.
	ChangeDescription string `json:"-"`
	// SemverBumpType is MINOR or PATCH.
	SemverBumpType string `json:"-"`
	// Properties are the user's own, in addition to those three.
	Properties map[string]string `json:"-"`
}

// PatchUpdateRequest asks for further events of a lifecycle that has been patched.
type PatchUpdateRequest struct {
	LifecycleID string `json:"lifecycle_id"`
	StackTag    string `json:"stack_tag"`
	Owner       string `json:"owner"`
	// CommitRef replaces the one that the patch was requested with.
	CommitRef     string                   `json:"commit_ref"`
	Notifications []lifecycle.Notification `json:"notifications"`
	// Events are those to run. PATCH_AMI cannot be one.
	Events     []lifecycle.Event `json:"-"`
	Properties map[string]string `json:"properties,omitempty"`
}

// CertifyRequest records the QA team's verdict. It goes through a queue: the result appears in the status some time
// later.
type CertifyRequest struct {
	LifecycleID string `json:"lifecycle_id"`
	StackTag    string `json:"stack_tag"`
	// CertificationStatus is CERTIFIED or FAILED. The orchestrator takes any other word as FAILED.
	CertificationStatus string            `json:"certification_status"`
	Properties          map[string]string `json:"properties,omitempty"`
}

// ApproveRequest records whether the new AMI of the lifecycle, or with [lifecycle.Patching] the patched one, may go
// into production.
type ApproveRequest struct {
	LifecycleID string          `json:"lifecycle_id"`
	Phase       lifecycle.Phase `json:"-"`
	StackTag    string          `json:"stack_tag"`
	// ApprovalStatus is APPROVED or FAILED. The orchestrator takes any other word as FAILED.
	ApprovalStatus string `json:"approval_status"`
	// Properties are kept with FAILED only.
	Properties map[string]string `json:"properties,omitempty"`
}
