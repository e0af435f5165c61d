package orchestrator

import (
	"net/http"
	"strings"

	"github.com/org/ami-action/internal/lifecycle"
)

// hintRefused returns what a refusal of the operation probably means, and what to do. It depends on the operation only.
// The orchestrator's text differs between Python versions and is often that of a crash, so a text about keys only adds
// to the hint.
func hintRefused(o lifecycle.Operation, text string) string {
	hint := refusals[o]
	if strings.Contains(text, "API Key") {
		hint = "if this is about the API key: a redeployment replaces every key, so run this again to fetch the new one; otherwise " + hint
	}
	return hint
}

// hintHeader is the header in which a sandbox sends a hint that replaces the usual one, for example for the lifecycle of
// another sandbox.
const hintHeader = "X-Ami-Sandbox-Hint"

var refusals = map[lifecycle.Operation]string{
	lifecycle.Create: "check the request's values; a refused create can leave a lifecycle behind that was never built",
	lifecycle.CreateUpdate: "check in its status that the orchestrator knows this lifecycle, that its build has completed, and that every event " +
		"before the ones asked for has completed; the request's owner, notifications, properties and events may have been stored anyway",
	lifecycle.Patch: "check in its status that the orchestrator knows this lifecycle and that all six creation events have completed, " +
		"each once; the request's values may have been stored anyway",
	lifecycle.PatchUpdate: "check in its status that the orchestrator knows this lifecycle, that its patch has completed, and that every event " +
		"before the ones asked for has completed; the request's values may have been stored anyway",
	lifecycle.QACertification: "check in its status that the orchestrator knows this lifecycle, that QA_CERTIFICATION_REQUEST has completed, " +
		"and that it has not been certified already",
	lifecycle.ApprovalCreate: "check in its status that the orchestrator knows this lifecycle, that it has been certified, " +
		"and that it has not been approved already",
	lifecycle.ApprovalPatch: "check in its status that the orchestrator knows this lifecycle, that the patch's scans have completed, " +
		"and that the patch has not been approved already",
	lifecycle.GetStatus: "check the lifecycle id: the orchestrator returns this error for an unknown lifecycle, " +
		"and for one with a value that it cannot read",
	lifecycle.GetStatuses: "one event in progress for over 240 minutes, or one lifecycle that the orchestrator cannot read, makes it refuse the list " +
		"for everyone, and it does not say which one: check those you know with AMI_GET_STATUS_BY_LIFECYCLE_ID (their ids are in the outputs of jobs, and " +
		"under ami-action/lifecycles/ in the bucket for patch components). If an event has timed out, request it again; " +
		"a build that timed out, and a lifecycle that has no status, must be deleted from the orchestrator's table",
	lifecycle.TimelineCreate: "check the lifecycle id: the orchestrator returns this error for an unknown lifecycle",
	lifecycle.TimelinePatch:  "check the lifecycle id, and that the lifecycle has been patched",
}

const hintUncertain = "check its status before you send it again: a second request could run at the same time, or make the lifecycle unusable"

func hintUnavailable(status int) string {
	switch {
	case status == http.StatusTooManyRequests:
		return "the orchestrator accepts 100 requests per second from all clients together: try again later"
	case status == http.StatusRequestEntityTooLarge:
		return "make the request smaller: fewer or shorter properties"
	case status >= 300 && status < 500:
		return "check that the endpoint is the orchestrator's base URL with its stage (--apiEndpoint, or the stack's output)"
	case status >= 500:
		return "the orchestrator or its gateway has a problem: run again later"
	case status >= 200:
		return "check that the endpoint is the orchestrator's (--apiEndpoint, or the stack's output), and that no proxy responds in its place"
	}
	return "check the network, a proxy's variables (HTTPS_PROXY, NO_PROXY), and that the deployment still exists"
}
