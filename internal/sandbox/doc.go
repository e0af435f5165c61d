// Package sandbox is an AMI lifecycle orchestrator in a box: a real HTTP server on loopback that behaves
// as docs/wire-contract.md says, quirks included, and answers the AWS calls that finding it takes. The
// unmodified client, with AWS_ENDPOINT_URL and any credentials, takes the same path as in production.
//
// # State
//
// State is in a directory, and several sandboxes may serve one directory at once. What was acknowledged
// is on the disk. Time does the rest: an event that was in flight when a process ended has ended by the
// time somebody looks, and its dates say when.
//
// # Routes of its own
//
// Beside the API (with and without its stage, /dev) and AWS there are routes for tests and
// demonstrations. They answer JSON; 400 says what is wrong with a request.
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
//	POST /_sandbox/keys/rotate                replaces every API key, as a redeployment does
//	GET  /_sandbox/requests                   what arrived: {"counts": {ROUTE: n}, "requests": [ROUTE, ...]}
//	POST /_sandbox/faults {"route", ...}      adds a fault; the first that fits a request strikes
//	DELETE /_sandbox/faults                   drops all that are left
//
// A fault has these members:
//
//	route     "POST /ami-creation/lifecycles", "GET /ami-creation/lifecycles/{id}/status",
//	          "cloudformation DescribeStacks", "secretsmanager GetSecretValue", "s3 PutObject",
//	          "states DescribeExecution", "imagebuilder GetImage", "logs GetLogEvents", or "*"
//	times     how often it strikes; 1 by default, -1 for always
//	delay     "2s": waits first, with after between the work and its answer; with nothing else the
//	          answer is only late
//	status    answers with this status, and with
//	body      this text, by default what API Gateway or the AWS service says
//	headers   {"Retry-After": "1"}: adds headers to the answer
//	reset     cuts the connection instead of answering
//	truncate  cuts the connection in the middle of the body
//	after     does the work first; otherwise it is not done
package sandbox
