// Package orchestrator is the client of the Orchestrator API: its requests, its answers, its errors, and
// what of it may be retried (docs/wire-contract.md).
//
// Every call ends in a usable answer or in an error that says what is known about the orchestrator's
// state afterwards:
//
//   - [*InvalidError]: the request was not sent, since the orchestrator would break on it.
//   - [*RefusedError]: the orchestrator has answered, and its answer is no.
//   - [*UnavailableError]: nothing was changed, and there is no usable answer.
//   - [*UncertainError]: a request that changes something has no usable answer. It may have been carried
//     out or not, and there is no idempotency key: only the status document can tell.
//
// A call can also end in an error of its [Deployment]. Where the context ended the call, errors.Is finds
// the context's error.
package orchestrator
