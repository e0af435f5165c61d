package pipeline

import "slices"

// Output is a value that later jobs can use: by its name on GitHub, by its variable on GitLab.
type Output struct{ Name, Variable string }

// Outputs returns every output (docs/architecture.md, "What goes out"), the most wanted first: a dotenv file is
// small, and what comes last may have to stay out of it.
//
// A variable is the one that the binary itself reads, so that a later job goes on with the lifecycle
// without wiring. The paths are the exception: AMI_REPORT_FILE and AMI_TIMELINE_FILE are settings,
// and a dotenv variable beats those of a job, so that a later job would overwrite this one's files.
func Outputs() []Output {
	return []Output{
		{"lifecycle_id", "AMI_LIFECYCLE_ID"},
		{"status", "AMI_STATUS"},
		{"event", "AMI_EVENT"},
		{"semantic_version", "AMI_SEMANTIC_VERSION"},
		{"ami_id", "AMI_ID"},
		{"ami_name", "AMI_NAME"},
		{"ami_region", "AMI_REGION"},
		{"report_file", "AMI_REPORT_PATH"},
		{"timeline_file", "AMI_TIMELINE_PATH"},
		{"result_file", "AMI_RESULT_PATH"},
		{"vulnerabilities", "AMI_VULNERABILITIES"},
		{"amis", "AMI_AMIS"},
	}
}

func isOutput(name string) bool {
	return slices.ContainsFunc(Outputs(), func(o Output) bool { return o.Name == name })
}
