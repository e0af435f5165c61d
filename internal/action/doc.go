// Package action holds the workflows: from a request to an outcome, one file a family of operations.
//
// It declares by small interfaces what it needs of the orchestrator, of the deployment and of the
// pipeline that it runs in, so that every workflow runs in a test with fakes and virtual time.
package action
