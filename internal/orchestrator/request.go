package orchestrator

import "github.com/org/ami-action/internal/lifecycle"

// Request is a request that changes something, as one operation sends it. Only types of this package implement it. Their
// members are those of the wire (docs/wire-contract.md, "Requests"). Mandatory members are always sent. Empty properties
// are left out and never sent as null, because the orchestrator fails on null.
type Request interface {
	// render returns the call to send. The error is an *InvalidError.
	render() (call, error)
}

// call is a request ready to be sent, except that its body has no API key yet.
type call struct {
	operation    lifecycle.Operation
	id           string
	method, path string
	body         any
}

// CreateRequest creates a lifecycle.
type CreateRequest struct {
	StackTag    string `json:"stack_tag"`
	Owner       string `json:"owner"`
	ProductVer  string `json:"product_ver"`
	ProductName string `json:"product_name"`
	CommitRef   string `json:"commit_ref"`
	// Notifications are the notification channels. At least one is required.
	Notifications []lifecycle.Notification `json:"notifications"`
	// Events are the events to run. BUILD_AMI always runs, listed or not.
	Events []lifecycle.Event `json:"-"`
	// Properties are stored with the lifecycle. They are optional.
	Properties map[string]string `json:"properties,omitempty"`
}

// UpdateRequest runs further events of a lifecycle that has been built.
type UpdateRequest struct {
	LifecycleID   string                   `json:"lifecycle_id"`
	StackTag      string                   `json:"stack_tag"`
	Owner         string                   `json:"owner"`
	Notifications []lifecycle.Notification `json:"notifications"`
	// Events are the events to run. BUILD_AMI is not allowed.
	Events []lifecycle.Event `json:"-"`
	// Properties are added to those of the lifecycle. If a key exists already, the orchestrator keeps its old value.
	Properties map[string]string `json:"properties,omitempty"`
}

// PatchRequest starts a patch of a lifecycle whose six creation events have completed.
type PatchRequest struct {
	LifecycleID   string                   `json:"lifecycle_id"`
	StackTag      string                   `json:"stack_tag"`
	Owner         string                   `json:"owner"`
	CommitRef     string                   `json:"commit_ref"`
	Notifications []lifecycle.Notification `json:"notifications"`
	// Events are the events to run. PATCH_AMI always runs, listed or not.
	Events []lifecycle.Event `json:"-"`
	// ComponentURL is the location of the uploaded patch component: s3://BUCKET/LIFECYCLE_ID/FILE_NAME. It is sent as
	// a property, like the next two members.
	ComponentURL string `json:"-"`
	// ChangeDescription says what the patch changes.
	ChangeDescription string `json:"-"`
	// SemverBumpType is MINOR or PATCH.
	SemverBumpType string `json:"-"`
	// Properties are the user's own. Those three override a key of the same name.
	Properties map[string]string `json:"-"`
}

// PatchUpdateRequest runs further events of a lifecycle that has been patched.
type PatchUpdateRequest struct {
	LifecycleID string `json:"lifecycle_id"`
	StackTag    string `json:"stack_tag"`
	Owner       string `json:"owner"`
	// CommitRef replaces that of the patch request, even if it is empty.
	CommitRef     string                   `json:"commit_ref"`
	Notifications []lifecycle.Notification `json:"notifications"`
	// Events are the events to run. PATCH_AMI is not allowed.
	Events     []lifecycle.Event `json:"-"`
	Properties map[string]string `json:"properties,omitempty"`
}

// CertifyRequest records the QA team's verdict. The orchestrator puts it in a queue, so the result appears in the status
// some time later.
type CertifyRequest struct {
	LifecycleID string `json:"lifecycle_id"`
	StackTag    string `json:"stack_tag"`
	// CertificationStatus is CERTIFIED or FAILED. The orchestrator takes any other word as FAILED.
	CertificationStatus string            `json:"certification_status"`
	Properties          map[string]string `json:"properties,omitempty"`
}

// ApproveRequest records whether the new AMI of the lifecycle, or with [lifecycle.Patching] the patched one, is approved
// for production.
type ApproveRequest struct {
	LifecycleID string          `json:"lifecycle_id"`
	Phase       lifecycle.Phase `json:"-"`
	StackTag    string          `json:"stack_tag"`
	// ApprovalStatus is APPROVED or FAILED. The orchestrator takes any other word as FAILED.
	ApprovalStatus string `json:"approval_status"`
	// Properties are stored with FAILED only. The orchestrator drops those sent with APPROVED.
	Properties map[string]string `json:"properties,omitempty"`
}
