// Package pipeline knows where this process runs: in a GitHub workflow, a GitLab pipeline, or on
// somebody's machine. It says what that place implies (who, which branch, which commit), hands results
// to later jobs, and is the only way out for text: all that it writes is redacted and can be no command
// to the place that reads it (docs/architecture.md, "What goes out").
package pipeline
