package outcome_test

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/watch"
	"github.com/org/ami-action/internal/workspace"
)

func TestExitCodesAndStatuses(t *testing.T) {
	refused := &orchestrator.RefusedError{Text: "500"}
	for _, c := range []struct {
		name   string
		err    error
		code   int
		status string
	}{
		{"nothing went wrong", nil, 0, "COMPLETED"},
		{"an event failed", &outcome.Error{Kind: outcome.EventFailed, State: watch.Failed}, 1, "FAILED"},
		{"an event was blocked", &outcome.Error{Kind: outcome.EventFailed, State: watch.Blocked}, 1, "BLOCKED"},
		{"a gate was not passed", &outcome.Error{Kind: outcome.GateNotPassed}, 1, "NOT_PASSED"},
		{"the lifecycle has stalled", &watch.StalledError{}, 1, "STALLED"},
		{"a result could not be handed on", outcome.NotWrittenError("output ami_id", syscall.ENOSPC), 1, "UNAVAILABLE"},
		{"the configuration is wrong", &config.Problems{}, 2, "REFUSED"},
		{"the component is wrong", &component.Error{}, 2, "REFUSED"},
		{"a request has an invalid form", &orchestrator.InvalidError{}, 2, "REFUSED"},
		{"a file cannot be used", &workspace.Error{}, 2, "REFUSED"},
		{"a file could not be written in the end", outcome.NotWrittenError("report r.html", &workspace.Error{}), 1, "UNAVAILABLE"},
		{"the orchestrator refused", refused, 3, "REFUSED"},
		{"it could only have refused", &outcome.Error{Kind: outcome.Refused}, 3, "REFUSED"},
		{"there is no usable response of the orchestrator", &orchestrator.UnavailableError{}, 4, "UNAVAILABLE"},
		{"AWS could not be reached", &deployment.Error{}, 4, "UNAVAILABLE"},
		{"polls failed for too long, with any last error", &watch.UnobservableError{Err: refused}, 4, "UNAVAILABLE"},
		{"the wait timed out", &watch.TimeoutError{}, 5, "TIMED_OUT"},
		{"the wait timed out after a poll that was refused", errors.Join(&watch.TimeoutError{}, refused), 5, "TIMED_OUT"},
		{"nobody knows", &outcome.Error{Kind: outcome.Unknown, Err: refused}, 6, "UNKNOWN"},
		{"a lost response, and no trace of the request", &orchestrator.UncertainError{}, 6, "UNKNOWN"},
		{"interrupted", &outcome.Error{Kind: outcome.Interrupted, Signal: syscall.SIGINT}, 130, "INTERRUPTED"},
		{"terminated", &outcome.Error{Kind: outcome.Interrupted, Signal: syscall.SIGTERM}, 143, "INTERRUPTED"},
		{"hung up", &outcome.Error{Kind: outcome.Interrupted, Signal: syscall.SIGHUP}, 129, "INTERRUPTED"},
		{"something else", errors.New("disk"), 1, "UNAVAILABLE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.code, outcome.ExitCode(c.err))
			assert.Equal(t, c.status, outcome.Status(c.err))
			if c.err != nil {
				assert.Equal(t, c.code, outcome.ExitCode(fmt.Errorf("in a context: %w", c.err)), "wrapped")
			}
		})
	}
}

func TestAnErrorSaysWhatHappenedAndLeavesTheHintToItsField(t *testing.T) {
	for _, c := range []struct {
		err  *outcome.Error
		says string
	}{
		{&outcome.Error{LifecycleID: "id-1", Event: lifecycle.VulnerabilityScansCreate, State: watch.Errored, Reason: "no capacity", Hint: "ask again"},
			"lifecycle id-1: VULNERABILITY_SCANS ended in an error: no capacity"},
		{&outcome.Error{Event: lifecycle.BuildAMI, State: watch.Failed, Reason: "its result is FAILED"}, "BUILD_AMI failed: its result is FAILED"},
		{&outcome.Error{Reason: "unsure", Hint: "look", Err: errors.New("reset")}, "unsure: reset"},
		{&outcome.Error{Err: errors.New("reset")}, "reset"},
		{outcome.Of(&orchestrator.RefusedError{Operation: lifecycle.Create, Status: 500, Text: "no", Hint: "check the values"}),
			"AMI_CREATE: the orchestrator refused (HTTP 500 Internal Server Error): no"},
		{outcome.Of(&deployment.Error{Subject: "stack X", Reason: "it does not exist", Hint: "deploy it"}), "stack X: it does not exist"},
	} {
		assert.Equal(t, c.says, c.err.Error())
	}
	assert.Equal(t, "check the values", outcome.Of(&orchestrator.RefusedError{Hint: "check the values"}).Hint)
}
