// Package sandbox is a sandbox orchestrator: an HTTP server on loopback that behaves as docs/wire-contract.md
// says, quirks included, and serves the AWS calls that a client makes. An unmodified client, with AWS_ENDPOINT_URL
// and any credentials, takes the same path as in production.
//
// # State
//
// The state is in a directory, which several sandboxes can serve at once. A change is on disk before the response is
// sent. An event that was in progress when a process ended still ends at its time: the next request finds
// it ended, with the dates of that time. A new file belongs to the owner of its directory. If the state cannot be
// read or written, the response is 500 with {"error"}, which says what to do.
//
// # Pages
//
//	GET /                                              all lifecycles, for a browser; the page reloads itself
//	GET /_sandbox/lifecycles/{id}/timeline/creation    the timeline of the creation; it needs no key
//	GET /_sandbox/lifecycles/{id}/timeline/patch       the timeline of the current patch
//
// # Control routes
//
// In addition to the API (with and without its stage, /dev) and the AWS calls, the sandbox has routes for tests
// and demonstrations. They return JSON. 400 with {"error"} says what is wrong with the request. An event may be
// given by any of its names, such as SMOKE_TESTS or SMOKE_TESTS_AMI_PATCH.
//
//	POST /_sandbox/lifecycles/{id}/event
//	     {"status": "COMPLETED"|"FAILED"|"ERROR", "name"?, "properties"?, "error_message"?, "stack_trace"?}
//
// ends the event in progress the way its state machine does. With a name it ends the oldest execution of that
// event that has not ended. The properties are merged into those of the usual result and replace equal keys. The
// response is 200 with {receiver, statusCode, body, event, message}: the message that the receiver got and what it
// returned. Without such an event it is 409 with {"error"}.
//
//	POST /_sandbox/lifecycles/{id}/image {"status": "FAILED", "reason"?}
//
// sets the status, in Image Builder's words, of the image of the build or patch in progress. With FAILED,
// CANCELLED, DELETED or DISABLED the event stays in progress until it times out, as on a real deployment. The
// response is 409 if no build and no patch is in progress.
//
//	POST /_sandbox/queue {"auto": false}      holds the messages of certifications and refused approvals;
//	                                          with true they are delivered by themselves again
//	POST /_sandbox/queue/deliver              delivers them: {"delivered": [{receiver, statusCode, body, message}]}
//	POST /_sandbox/lifecycles/{id}/age {"minutes": N}    moves the start of the event in progress back
//	POST /_sandbox/seed {"count": N, "bytes"?, "stack_tag"?}    makes N lifecycles in all stages of a creation,
//	                                          each with a document of at least so many bytes: {"lifecycle_ids"}
//	POST /_sandbox/keys/rotate                replaces every API key, as a redeployment does
//	GET  /_sandbox/requests                   lists the requests: {"counts": {ROUTE: n}, "requests": [ROUTE, ...]}
//	POST /_sandbox/faults {"route", ...}      adds a fault; the first that matches a request applies
//	DELETE /_sandbox/faults                   removes the faults that are left
//
// A fault has these members:
//
//	route     "POST /ami-creation/lifecycles", "GET /ami-creation/lifecycles/{id}/status",
//	          "cloudformation DescribeStacks", "secretsmanager GetSecretValue", "s3 PutObject",
//	          "states DescribeExecution", "imagebuilder GetImage", "logs GetLogEvents", "dynamodb Query",
//	          "sts GetCallerIdentity", or "*"
//	contains  applies only to requests with this text in their path or body, such as the name of a secret
//	times     how often it applies; 1 by default, -1 for always
//	delay     "2s": waits before the work, or with after between the work and the response
//	deny      true: responds to an AWS call as its service does when a permission is missing
//	status    responds with this status and
//	body      this text; by default the text of API Gateway or of the AWS service
//	headers   {"Retry-After": "1"}: adds headers to the response
//	reset     true: resets the connection instead of sending a response
//	truncate  true: cuts the connection in the middle of the body
//	after     true: does the work first
//
// Without after, a fault that changes more than the response's delay and headers prevents the work.
//
// A request for a host that is not loopback (see [Options.AllowRemote]) or from a page of another site is refused
// with 403.
package sandbox
