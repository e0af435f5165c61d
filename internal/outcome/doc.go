// Package outcome describes the end of an operation: its exit code and status, the outputs for later jobs, and the
// error, with what to do next.
package outcome
