// Package redact removes secrets and control characters from text before it is shown. The secrets are those that the
// orchestrator and AWS send to this process (docs/wire-contract.md, "The status document": SECRET). The control
// characters are those with which a text from outside can act on a terminal or a log.
//
// A [Redactor] replaces the secrets that were added to it ([Redactor.Add]), those that it found in a response
// ([Redactor.Learn]), and those that a name identifies (api_key=..., a presigned URL). Results keep their form:
// [Redactor.JSON] and [Redactor.Value] redact each value separately, and never change a value that has the form of an
// id, a region, a version or a status, even if it equals a known secret.
//
// The time of every function is linear in the length of the text.
package redact
