// Package redact knows what must never be seen: the secrets that the orchestrator and AWS hand to this
// process (docs/wire-contract.md, "The status document": SECRET), and the characters that would let a text
// from outside act on the place that shows it.
//
// A [Redactor] replaces secrets that it was told ([Redactor.Add]), that it found in an answer
// ([Redactor.Learn]), and that show themselves by their names (api_key=..., a presigned URL). A result keeps
// its form: [Redactor.JSON] and [Redactor.Value] redact by member, and what has the form of an id, a region,
// a version or a status is never cut, whatever the secrets are.
//
// All of it is linear in the length of the text.
package redact
