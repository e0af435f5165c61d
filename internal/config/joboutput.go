package config

import "strings"

// JobOutput is a fact that a job hands to later ones.
type JobOutput struct {
	// Name is the output's name on GitHub.
	Name        string
	Description string
}

// Variable returns the name of the fact in a GitLab dotenv report: that of the setting which takes it,
// where there is one, so that a later job needs no wiring. The AMI's own facts are AMI_ID, AMI_NAME and
// AMI_REGION.
func (o JobOutput) Variable() string {
	// AMI_REPORT_FILE and AMI_TIMELINE_FILE are settings: a dotenv variable beats a job's own, and would let
	// a later job write over this one's page.
	if own, isPath := strings.CutSuffix(o.Name, "_file"); isPath {
		return "AMI_" + strings.ToUpper(own) + "_PATH"
	}
	return "AMI_" + strings.ToUpper(strings.TrimPrefix(o.Name, "ami_"))
}

// JobOutputs returns what a job hands on (design.md, "What goes out"). Each is written the moment it is
// known, so a job that failed or was cancelled has left what it knew.
func JobOutputs() []JobOutput {
	return []JobOutput{
		{"lifecycle_id", "The lifecycle's id, for every later operation on it."},
		{"semantic_version", "The semantic version of the AMI, such as 2.0.0."},
		{"ami_id", "The AMI in the region that the orchestrator builds in."},
		{"ami_name", "The name of that AMI."},
		{"ami_region", "The region of that AMI."},
		{"amis", "The AMIs of all regions and accounts, as JSON."},
		{"status", "How it ended: COMPLETED; FAILED, ERROR or BLOCKED as the event did; NOT_PASSED by fail_on_severity; " +
			"STALLED, REFUSED, UNAVAILABLE or UNKNOWN. Or that the event goes on: RUNNING, STARTED (with wait false), " +
			"TIMED_OUT or INTERRUPTED."},
		{"event", "The event that the status is about, by the orchestrator's name for it."},
		{"vulnerabilities", "What the vulnerability scan found, counted by severity, as JSON."},
		{"report_file", "The path of the report."},
		{"timeline_file", "The path of the timeline page."},
		{"result_file", "The path of a JSON file with all outputs, where one of them is too large to be handed on by itself: " +
			"over 64 KB on GitHub, or over what is left of 5 KB in a GitLab dotenv report."},
	}
}
