// Package lifecycle holds the vocabulary of the AMI lifecycle: its operations, its events and their
// order, and the status document that an orchestrator keeps for each lifecycle.
//
// The client and the sandbox share only this package. It therefore holds names and formats: no I/O, no clock, and
// no rule that one side could take over wrongly from the other.
package lifecycle
