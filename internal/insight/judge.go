package insight

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
)

// findings holds the values found in the inputs and outputs of the state machine's states. Newer values take precedence.
type findings struct {
	imageARN   string
	imageState string
	// export is the status of the export to VMDK. otherExports says whether other exports in the account keep this one
	// waiting: some, none, or "" if that is unknown.
	export       string
	otherExports string
	backup       string
	scanCode     string
	scanReason   string
	errorMessage string
}

// seen holds the results of one examination that judge depends on.
type seen struct {
	event     lifecycle.Event
	execution Execution
	image     *Image
	findings  findings
}

// The final statuses, from AWS's API reference. Any other status, also an unknown one, counts as in progress.
var (
	finalImages     = []string{"FAILED", "CANCELLED", "DELETED", "DISABLED"}
	finalExports    = []string{"DELETING", "DELETED", "CANCELLING", "CANCELLED", "FAILED"}
	finalBackups    = []string{"FAILED", "CANCELLED"}
	finalScans      = []string{"UNSUPPORTED_OS", "RESOURCE_TERMINATED"}
	finalExecutions = []string{"FAILED", "TIMED_OUT", "ABORTED"}
)

// judge returns why the event can never complete, or else the conditions that block it and may pass. It is a pure
// function. A part that was not seen decides nothing, and a status that is not known to be final counts as in progress.
func judge(s seen) (*Failure, []Condition) {
	if failure := s.failure(); failure != nil {
		return failure, nil
	}
	return nil, s.passing()
}

func (s seen) failure() *Failure {
	f := s.findings
	switch {
	case makesImage(s.event):
		if failure := s.imageFailure(); failure != nil {
			return failure
		}
	case s.event == lifecycle.QACertificationRequest && isOneOf(f.export, finalExports):
		return &Failure{
			Kind: ExportFailed, Status: strings.ToUpper(f.export), Reason: f.errorMessage,
			What: "the export of the image to VMDK ended " + strings.ToUpper(f.export),
			Hint: "read the execution in the AWS console, check what VM Import/Export requires of the image and the bucket, then request QA_CERTIFICATION_REQUEST again",
		}
	case isApproval(s.event) && isOneOf(f.backup, finalBackups):
		return &Failure{
			Kind: BackupFailed, Status: strings.ToUpper(f.backup), Reason: f.errorMessage,
			What: "the backup of the image ended " + strings.ToUpper(f.backup),
			Hint: "read the execution in the AWS console, check the bucket of the backups and its permissions, then approve again",
		}
	case s.event.IsScan() && !strings.EqualFold(f.scanCode, "ACTIVE") && isOneOf(f.scanReason, finalScans):
		return &Failure{
			Kind: ScanUnsupported, Status: strings.ToUpper(f.scanReason), Reason: f.errorMessage,
			What: "Amazon Inspector does not scan the instance: " + strings.ToUpper(f.scanReason),
			Hint: scanHints[strings.ToUpper(f.scanReason)],
		}
	}
	if isOneOf(s.execution.Status, finalExecutions) {
		return executionFailure(s.event, s.execution)
	}
	return nil
}

// imageFailure uses the status from Image Builder, which is newer than the one that the state machine has recorded. Only
// if it is missing is the other one used.
func (s seen) imageFailure() *Failure {
	status, reason, name := s.findings.imageState, s.findings.errorMessage, ""
	if s.image != nil && s.image.Status != "" {
		status, reason = s.image.Status, s.image.Reason
	}
	if s.image != nil {
		name = strings.TrimSpace(" " + s.image.Name + " " + s.image.Version)
	}
	if !isOneOf(status, finalImages) {
		return nil
	}
	status = strings.ToUpper(status)
	return &Failure{
		Kind: ImageFailed, Status: status, Reason: reason,
		What: strings.Join(strings.Fields("the image "+name+" is "+status+" in EC2 Image Builder"), " "),
		Hint: imageHint(s.event, status),
	}
}

func imageHint(event lifecycle.Event, status string) string {
	again := repeatHint(event)
	if status != "FAILED" {
		return "find out in AWS CloudTrail who did that, then " + again
	}
	return "fix what the log shows, then " + again
}

// repeatHint returns how to repeat the event (docs/wire-contract.md, "How an event goes", 7).
func repeatHint(event lifecycle.Event) string {
	switch {
	case event == lifecycle.BuildAMI:
		return "start a new lifecycle (AMI_CREATE): after a failed build no update can restart it"
	case event == lifecycle.PatchAMI:
		return "patch again (AMI_PATCH)"
	case isApproval(event):
		return "approve again"
	}
	return "request " + event.String() + " again"
}

func executionFailure(event lifecycle.Event, e Execution) *Failure {
	failure := &Failure{
		Kind: ExecutionEnded, Status: strings.ToUpper(e.Status),
		What:   "the execution of the event's state machine is " + strings.ToUpper(e.Status),
		Reason: strings.TrimSuffix(strings.TrimSpace(e.Error+": "+e.Cause), ":"),
		Hint:   "read the execution in the AWS console, then " + repeatHint(event),
	}
	failure.Reason = strings.TrimPrefix(failure.Reason, ": ")
	return failure
}

var scanHints = map[string]string{
	"UNSUPPORTED_OS":      "Amazon Inspector cannot scan this operating system: build the image on one that it supports",
	"RESOURCE_TERMINATED": "the instance was terminated before it was scanned: request VULNERABILITY_SCANS again",
}

