// Package sandbox is a sandbox orchestrator: an HTTP server on loopback that behaves as docs/wire-contract.md
// says, quirks included, and answers the AWS calls that a client needs to find it. An unmodified client, with
// AWS_ENDPOINT_URL and any credentials, takes the same path as in production.
//
// # State
//
// The state is in a directory, which several sandboxes can serve at once. What was acknowledged is on the
// disk. An event that was in progress when a process ended still ends at its time: the next request finds it
// ended, with the dates that it would have had. Files belong to the owner of the directory that they are made
// in. A state that cannot be read or written is answered with 500 and {"error"}, which says what to do.
//
// # Pages
//
//	GET /                                     all lifecycles, for a browser; it reloads itself
//	GET /_sandbox/lifecycles/{id}/timeline/creation    a timeline without a key, and the same with patch
//
// # Routes of its own
//
// Beside the API (with and without its stage, /dev) and AWS there are routes for tests and demonstrations.
// They answer JSON; 400 says what is wrong with a request. An event has any of its names: SMOKE_TESTS,
// SMOKE_TESTS_AMI_PATCH.
//
//	POST /_sandbox/lifecycles/{id}/event
//	     {"status": "COMPLETED"|"FAILED"|"ERROR", "name"?, "properties"?, "error_message"?, "stack_trace"?}
//
// ends the event in progress, or with a name the oldest execution of that event that has not ended, as a
// state machine would. properties replace those of the usual result key by key. 200 when it was taken,
// with {receiver, statusCode, body, event, message}: what the receiver was sent, and what it answered.
// 409 with {"error"} when there is no such event.
//
//	POST /_sandbox/lifecycles/{id}/image {"status": "FAILED", "reason"?}
//
// gives the image of the build or patch in progress a status of Image Builder: with FAILED, CANCELLED,
// DELETED or DISABLED the event stays in progress until it times out, as it really does. 409 when neither
// is in progress.
//
//	POST /_sandbox/queue {"auto": false}      holds what certifications and refused approvals queue
//	POST /_sandbox/queue/deliver              delivers it: {"delivered": [{receiver, statusCode, body, message}]}
//	POST /_sandbox/lifecycles/{id}/age {"minutes": N}    moves the start of the event in progress back
//	POST /_sandbox/seed {"count": N, "bytes"?, "stack_tag"?}    makes N lifecycles in all stages of a creation,
//	                                          each with a document of at least so many bytes: {"lifecycle_ids"}
//	POST /_sandbox/keys/rotate                replaces every API key, as a redeployment does
//	GET  /_sandbox/requests                   what arrived: {"counts": {ROUTE: n}, "requests": [ROUTE, ...]}
//	POST /_sandbox/faults {"route", ...}      adds a fault; the first that matches a request applies
//	DELETE /_sandbox/faults                   removes all that are left
//
// A fault has these members:
//
//	route     "POST /ami-creation/lifecycles", "GET /ami-creation/lifecycles/{id}/status",
//	          "cloudformation DescribeStacks", "secretsmanager GetSecretValue", "s3 PutObject",
//	          "states DescribeExecution", "imagebuilder GetImage", "logs GetLogEvents", "dynamodb Query",
//	          "sts GetCallerIdentity", or "*"
//	contains  applies only to requests with this text in their path or body, such as the name of a secret
//	times     how often it applies; 1 by default, -1 for always
//	delay     "2s": waits first, with after between the work and its answer; with nothing else the
//	          answer is only late
//	deny      true: answers an AWS call as its service does where a permission is missing
//	status    answers with this status, and with
//	body      this text, by default what API Gateway or the AWS service says
//	headers   {"Retry-After": "1"}: adds headers to the answer
//	reset     cuts the connection instead of answering
//	truncate  cuts the connection in the middle of the body
//	after     does the work first; otherwise it is not done
//
// Requests for a host that is not loopback, and those of pages of other sites, are refused with 403.
package sandbox
