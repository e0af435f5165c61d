package action_test

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/watch"
)

func TestExitCodesAreThoseOfTheDesign(t *testing.T) {
	refused := &orchestrator.RefusedError{Text: "500"}
	for _, c := range []struct {
		name string
		err  error
		code int
	}{
		{"nothing went wrong", nil, 0},
		{"an event failed", &action.EventError{State: watch.Failed}, 1},
		{"a gate was not passed", &action.GateError{Findings: &lifecycle.Findings{}}, 1},
		{"the lifecycle has stalled", &action.StalledError{Err: &watch.StalledError{}}, 1},
		{"a result could not be handed on", &action.OutputError{Err: syscall.ENOSPC}, 1},
		{"the configuration is wrong", &config.Problems{}, 2},
		{"the component is wrong", &component.Error{}, 2},
		{"a request is of no form", &orchestrator.InvalidError{}, 2},
		{"the orchestrator refused", refused, 3},
		{"it could only have refused", &action.NotAllowedError{}, 3},
		{"the orchestrator gave no usable answer", &orchestrator.UnavailableError{}, 4},
		{"AWS could not be reached", &deployment.Error{}, 4},
		{"polls failed for too long, whatever the last one said", &action.UnfinishedError{Err: &watch.UnobservableError{Err: refused}}, 4},
		{"the wait timed out", &action.UnfinishedError{Err: &watch.TimeoutError{}}, 5},
		{"the wait timed out after a poll that was refused", &action.UnfinishedError{Err: errors.Join(&watch.TimeoutError{}, refused)}, 5},
		{"nobody knows", &action.UnknownError{Err: refused}, 6},
		{"a lost answer that nobody resolved", &orchestrator.UncertainError{}, 6},
		{"interrupted", &action.InterruptedError{Signal: syscall.SIGINT, Err: context.Canceled}, 130},
		{"terminated", &action.InterruptedError{Signal: syscall.SIGTERM, Err: context.Canceled}, 143},
		{"something else", errors.New("disk"), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.code, action.ExitCode(c.err))
			if c.err != nil {
				assert.Equal(t, c.code, action.ExitCode(fmt.Errorf("in a context: %w", c.err)), "wrapped")
			}
		})
	}
}

func TestErrorsSayWhatHappenedAndWhatToDoNext(t *testing.T) {
	for _, c := range []struct {
		err  error
		says []string
	}{
		{&action.EventError{LifecycleID: "id-1", Event: lifecycle.SmokeTestsCreate, State: watch.Errored, Reason: "no capacity", Hint: "ask again"},
			[]string{"lifecycle id-1", "SMOKE_TESTS_AMI_CREATE", "ended in an error", "no capacity", "ask again"}},
		{&action.EventError{Event: lifecycle.BuildAMI, State: watch.Failed}, []string{"BUILD_AMI failed"}},
		{&action.EventError{Event: lifecycle.BuildAMI, State: watch.Blocked}, []string{"BUILD_AMI is blocked"}},
		{&action.GateError{LifecycleID: "id-1", Least: lifecycle.High, Findings: &lifecycle.Findings{
			BySeverity: map[lifecycle.Severity]int{lifecycle.High: 2, lifecycle.Untriaged: 1, lifecycle.Low: 9}}},
			[]string{"3 findings of severity HIGH or worse", "1 of them not triaged"}},
		{&action.GateError{Findings: &lifecycle.Findings{Unreadable: true}}, []string{"cannot be read"}},
		{&action.UnfinishedError{LifecycleID: "id-1", Err: &watch.TimeoutError{}, Resume: "ami-action --operation AMI_WAIT"},
			[]string{"id-1", "not ended yet", "the event goes on", "ami-action --operation AMI_WAIT"}},
		{&action.InterruptedError{Signal: syscall.SIGINT}, []string{"interrupted", "nothing was started"}},
		{&action.InterruptedError{Signal: syscall.SIGINT, Resume: "ami-action"}, []string{"the event goes on", "ami-action"}},
		{&action.UnknownError{Reason: "unsure", Hint: "look", Err: errors.New("reset")}, []string{"unsure: reset; look"}},
		{&action.OutputError{Name: "output ami_id", Err: syscall.ENOSPC}, []string{"output ami_id", "later jobs"}},
	} {
		for _, part := range c.says {
			assert.Contains(t, c.err.Error(), part)
		}
	}
}
