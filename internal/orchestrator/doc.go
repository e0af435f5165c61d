// Package orchestrator is the client of the Orchestrator API: requests, responses, errors, and what may be retried
// (docs/wire-contract.md).
//
// Every call returns a usable response, or an error that says what is known about the orchestrator's state:
//
//   - [*InvalidError]: the request was not sent, because the orchestrator cannot process it.
//   - [*RefusedError]: the orchestrator refused the request.
//   - [*UnavailableError]: there is no usable response, and nothing was changed.
//   - [*UncertainError]: there is no usable response to a request that changes something. It may or may not have been
//     carried out. There is no idempotency key, so only the status document can tell.
//
// A call can also return an error of its [Deployment]. If the context ended the call, errors.Is finds the error of
// the context.
package orchestrator
