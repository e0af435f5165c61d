// Package insight examines what the status document does not show: the status of the execution of an event's state
// machine, the image that it builds, and why a build failed. The orchestrator never reports these
// (docs/behind-the-document.md).
//
// Every part of an examination is optional. If a call fails, because a permission is missing or because AWS
// is busy, that part of the report is empty. An empty part decides nothing.
//
// Text from AWS may contain the deployment's keys: the input of the state machine does. Every text is passed to
// [Options.Redact] before it is shortened, so a report can be shown unchanged.
package insight
