// Package redact knows what must never be seen: the secrets that the orchestrator and AWS hand to this
// process (orchestrator-api.md, "The status document": SECRET), and the characters that would let a text
// from outside act on whoever shows it.
//
// A [Redactor] replaces secrets that it was told ([Redactor.Add]), that it found in an answer
// ([Redactor.Learn]), and that show themselves by their surroundings (api_key=..., a presigned URL).
// All of it is linear in the length of the text.
package redact
