package lifecycle

import "strings"

// Operation is what a user asks for, by the name in the CLI's documentation.
type Operation string

// The eleven documented operations, and three more: Wait only waits for events that another job has started, Select
// finds an image for a pipeline that uses images, and Doctor checks what the other operations need.
const (
	Create          Operation = "AMI_CREATE"
	CreateUpdate    Operation = "AMI_CREATE_UPDATE"
	Patch           Operation = "AMI_PATCH"
	PatchUpdate     Operation = "AMI_PATCH_UPDATE"
	GetStatus       Operation = "AMI_GET_STATUS_BY_LIFECYCLE_ID"
	GetStatuses     Operation = "AMI_GET_STATUSES"
	TimelineCreate  Operation = "AMI_TIMELINE_CREATE"
	TimelinePatch   Operation = "AMI_TIMELINE_PATCH"
	QACertification Operation = "AMI_QA_CERTIFICATION"
	ApprovalCreate  Operation = "AMI_APPROVAL_CREATE"
	ApprovalPatch   Operation = "AMI_APPROVAL_PATCH"
	Wait            Operation = "AMI_WAIT"
	Select          Operation = "AMI_SELECT"
	Doctor          Operation = "AMI_DOCTOR"
)

// Operations returns every operation: first those that write, in the order of a lifecycle, then the others.
func Operations() []Operation {
	return []Operation{
		Create, CreateUpdate, QACertification, ApprovalCreate,
		Patch, PatchUpdate, ApprovalPatch,
		Wait, GetStatus, GetStatuses, Select, TimelineCreate, TimelinePatch, Doctor,
	}
}

// ParseOperation returns the operation of that name, ignoring case and surrounding space, and whether there is one.
func ParseOperation(name string) (Operation, bool) {
	wanted := Operation(strings.ToUpper(strings.TrimSpace(name)))
	for _, operation := range Operations() {
		if operation == wanted {
			return operation, true
		}
	}
	return "", false
}

// Summary returns one line that says what the operation does.
func (o Operation) Summary() string {
	switch o {
	case Create:
		return "Create a new AMI"
	case CreateUpdate:
		return "Run further events on a new AMI"
	case QACertification:
		return "Record the QA team's verdict on a new AMI"
	case ApprovalCreate:
		return "Approve a new AMI for production, or refuse it"
	case Patch:
		return "Patch a certified and approved AMI"
	case PatchUpdate:
		return "Run further events on a patched AMI"
	case ApprovalPatch:
		return "Approve a patched AMI for production, or refuse it"
	case Wait:
		return "Wait for what an earlier job started"
	case GetStatus:
		return "Show the status of one lifecycle"
	case GetStatuses:
		return "Show the status of all lifecycles"
	case Select:
		return "Find the newest AMI that has completed the required events"
	case TimelineCreate:
		return "Save the timeline page of a new AMI"
	case TimelinePatch:
		return "Save the timeline page of a patched AMI"
	case Doctor:
		return "Check what the other operations need, and change nothing"
	}
	return ""
}

// Phase returns the phase of the lifecycle that the operation works on. It returns "" for the operations that work on
// both phases (Wait, GetStatus, GetStatuses, Select) or on none (Doctor).
func (o Operation) Phase() Phase {
	switch o {
	case Create, CreateUpdate, QACertification, ApprovalCreate, TimelineCreate:
		return Creation
	case Patch, PatchUpdate, ApprovalPatch, TimelinePatch:
		return Patching
	}
	return ""
}

// Writes reports whether the operation creates or changes a lifecycle.
func (o Operation) Writes() bool {
	switch o {
	case Create, CreateUpdate, Patch, PatchUpdate, QACertification, ApprovalCreate, ApprovalPatch:
		return true
	}
	return false
}

// Waits reports whether the operation can wait for the end of an event.
func (o Operation) Waits() bool { return o.Writes() || o == Wait }

// TakesEvents reports whether the operation starts the events that its request lists.
func (o Operation) TakesEvents() bool {
	switch o {
	case Create, CreateUpdate, Patch, PatchUpdate:
		return true
	}
	return false
}

// TakesLifecycleID reports whether the operation works on a lifecycle that exists already.
func (o Operation) TakesLifecycleID() bool {
	return o != Create && o != GetStatuses && o != Select && o != Doctor
}
