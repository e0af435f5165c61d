package lifecycle

import "slices"

// Event is one step of a lifecycle, by its name on the wire.
type Event string

// The events of the wire. VulnerabilityScansCreate is misspelt there, and only there: the right
// spelling is refused (orchestrator-api.md, "Requests").
const (
	BuildAMI                 Event = "BUILD_AMI"
	SmokeTestsCreate         Event = "SMOKE_TESTS_AMI_CREATE"
	VulnerabilityScansCreate Event = "VULNERABILIY_SCANS_AMI_CREATE"
	QACertificationRequest   Event = "QA_CERTIFICATION_REQUEST"
	QACertificationResponse  Event = "QA_CERTIFICATION_RESPONSE"
	MarkForProductionCreate  Event = "MARK_FOR_PRODUCTION_CREATE"

	PatchAMI                Event = "PATCH_AMI"
	SmokeTestsPatch         Event = "SMOKE_TESTS_AMI_PATCH"
	VulnerabilityScansPatch Event = "VULNERABILITY_SCANS_AMI_PATCH"
	MarkForProductionPatch  Event = "MARK_FOR_PRODUCTION_PATCH"
)

// Phase is one half of a lifecycle: the creation of an AMI, or its patching afterwards.
type Phase string

// The two phases.
const (
	Creation Phase = "creation"
	Patching Phase = "patch"
)

var order = map[Phase][]Event{
	Creation: {
		BuildAMI, SmokeTestsCreate, VulnerabilityScansCreate,
		QACertificationRequest, QACertificationResponse, MarkForProductionCreate,
	},
	Patching: {PatchAMI, SmokeTestsPatch, VulnerabilityScansPatch, MarkForProductionPatch},
}

// Order returns the events of the phase in the only order in which they can complete
// (orchestrator-api.md, "Order and versions").
func (p Phase) Order() []Event { return slices.Clone(order[p]) }

// Requestable returns the events that a request of the phase lists, in the order of the wire: every
// one of them is sent, enabled or not.
func (p Phase) Requestable() []Event {
	if p == Creation {
		return slices.Clone(order[Creation][:4])
	}
	return slices.Clone(order[p][:min(3, len(order[p]))])
}

// Phase returns the phase that the event belongs to, or "" for a name that is no event of ours.
func (e Event) Phase() Phase {
	for phase, events := range order {
		if slices.Contains(events, e) {
			return phase
		}
	}
	return ""
}

// Before returns the events that must have completed before e can start, first one first.
func (e Event) Before() []Event {
	events := order[e.Phase()]
	if i := slices.Index(events, e); i > 0 {
		return slices.Clone(events[:i])
	}
	return nil
}

// IsScan reports whether the event's result holds the findings of a vulnerability scan.
func (e Event) IsScan() bool { return e == VulnerabilityScansCreate || e == VulnerabilityScansPatch }

// Title is what a person calls the event.
func (e Event) Title() string {
	switch e {
	case BuildAMI:
		return "Build"
	case PatchAMI:
		return "Patch"
	case SmokeTestsCreate, SmokeTestsPatch:
		return "Smoke tests"
	case VulnerabilityScansCreate, VulnerabilityScansPatch:
		return "Vulnerability scans"
	case QACertificationRequest:
		return "QA certification request"
	case QACertificationResponse:
		return "QA certification"
	case MarkForProductionCreate, MarkForProductionPatch:
		return "Approval for production"
	}
	return string(e)
}
