// Package joboutput holds the list of the outputs that a job passes to later jobs. The command, the GitHub action, the
// GitLab component and the documentation use it.
package joboutput

import "slices"

// Output is an output of a job.
type Output struct {
	// Name is the name of the output on GitHub, such as "lifecycle_id".
	Name string
	// Variable is its name in GitLab's dotenv report, such as "AMI_LIFECYCLE_ID".
	Variable string
	// Description says what the value is.
	Description string
}

// All returns every output, the most useful first: a dotenv report is small, so the last outputs may not fit into it. Each
// output is written as soon as it is known, so that a job that fails or is cancelled has written what it knew.
//
// The variables are those that the command itself reads, so a later job can continue with the lifecycle without further
// configuration. The exceptions are the paths. AMI_REPORT_FILE and AMI_TIMELINE_FILE are settings, and a dotenv variable
// takes precedence over a variable of the job. With those names, a later job overwrites the files of this one.
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
		{"ami_id", "AMI_ID", "The AMI in the region that the orchestrator builds in, or with AMI_SELECT in the requested region."},
		{"ami_name", "AMI_NAME", "The name of that AMI."},
		{"ami_region", "AMI_REGION", "The region of that AMI."},
		{"report_file", "AMI_REPORT_PATH", "The path of the report."},
		{"timeline_file", "AMI_TIMELINE_PATH", "The path of the timeline page."},
		{
			"result_file", "AMI_RESULT_PATH",
			"The path of a JSON file with all outputs, if one of them is too large to be an output: " +
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

// IsName reports whether there is an output of that name.
func IsName(name string) bool {
	return slices.ContainsFunc(All(), func(o Output) bool { return o.Name == name })
}
