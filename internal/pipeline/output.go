package pipeline

import (
	"os"
	"path/filepath"
	"slices"
)

// Output is a value that later jobs can use: by its name on GitHub, by its variable on GitLab.
type Output struct{ Name, Variable string }

// Outputs returns every output (design.md, "What goes out"), the most wanted first: a dotenv file is
// small, and what comes last may have to stay out of it.
//
// A variable is the one that the binary itself reads, so that a later job goes on with the lifecycle
// without wiring. The two paths are the exception: AMI_REPORT_FILE and AMI_TIMELINE_FILE are settings,
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
		{"vulnerabilities", "AMI_VULNERABILITIES"},
		{"amis", "AMI_AMIS"},
	}
}

func isOutput(name string) bool {
	return slices.ContainsFunc(Outputs(), func(o Output) bool { return o.Name == name })
}

// replaceFile writes a file so that a reader, or a job that is killed, has the old content or the new
// one, never half of it.
func replaceFile(path string, content []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	_, err = temporary.Write(content)
	if err == nil {
		// The runner that uploads it may be another user.
		err = temporary.Chmod(0o644)
	}
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return err
	}
	return os.Rename(temporary.Name(), path)
}
