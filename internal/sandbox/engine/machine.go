package engine

import "github.com/org/ami-action/internal/lifecycle"

// The account and the region of the recorded deployment.
const (
	accountID = "123456789012"
	region    = "us-east-1"
)

// machine is the name of the state machine that runs an event, and the event's description.
type machine struct{ name, description string }

var machines = map[lifecycle.Event]machine{
	lifecycle.BuildAMI: {"lifecycle-ami-build",
		"Build an AMI via the EC2 ImageBuilder pipeline using an ImageRecipe and installation components."},
	lifecycle.SmokeTestsCreate: {"lifecycle-smoke-tests",
		"Executes a series of smoke tests against a new AMI."},
	lifecycle.VulnerabilityScansCreate: {"lifecycle-vulnerability-scans",
		"Executes a series of vulnerability scans against a new AMI."},
	lifecycle.QACertificationRequest: {"lifecycle-qa-certification",
		"Exports an AMI to VMDK format. Requests application certification from an external QA team."},
	lifecycle.MarkForProductionCreate: {"lifecycle-mark-for-production",
		"Notification approving a new AMI for use in a production environment. " +
			"The AMI is backed up to an S3 Bucket as part of this event"},
	lifecycle.PatchAMI: {"lifecycle-ami-patch",
		"Patch an existing AMI via the EC2 ImageBuilder pipeline using an ImageRecipe and a patch component."},
	lifecycle.SmokeTestsPatch: {"lifecycle-smoke-tests",
		"Executes a series of smoke tests against a patched AMI."},
	lifecycle.VulnerabilityScansPatch: {"lifecycle-vulnerability-scans",
		"Executes a series of vulnerability scans against a patched AMI."},
	lifecycle.MarkForProductionPatch: {"lifecycle-mark-for-production",
		"Notification approving a patched AMI for use in a production environment. " +
			"The AMI is backed up to an S3 Bucket as part of this event"},
}

// Runs reports whether a state machine runs the event. That is true of all but QA_CERTIFICATION_RESPONSE.
func Runs(event lifecycle.Event) bool { return machines[event].name != "" }

func (m machine) arn() string {
	return "arn:aws:states:" + region + ":" + accountID + ":stateMachine:" + m.name
}

func (m machine) execution(id string) string {
	return "arn:aws:states:" + region + ":" + accountID + ":execution:" + m.name + ":" + id
}

func imageBuilderARN(resource string) string {
	return "arn:aws:imagebuilder:" + region + ":" + accountID + ":" + resource
}

// wirePhase returns the name of a phase in paths and in the input of state machines.
func wirePhase(phase lifecycle.Phase) string {
	if phase == lifecycle.Patching {
		return "ami-patch"
	}
	return "ami-creation"
}
