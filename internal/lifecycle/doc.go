// Package lifecycle holds the vocabulary of the AMI lifecycle: its operations, its events and their
// order, and the status document that an orchestrator keeps for each lifecycle.
//
// It is the one package that both sides of the wire share, so it holds names and forms only: no input,
// no output, no clock, and no rule that one side could inherit wrongly from the other.
package lifecycle
