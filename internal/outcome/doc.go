// Package outcome says what comes of an operation: how it ended, with which exit code and status, what later
// jobs are handed, and what went wrong, with what to do next.
package outcome
