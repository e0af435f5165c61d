package lifecycle

import (
	"slices"
	"strings"
)

// Event is one step of a lifecycle. Its value is the event's name on the wire, as in requests and documents. Show
// users [Event.String] or [Event.Title] instead. A newer server may send names that are not declared here.
type Event string

// The events of the wire. The value of VulnerabilityScansCreate is misspelled, as it is on the wire: the server refuses
// the correct spelling (docs/wire-contract.md, "Requests").
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

// Requestable returns the events that a request of the phase lists, in the order of the wire. A request lists all of
// them, each enabled or not.
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

// IsKnown reports whether the event is one of those declared here. A newer server may have others.
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

// String returns the documented name of the event, for example SMOKE_TESTS for the smoke tests of a creation and of a
// patch. Messages, outputs and JSON use it. The name of an unknown event is returned unchanged.
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
// result for good (docs/wire-contract.md, "What a client must not be fooled by"); see [Document.HasFailedPermanently].
func (e Event) IsRepeatable() bool { return e != BuildAMI && e != PatchAMI }

// IsVerdict reports whether the event records a decision of people: a certification or an approval.
func (e Event) IsVerdict() bool {
	return e == QACertificationResponse || e == MarkForProductionCreate || e == MarkForProductionPatch
}

// Title returns the name of the event for use in a sentence or a heading, such as "Smoke tests".
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

// Names returns the documented names of the events, separated by commas.
func Names(events []Event) string {
	names := make([]string, len(events))
	for i, event := range events {
		names[i] = event.String()
	}
	return strings.Join(names, ", ")
}