// scanConditions are Inspector's reasons for a scan that has to wait, and what to do if it keeps waiting.
var scanConditions = map[string]struct{ text, hint string }{
	"PENDING_INITIAL_SCAN": {
		"Amazon Inspector has not scanned the instance yet", "check that the instance reaches AWS Systems Manager and Amazon Inspector",
	},
	"UNMANAGED_EC2_INSTANCE": {
		"the instance is not managed by AWS Systems Manager yet",
		"check that the image has the SSM Agent, and the instance a role and a network that let it reach AWS Systems Manager",
	},
	"NO_INVENTORY": {
		"Amazon Inspector has no software inventory of the instance yet", "check that the SSM Agent of the image runs and may gather inventory",
	},
	"STALE_INVENTORY": {
		"the software inventory of the instance is out of date", "check that the SSM Agent of the image runs and may gather inventory",
	},
	"ACCESS_DENIED": {
		"Amazon Inspector is denied access to the instance", "check Amazon Inspector's service-linked role",
	},
}

func (s seen) passing() []Condition {
	var conditions []Condition
	reason := strings.ToUpper(s.findings.scanReason)
	if s.event.IsScan() && !strings.EqualFold(s.findings.scanCode, "ACTIVE") && reason != "" && reason != "SUCCESSFUL" {
		known, ok := scanConditions[reason]
		if !ok {
			known.text, known.hint = "Amazon Inspector does not scan the instance yet", "look up the reason in the Amazon Inspector documentation"
		}
		conditions = append(conditions, Condition{Text: known.text + " (" + reason + ")", Hint: known.hint})
	}
	if s.event == lifecycle.QACertificationRequest && s.findings.export == "" && s.findings.otherExports == "some" {
		conditions = append(conditions, Condition{
			Text: "another export to VMDK is running in the account",
			Hint: "the export starts when that has ended: aws ec2 describe-export-image-tasks lists them",
		})
	}
	if strings.EqualFold(s.execution.Status, "SUCCEEDED") {
		conditions = append(conditions, Condition{
			Text: "the execution has succeeded, and the orchestrator has not recorded its result yet",
			Hint: "look for messages that were not delivered in the orchestrator's logs",
		})
	}
	return conditions
}

func makesImage(event lifecycle.Event) bool {
	return event == lifecycle.BuildAMI || event == lifecycle.PatchAMI
}

func isApproval(event lifecycle.Event) bool {
	return event == lifecycle.MarkForProductionCreate || event == lifecycle.MarkForProductionPatch
}

// isOneOf ignores case, because some AWS services write Failed and others FAILED.
func isOneOf(word string, words []string) bool {
	return slices.Contains(words, strings.ToUpper(strings.TrimSpace(word)))
}

// holdsFrom returns the time from which the end of an execution counts as final. The age of the end is the difference
// between described and stopped, which are both by AWS's clock, because the local clock may be wrong.
func holdsFrom(now, described, stopped time.Time) time.Time {
	if stopped.IsZero() || described.IsZero() {
		return now.Add(Grace)
	}
	age := max(described.Sub(stopped), 0)
	return now.Add(max(Grace-age, 0))
}

// placeOf returns the number of the state, counted from 1, and the number of all states of the event, in the reference
// deployment. It returns 0, 0 for an unknown state. The names differ between deployments, so the result is only for
// display.
func placeOf(event lifecycle.Event, state string) (n, of int) {
	places := placesOf(event)
	i := slices.IndexFunc(places, func(name string) bool { return strings.EqualFold(name, state) })
	if i < 0 {
		return 0, 0
	}
	return i + 1, len(places)
}

func placesOf(event lifecycle.Event) []string {
	return referenceStates[cmp.Or(map[lifecycle.Event]lifecycle.Event{
		lifecycle.SmokeTestsPatch:         lifecycle.SmokeTestsCreate,
		lifecycle.VulnerabilityScansPatch: lifecycle.VulnerabilityScansCreate,
		lifecycle.MarkForProductionPatch:  lifecycle.MarkForProductionCreate,
	}[event], event)]
}

// referenceStates are the states of the reference deployment, in order (docs/behind-the-document.md, "The
// states, in order").
var referenceStates = map[lifecycle.Event][]string{
	lifecycle.BuildAMI: {"Start Image Builder pipeline", "Wait for AMI", "Poll AMI status", "Get AMI details", "Notify"},
	lifecycle.PatchAMI: {
		"Gather patch details", "Create patch component", "Create patch recipe", "Create patch pipeline", "Start patch pipeline",
		"Wait for AMI", "Poll AMI status", "Get AMI details", "Delete dynamic resources", "Notify",
	},
	lifecycle.SmokeTestsCreate: {"Prepare smoke tests", "Execute smoke tests", "Wait for logs", "Terminate instance", "Notify"},
	lifecycle.VulnerabilityScansCreate: {
		"Prepare scan", "Launch instance", "Wait for Inspector", "Poll Inspector status", "Get findings", "Publish metrics",
		"Terminate instance", "Notify",
	},
	lifecycle.QACertificationRequest: {
		"Start QA request", "Poll image status", "Export to VMDK", "Wait for export", "Poll export status", "Get download URL", "Tell QA", "Notify",
	},
	lifecycle.MarkForProductionCreate: {"Start approval", "Back up AMI", "Wait for backup", "Poll backup status", "Notify"},
}
