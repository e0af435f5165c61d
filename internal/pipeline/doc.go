// Package pipeline is the interface to the host on which this process runs: a GitHub workflow, a GitLab pipeline, or a
// local machine. It provides what the host implies (the user, the branch, the commit), passes results to later jobs,
// and writes all text of the process. The text that it writes is redacted and cannot act as a command to the host
// (docs/architecture.md, "What goes out").
package pipeline
