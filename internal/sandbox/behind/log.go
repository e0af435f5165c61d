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

// LogGroup returns the name of the log group of the run's image, or "" if the run makes no image.
func (v View) LogGroup() string {
	if !v.makesImage() {
		return ""
	}
	return "/aws/imagebuilder/" + v.imageName()
}

// LogStream returns the name of the log stream in the group: the version and the build number of the image.
func (v View) LogStream() string { return v.imageVersion() }

// buildSteps are the steps of the component of a build, and of a patch whose own component has no readable steps.
var buildSteps = []store.ComponentStep{
	{Phase: "build", Name: "UpdateOS", Action: "UpdateOS"},
	{Phase: "build", Name: "InstallPackages", Action: "ExecuteBash"},
	{Phase: "validate", Name: "CheckPackages", Action: "ExecuteBash"},
	{Phase: "test", Name: "CheckServices", Action: "ExecuteBash"},
}

// buildLog collects the log events up to the view's time.
type buildLog struct {
	view   View
	events []LogEvent
}

func (l *buildLog) add(at time.Time, format string, arguments ...any) {
	if !at.After(l.view.at) {
		l.events = append(l.events, LogEvent{at, fmt.Sprintf(format, arguments...)})
	}
}

// Log returns the events in the image's log so far, oldest first: the messages of Image Builder and, between them, the
// output of the components' steps in the format of the component runner (TOE). It returns nil if the run makes no image.
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

// components adds the output of a workflow step that applies components, up to the view's time.
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
			// The failing step of the component ends when the run's fate takes effect. The steps before it have
			// ended by then.
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

// componentSteps returns the steps of the component that run on the build instance or, with isTest, on the test
// instance. failing is the index of the step that fails if the image fails: the one that the component makes fail;
// else InstallPackages of a build, or the last.
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
			failing = 1 // InstallPackages
		}
	}
	return steps, failing
}

// plannedEnd returns when the workflow step of that name ends if the run does not fail.
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
