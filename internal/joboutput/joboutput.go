// Package joboutput holds the outputs that a job hands to later jobs: the one list that the GitHub action, the
// GitLab component, the documentation and the command use.
package joboutput

import "slices"

// Output is a fact that a job hands to later jobs.
type Output struct {
	// Name is the output's name on GitHub: "lifecycle_id".
	Name string
	// Variable is its name in GitLab's dotenv report: "AMI_LIFECYCLE_ID".
	Variable string
	// Description says in plain sentences what the value is.
	Description string
}

// All returns every output, the most wanted first: a dotenv report is small, and what comes last may have to
// stay out of it. Each is written the moment it is known, so that a job that fails or is cancelled leaves behind
// what it knew.
//
// A variable is the one that the command itself reads, so that a later job continues with the lifecycle without
// wiring. The paths are the exception: AMI_REPORT_FILE and AMI_TIMELINE_FILE are settings, and a dotenv
// variable takes precedence over a job's own, so that a later job would overwrite the files of this one.
func All() []Output {
	return []Output{
		{"lifecycle_id", "AMI_LIFECYCLE_ID", "The lifecycle's id, for every later operation on it."},
		{
			"status", "AMI_STATUS",
			"The result: COMPLETED; FAILED, ERROR or BLOCKED as the event ended; NOT_PASSED by fail_on_severity; " +
				"STALLED, REFUSED, NOT_FOUND, UNAVAILABLE or UNKNOWN. Or that the event continues: RUNNING, STARTED (with wait false), " +
				"TIMED_OUT or INTERRUPTED.",
		},
		{"event", "AMI_EVENT", "The event that the status is about, such as SMOKE_TESTS."},
		{"semantic_version", "AMI_SEMANTIC_VERSION", "The semantic version of the AMI, such as 2.0.0."},
		{"ami_id", "AMI_ID", "The AMI in the region that the orchestrator builds in, or of AMI_SELECT in the region asked for."},
		{"ami_name", "AMI_NAME", "The name of that AMI."},
		{"ami_region", "AMI_REGION", "The region of that AMI."},
		{"report_file", "AMI_REPORT_PATH", "The path of the report."},
		{"timeline_file", "AMI_TIMELINE_PATH", "The path of the timeline page."},
		{
			"result_file", "AMI_RESULT_PATH",
			"The path of a JSON file with all outputs, where one of them is too large to be handed on by itself: " +
				"over 64 KB on GitHub, or over what is left of 5 KB in a GitLab dotenv report.",
		},
		{"count", "AMI_COUNT", "How many lifecycles AMI_GET_STATUSES has found by its filters."},
		{"vulnerabilities", "AMI_VULNERABILITIES", "The findings of the vulnerability scan, counted by severity, as JSON."},
		{"amis", "AMI_AMIS", "The AMIs of all regions and accounts, as JSON."},
		{
			"lifecycles", "AMI_LIFECYCLES",
			"The lifecycles that AMI_GET_STATUSES has found, the newest first, as a JSON array for fromJSON or jq: each with id, product, " +
				"version, stack_tag, semantic_version, amis (by region), state, event, status, next (the operations that the rules allow) and age_days.",
		},
	}
}

// IsName reports whether an output has this name.
func IsName(name string) bool {
	return slices.ContainsFunc(All(), func(o Output) bool { return o.Name == name })
}
