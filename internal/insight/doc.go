// Package insight looks behind the status document: how the execution of an event's state machine stands,
// which image it builds and what has become of it, why a build has failed. The orchestrator never says so
// (docs/behind-the-document.md).
//
// A look is optional in every part. What AWS does not answer, for want of a permission or because it is
// busy, is not seen; what was not seen decides nothing.
//
// Everything that AWS answers is text from outside, and may hold the deployment's keys: the input of the
// state machine does. Each text passes [Options.Redact] here, before it is shortened, so that a report can be
// shown as it is.
package insight
