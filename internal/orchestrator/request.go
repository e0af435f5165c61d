package orchestrator

import (
	"fmt"
	"slices"

	"github.com/org/ami-action/internal/lifecycle"
)

// Notification is a channel that hears of a lifecycle's events, as EMAIL and user@example.com.
type Notification struct {
	Method string `json:"method"`
	Target string `json:"target"`
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

// CertifyRequest tells the QA team's verdict.
type CertifyRequest struct {
	StackTag string
	// CertificationStatus is CERTIFIED or FAILED. The orchestrator takes any other word as FAILED.
	CertificationStatus string
	Properties          map[string]string
}

// ApproveRequest tells whether an AMI may go into production.
type ApproveRequest struct {
	StackTag string
	// ApprovalStatus is APPROVED or FAILED. The orchestrator takes any other word as FAILED.
	ApprovalStatus string
	// Properties are kept with FAILED only.
	Properties map[string]string
}

// Accepted is what the orchestrator answers to a request that it has taken. It does not mean that
// anything has finished, nor always that anything was started (orchestrator-api.md, "Requests").
type Accepted struct {
	LifecycleID  string         `json:"lifecycle_id"`
	Owner        string         `json:"owner"`
	CreationDate lifecycle.Date `json:"creation_date"`
	Channels     []Notification `json:"notification_channels"`
}

// The bodies are what goes over the wire, field by field the table of orchestrator-api.md, "Requests".
// What is mandatory there is always sent; properties are left out where there are none, never null: the
// orchestrator breaks on that.
type (
	eventsBody struct {
		APIKey        string                  `json:"api_key"`
		StackTag      string                  `json:"stack_tag"`
		Owner         string                  `json:"owner"`
		Notifications []Notification          `json:"notifications"`
		Events        []lifecycle.EventSwitch `json:"events"`
		Properties    map[string]string       `json:"properties,omitempty"`
	}
	createBody struct {
		eventsBody
		ProductVer  string `json:"product_ver"`
		ProductName string `json:"product_name"`
		CommitRef   string `json:"commit_ref"`
	}
	updateBody struct {
		eventsBody
		LifecycleID string `json:"lifecycle_id"`
	}
	patchBody struct {
		eventsBody
		LifecycleID string `json:"lifecycle_id"`
		CommitRef   string `json:"commit_ref"`
	}
	verdictBody struct {
		APIKey              string            `json:"api_key"`
		StackTag            string            `json:"stack_tag"`
		LifecycleID         string            `json:"lifecycle_id"`
		CertificationStatus string            `json:"certification_status,omitempty"`
		ApprovalStatus      string            `json:"approval_status,omitempty"`
		Properties          map[string]string `json:"properties,omitempty"`
	}
)

// switches lists every event that a request of the operation's phase knows, in order, and says of each
// whether it is wanted (orchestrator-api.md, "Requests"). The first one makes the image: it is on in the
// operation that starts the phase and off in the one that goes on with it.
func switches(o lifecycle.Operation, wanted []lifecycle.Event) ([]lifecycle.EventSwitch, error) {
	known := o.Phase().Requestable()
	starts := o == lifecycle.Create || o == lifecycle.Patch
	for _, event := range wanted {
		if !slices.Contains(known, event) || event == known[0] && !starts {
			return nil, &InvalidError{Operation: o, Reason: fmt.Sprintf("event %s cannot be asked for by %s", event, o)}
		}
	}
	list := make([]lifecycle.EventSwitch, 0, len(known))
	for i, event := range known {
		list = append(list, lifecycle.EventSwitch{
			Name: event, Enabled: i == 0 && starts || slices.Contains(wanted, event),
		})
	}
	return list, nil
}

// eventsOf returns the part of the body that the four operations share which start events.
func eventsOf(
	o lifecycle.Operation, stackTag, owner string, channels []Notification, wanted []lifecycle.Event, properties map[string]string,
) (eventsBody, error) {
	list, err := switches(o, wanted)
	if err != nil {
		return eventsBody{}, err
	}
	// A channel without a method makes the orchestrator leave an orphan behind.
	if len(channels) == 0 || slices.ContainsFunc(channels, func(n Notification) bool { return n.Method == "" || n.Target == "" }) {
		return eventsBody{}, &InvalidError{Operation: o, Reason: "at least one notification is needed, each with a method and a target"}
	}
	return eventsBody{StackTag: stackTag, Owner: owner, Notifications: channels, Events: list, Properties: properties}, nil
}
