// Package action implements the operations as workflows, from a request to an outcome. Each family of operations has
// its own file.
//
// The workflows share four parts: a reader of lifecycles, a sender of requests, a waiter for events, and a publisher of
// what an operation has found out. All of them work on one result.
//
// The package declares small interfaces for what it needs from the orchestrator, the deployment and the
// pipeline that it runs in, so that every workflow can run in a test with fakes and virtual time.
package action
