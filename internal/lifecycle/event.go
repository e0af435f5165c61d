package lifecycle

import "slices"

// Event is one step of a lifecycle. Its value is the event's name on the wire, for requests and documents;
// people read what [Event.String] and [Event.Title] say. A server of tomorrow may have other names.
type Event string

// The events of the wire. VulnerabilityScansCreate is misspelt there, and only there: the right
// spelling is refused (docs/wire-contract.md, "Requests").
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
// (docs/wire-contract.md, "Order and versions").
func (p Phase) Order() []Event { return slices.Clone(order[p]) }

// Requestable returns the events that a request of the phase lists, in the order of the wire: every
// one of them is sent, enabled or not.
func (p Phase) Requestable() []Event {
	if p == Creation {
		return slices.Clone(order[Creation][:4])
	}
	return slices.Clone(order[p][:min(3, len(order[p]))])
}

// Phase returns the phase that the event belongs to, or "" for an unknown event.
func (e Event) Phase() Phase {
	for phase, events := range order {
		if slices.Contains(events, e) {
			return phase
		}
	}
	return ""
}

// IsKnown reports whether the event is one of those that this version knows.
func (e Event) IsKnown() bool { return e.Phase() != "" }

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

// String returns the documented name of the event: SMOKE_TESTS for the smoke tests of a creation and of a
// patch alike. It is what people, outputs and JSON see. The name of an unknown event stays as it is.
func (e Event) String() string {
	switch e {
	case SmokeTestsCreate, SmokeTestsPatch:
		return ChoiceSmokeTests
	case VulnerabilityScansCreate, VulnerabilityScansPatch:
		return ChoiceVulnerabilityScans
	case MarkForProductionCreate, MarkForProductionPatch:
		return "MARK_FOR_PRODUCTION"
	}
	return string(e)
}

// IsRepeatable reports whether an event that ended FAILED or in an error can run again in its lifecycle. A
// build cannot, and neither can a patch: each needs a new request. A test of a patch that FAILED keeps its
// result for good (docs/wire-contract.md, "What a client must not be fooled by"); see [Document.HasFailedForGood].
func (e Event) IsRepeatable() bool { return e != BuildAMI && e != PatchAMI }

// IsVerdict reports whether the event records what people decided: a certification or an approval.
func (e Event) IsVerdict() bool {
	return e == QACertificationResponse || e == MarkForProductionCreate || e == MarkForProductionPatch
}

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
