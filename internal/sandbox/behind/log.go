package behind

import (
	"fmt"
	"slices"
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/store"
)

// LogEvent is one event of a log stream.
type LogEvent struct {
	Time    time.Time
	Message string
}

// LogGroup and LogStream name the log of the run's image; "" if there is none.
func (v View) LogGroup() string {
	if !v.makesImage() {
		return ""
	}
	return "/aws/imagebuilder/" + v.imageName()
}

// LogStream returns the name of the stream in the group: the image's version and the number of the build.
func (v View) LogStream() string { return v.imageVersion() }

// buildSteps are those of a component that nobody has uploaded.
var buildSteps = []store.ComponentStep{
	{Phase: "build", Name: "UpdateOS", Action: "UpdateOS"},
	{Phase: "build", Name: "InstallPackages", Action: "ExecuteBash"},
	{Phase: "validate", Name: "CheckPackages", Action: "ExecuteBash"},
	{Phase: "test", Name: "CheckServices", Action: "ExecuteBash"},
}

// buildLog collects the events that have been written by the view's time.
type buildLog struct {
	view   View
	events []LogEvent
}

func (l *buildLog) add(at time.Time, format string, arguments ...any) {
	if !at.After(l.view.at) {
		l.events = append(l.events, LogEvent{at, fmt.Sprintf(format, arguments...)})
	}
}

// Log returns what the image's log holds so far: Image Builder's own messages, and between them what the
// components' steps print, in the words of the component runner.
func (v View) Log() []LogEvent {
	if !v.makesImage() {
		return nil
	}
	log := &buildLog{view: v}
	for _, stage := range imageStages[1:3] {
		if v.done() >= stage.from {
			log.transition(v.when(stage.from), stage.status)
		}
	}
	for _, planned := range plannedWorkflows {
		if v.done() >= planned.from {
			log.workflow(planned)
		}
	}
	for _, stage := range imageStages[3:] {
		if v.done() >= stage.from {
			log.transition(v.when(stage.from), stage.status)
		}
	}
	if image := v.Image(); v.imageHasFailed() {
		log.transition(v.fateAt(), image.Status)
	}
	slices.SortStableFunc(log.events, func(a, b LogEvent) int { return a.Time.Compare(b.Time) })
	return log.events
}

func (l *buildLog) transition(at time.Time, status string) {
	l.add(at, "Image transitioned to %s state for Image ARN: %s", status, l.view.ImageARN())
}

func (l *buildLog) workflow(planned plannedWorkflow) {
	workflow := l.view.workflow(planned)
	l.add(workflow.Started, "Started %s workflow %s", workflow.Type, workflow.ARN)
	l.add(workflow.Started, "Total %d steps to run for workflow %s", len(workflow.Steps), workflow.ARN)
	for _, step := range workflow.Steps {
		if step.Started.IsZero() {
			return
		}
		l.add(step.Started, "Started step %s with action %s", step.Name, step.Action)
		switch step.Action {
		case "LaunchInstance":
			id := "i-0" + l.view.id(step.Name)[:8] + "00000000"
			l.add(step.Started, "Launching instance")
			l.add(step.Started, "Launched instance (instance id: %s)", id)
			l.add(step.Started, "Waiting for instance availability (id: %s, expected state: ['passed']). Attempt number: 1.", id)
		case "ExecuteComponents":
			l.components(step)
		}
	}
}

// components writes what applying the components prints: as many steps as have begun by now.
func (l *buildLog) components(step WorkflowStep) {
	v, command := l.view, l.view.id("command "+step.Name)
	isTest := step.Name == "ApplyTestComponents"
	l.add(step.Started, "Sending command to instance to run")
	l.add(step.Started, "Running command (command id: %s)", command)
	l.add(step.Started, "Waiting for command to complete (command id: %s). Attempt number: 1.", command)
	l.add(step.Started, "Document %s", v.componentARN())

	steps, failing := v.componentSteps(isTest)
	ends := v.plannedEnd(step.Name)
	phase := ""
	for i, one := range steps {
		share := ends.Sub(step.Started) / time.Duration(len(steps)+1)
		at := step.Started.Add(share * time.Duration(i))
		if step.Status == failed {
			// What fails does so when the fate strikes; what was before it has run by then.
			share = step.Ended.Sub(step.Started) / time.Duration(failing+1)
			at = step.Started.Add(share * time.Duration(i))
		}
		if one.Phase != phase {
			phase = one.Phase
			l.add(at, "Phase %s", phase)
		}
		l.add(at, "Step %s", one.Name)
		l.add(at, "%s: STARTED EXECUTION", one.Action)
		if step.Status == failed && i == failing {
			l.fail(step.Ended, one)
			return
		}
		end := at.Add(share)
		l.add(end, "CmdExecution: ExitCode 0")
		l.add(end, "%s: FINISHED EXECUTION", one.Action)
	}
	if step.Status == "COMPLETED" {
		l.add(step.Ended, "Executor: FINISHED EXECUTION OF ALL DOCUMENTS")
		l.add(step.Ended, "TOE has completed execution successfully")
	}
}

func (l *buildLog) fail(at time.Time, step store.ComponentStep) {
	message, code := "Error: Unable to find a match: htpd", 1
	if step.ExitCode != 0 {
		message, code = "The command "+step.Command+" failed", step.ExitCode
	}
	l.add(at, "CmdExecution: Stderr: %s", message)
	l.add(at, "CmdExecution: ExitCode %d", code)
	l.add(at, "%s: FINISHED EXECUTION", step.Action)
	l.add(at, "TOE has completed execution with failure - Execution failed!")
}

// componentSteps returns the component's steps that run on the build's instance, or on the tests', and
// which of them fails if one does: the last, unless the component says.
func (v View) componentSteps(isTest bool) (steps []store.ComponentStep, failing int) {
	all := v.run.Steps
	if len(all) == 0 || v.run.Event == lifecycle.BuildAMI {
		all = buildSteps
	}
	for i, one := range all {
		if (one.Phase == "test") == isTest {
			if i == v.run.Failing {
				failing = len(steps)
			}
			steps = append(steps, one)
		}
	}
	if v.run.Failing < 0 {
		failing = max(len(steps)-1, 0)
		if v.run.Event == lifecycle.BuildAMI && !isTest {
			failing = 1 // the packages
		}
	}
	return steps, failing
}

// plannedEnd returns when a step of a workflow ends if nothing happens.
func (v View) plannedEnd(name string) time.Time {
	for _, workflow := range plannedWorkflows {
		for _, step := range workflow.steps {
			if step.name == name {
				return v.when(step.until)
			}
		}
	}
	return v.run.Ends
}
