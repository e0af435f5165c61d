// Package claim decides which of several runs may start something. A claim is an object in the stack's bucket that is
// written with S3's conditional writes, so that exactly one writer succeeds (docs/behind-the-document.md, "Concurrency").
// The orchestrator itself has no idempotency key and no conditional requests.
//
// # Protocol
//
// Everything that may be started only once has a key: see [CreateKey] and [LifecycleKey]. [Claims.Start] takes these
// steps.
//
//  1. Write the claim if there is none (If-None-Match). Exactly one writer succeeds. If the response is lost, the
//     writer reads the object, which names the write that made it. In parallel, the store proves that it honours
//     conditions ([Store.Prove]); nothing is sent before that. A run that writes the first claim also looks for what
//     an earlier attempt has started without a claim ([Request.Earlier]).
//  2. The holder calls [Claim.Permit] before each request that it sends. It may send for [Claims.Lease] after its
//     write. After that, it must first renew the claim, on the condition that it is unchanged (If-Match).
//  3. When the orchestrator has accepted the request, the holder records that in the claim, with the lifecycle's id.
//     If the request was certainly not carried out, the holder releases the claim. After any other error, the claim
//     stays as it is.
//  4. Every other run reads the claim, and looks in the orchestrator for what its holder has started. If the run finds
//     it, it attaches to it. If not, it looks again until the claim has been unchanged for [Claims.Settle], by the clock
//     of S3. If it is then certain that nothing was started, the run takes over the claim, on the condition that it is
//     unchanged (If-Match). If that is not certain, the run ends with [outcome.Unknown] and sends nothing.
//
// # Why nothing starts twice
//
// Let c1, c2, and so on be all writes to one key, in the order in which S3 carries them out. Each write after the first
// is conditional on the version before it, and versions never repeat, because each write contains a random name. So the
// writer of c(n) knows that there was no other write between the version that it read and its own.
//
// A request under c(n) is sent before Lease has passed since c(n): its writer measures from before the write, and all
// others from after it. The request is carried out within the gateway's 30 seconds. Settle is longer than both
// together. So a look that begins when Settle has passed since c(n) sees everything that was carried out under c(n), and
// nothing can be carried out under c(n) after it. Another writer can write c(n+1) in only three cases, and in each of
// them nothing of c(n) remains: c(n) was released, because nothing was carried out; Settle has passed, and a look has
// proved that nothing was started; or what c(n) started was found and has failed. A renewal by the same writer is safe
// too, because the writer sends a request again only if it was certainly not carried out (package once). A run that finds
// what a holder has started may record that in the claim for the holder; nothing is sent under such a write.
//
// No run waits forever: every wait lasts at most Settle after the newest write, and a run writes a claim a bounded number
// of times.
//
// # What is not covered
//
//   - A process that is suspended between Permit and the first byte of its request for longer than Settle minus
//     Lease minus 30 seconds. Elapsed time is measured with the monotonic clock and the wall clock, and the larger value
//     counts, so that a laptop that sleeps between its write and Permit is covered.
//   - The orchestrator changes a lifecycle by itself between a look and the request: it starts an enabled event
//     after a result, or records a late result. The two documents then have different keys.
//   - A user deletes the object, or sends a request to the orchestrator without this command.
//   - If claims cannot be written, mode [Auto] sends without one, after a warning.
//
// # What is trusted
//
// Anyone who may write to the bucket can write a claim. So a claim proves nothing by itself: [Request.Look] accepts
// a lifecycle as the holder's only if the orchestrator's own document holds the token of the claim, and if the token
// belongs to the same job. A false claim can only delay a job, by Settle.
package claim
