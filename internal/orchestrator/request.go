package orchestrator

import "github.com/org/ami-action/internal/lifecycle"

// Notification is a channel that hears of a lifecycle's events, as EMAIL and user@example.com.
type Notification struct {
	Method string `json:"method"`
	Target string `json:"target"`
}

// Request is a request that changes something: what one operation sends. It is one of this package's types.
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
	StackTag, Owner         string
	ProductVer, ProductName string
	CommitRef               string
	// Notifications are the channels; the orchestrator wants one at least.
	Notifications []Notification
	// Events are those to run. BUILD_AMI always is, named or not.
	Events []lifecycle.Event
	// Properties are free texts that stay with the lifecycle. None is fine.
	Properties map[string]string
}

// UpdateRequest asks for further events of a lifecycle that has been built.
type UpdateRequest struct {
	LifecycleID     string
	StackTag, Owner string
	Notifications   []Notification
	// Events are those to run. BUILD_AMI cannot be one.
	Events []lifecycle.Event
	// Properties are added to the lifecycle's; the orchestrator keeps the old value of a key that it has.
	Properties map[string]string
}

// PatchRequest asks for a patch of a lifecycle whose six creation events have completed.
type PatchRequest struct {
	LifecycleID     string
	StackTag, Owner string
	CommitRef       string
	Notifications   []Notification
	// Events are those to run. PATCH_AMI always is, named or not.
	Events []lifecycle.Event
	// ComponentURL is where the patch component was uploaded to, as s3://BUCKET/LIFECYCLE_ID/FILE_NAME.
	ComponentURL string
	// ChangeDescription says what the patch changes.
	ChangeDescription string
	// SemverBumpType is MINOR or PATCH.
	SemverBumpType string
	// Properties are the user's own, beside the three that the fields above become.
	Properties map[string]string
}

// PatchUpdateRequest asks for further events of a lifecycle that has been patched.
type PatchUpdateRequest struct {
	LifecycleID     string
	StackTag, Owner string
	// CommitRef replaces the one that the patch was requested with.
	CommitRef     string
	Notifications []Notification
	// Events are those to run. PATCH_AMI cannot be one.
	Events     []lifecycle.Event
	Properties map[string]string
}

// CertifyRequest tells the QA team's verdict. It travels through a queue: the result appears in the status some
// time afterwards.
type CertifyRequest struct {
	LifecycleID string
	StackTag    string
	// CertificationStatus is CERTIFIED or FAILED. The orchestrator takes any other word as FAILED.
	CertificationStatus string
	Properties          map[string]string
}

// ApproveRequest tells whether the new AMI of the lifecycle, or with [lifecycle.Patching] the patched one, may go
// into production.
type ApproveRequest struct {
	LifecycleID string
	Phase       lifecycle.Phase
	StackTag    string
	// ApprovalStatus is APPROVED or FAILED. The orchestrator takes any other word as FAILED.
	ApprovalStatus string
	// Properties are kept with FAILED only.
	Properties map[string]string
}
