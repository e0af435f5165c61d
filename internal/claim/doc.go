// Package claim decides which of several runs may start something: an object in the stack's bucket, written with
// S3's conditional writes, that exactly one writer can make (docs/behind-the-document.md, "Concurrency"). The
// orchestrator itself has no idempotency key and no conditional request.
//
// # Protocol
//
// What may be started once has a key: see [CreateKey] and [LifecycleKey]. [Claims.Start] goes through these steps.
//
//  1. Write the claim if there is none (If-None-Match). Of all writers one wins. An answer that was lost is no
//     loss: the object names the write that made it. Beside it the store proves that it honours conditions
//     ([Store.Prove]); nothing is sent before it has. Who finds no claim looks for what an earlier attempt has
//     started without one ([Request.Earlier]).
//  2. The winner asks [Claim.Permit] before each request that goes out. It may send for [Claims.Fence] after its
//     write; after that it renews the claim first, if it is still the one it wrote (If-Match).
//  3. When the orchestrator has taken the request the winner records that, and the lifecycle's id. A request
//     that was certainly not carried out releases the claim. After any other error the claim stays as it is.
//  4. Everybody else reads the claim, and looks at the orchestrator for what its holder has started. Found, they
//     attach to it. Not found, they look again until the claim has stood for [Claims.Settle], by the clock of S3.
//     If it is certainly not there then, they take the claim over, if it is still the one they read (If-Match).
//     If nobody can tell, they end with [outcome.Unknown] and send nothing.
//
// # Why nothing starts twice
//
// Let all writes to one key be in the order in which S3 carries them out: c1, c2, and so on. Each but the first
// names the version before it, and versions never repeat, because each write holds a random name. So the writer of
// c(n) knows that nobody has written between the version that it read and its own.
//
// A request under c(n) goes out before c(n) has stood for Fence: its writer measures from before the write, and
// everybody else from after it. It is carried out within the gateway's 30 seconds. With Settle longer than both
// together, a look that begins when c(n) has stood for Settle sees what was carried out under c(n), and nothing
// can be carried out under c(n) after it. So there are three ways to c(n+1) by another writer, and each of them leaves
// nothing of c(n) behind: it was released, when nothing was carried out; it had settled, and a look that proves it
// found nothing; or what it started was found, and has failed. A renewal by the same writer is like a look of its
// own: once sends again only what was certainly not carried out (package once). Who finds what a holder has started
// may record that in its place; nothing is sent under such a write.
//
// Nobody waits for ever: every wait is for Settle after the newest write, and a run writes a claim a bounded number
// of times.
//
// # What remains
//
//   - A process that stands still between Permit and the first byte of its request for longer than Settle less
//     Fence and 30 seconds. Elapsed time is by the monotonic clock or the wall clock, whichever has gone further,
//     so that a laptop that slept between its write and Permit has not gained anything.
//   - The orchestrator changes a lifecycle by itself between a look and the request: it starts an enabled event
//     after a result, or a late result comes. Two documents are two keys.
//   - A person deletes the object, or somebody asks the orchestrator without this command.
//   - Where claims cannot be written, mode [Auto] sends without one, after a warning.
//
// # What is believed
//
// Anybody who may write to the bucket can write a claim. So a claim proves nothing by itself: [Request.Look] takes
// a lifecycle for the holder's only if the orchestrator's own document holds the token of the claim, and the token
// is one of the same job. What a stranger can do is keep a job from starting, for Settle.
package claim
