package behind

import "time"

// Workflow is the execution of one of the workflows that make an image.
type Workflow struct {
	ID, ARN, Type, Status, Message string
	Started, Ended                 time.Time
	Steps                          []WorkflowStep
}

// WorkflowStep is a step of a workflow. Started and Ended are the zero time until then.
type WorkflowStep struct {
	ID, Name, Action, Status, Message string
	Started, Ended                    time.Time
}

// plannedStep is a step of a workflow. until is the part of the run that is done when the step ends.
type plannedStep struct {
	name, action string
	until        float64
}

type plannedWorkflow struct {
	kind, name string
	from       float64
	steps      []plannedStep
}

// plannedWorkflows are the workflows of an image, modelled on Image Builder's default workflows.
var plannedWorkflows = []plannedWorkflow{
	{"BUILD", "build-image", 0.05, []plannedStep{
		{"LaunchBuildInstance", "LaunchInstance", 0.2},
		{"ApplyBuildComponents", "ExecuteComponents", 0.55},
		{"InventoryCollection", "CollectImageMetadata", 0.57},
		{"RunSysPrepScript", "RunSysPrep", 0.59},
		{"SanitizeInstance", "SanitizeInstance", 0.61},
		{"CreateOutputAMI", "CreateImage", 0.68},
		{"TerminateBuildInstance", "TerminateInstance", 0.7},
	}},
	{"TEST", "test-image", 0.7, []plannedStep{
		{"LaunchTestInstance", "LaunchInstance", 0.74},
		{"ApplyTestComponents", "ExecuteComponents", 0.82},
		{"TerminateTestInstance", "TerminateInstance", 0.84},
	}},
}

func (v View) workflowID(planned plannedWorkflow) string { return "wf-" + v.id(planned.kind) }

// Workflows returns the workflows that have started, the latest first.
func (v View) Workflows() []Workflow {
	var workflows []Workflow
	if !v.makesImage() {
		return nil
	}
	for _, planned := range plannedWorkflows {
		if v.done() < planned.from {
			break
		}
		workflows = append([]Workflow{v.workflow(planned)}, workflows...)
	}
	return workflows
}

func (v View) workflow(planned plannedWorkflow) Workflow {
	workflow := Workflow{
		ID: v.workflowID(planned), Type: planned.kind, Status: "RUNNING", Started: v.when(planned.from),
		ARN: v.arn("imagebuilder", "workflow/"+planned.kind+"/"+planned.name+"/1.0.3/1"),
	}
	from := planned.from
	for _, one := range planned.steps {
		step := WorkflowStep{ID: "step-" + v.id(one.name), Name: one.name, Action: one.action, Status: "PENDING"}
		switch done := v.done(); {
		case done >= one.until:
			step.Status, step.Started, step.Ended = "COMPLETED", v.when(from), v.when(one.until)
		case done >= from && v.imageHasFailed():
			step.Status, step.Message, step.Started, step.Ended = failed, v.failure(), v.when(from), v.fateAt()
			workflow.Status, workflow.Message, workflow.Ended = failed, v.failure(), v.fateAt()
		case done >= from:
			step.Status, step.Started = "RUNNING", v.when(from)
		}
		workflow.Steps = append(workflow.Steps, step)
		from = one.until
	}
	if v.done() >= from {
		workflow.Status, workflow.Ended = "COMPLETED", v.when(from)
	}
	return workflow
}

// fateDone returns the part of the run that is done when its fate takes effect.
func (v View) fateDone() float64 { return v.atTime(v.fateAt()).done() }

// failedWorkflow returns the workflow that runs when the run's fate takes effect.
func (v View) failedWorkflow() plannedWorkflow {
	last := plannedWorkflows[0]
	for _, planned := range plannedWorkflows {
		if v.fateDone() >= planned.from {
			last = planned
		}
	}
	return last
}

// failsInComponent reports whether the workflow step that fails is one that applies components.
func (v View) failsInComponent() bool {
	done, from := v.fateDone(), v.failedWorkflow().from
	for _, step := range v.failedWorkflow().steps {
		if done >= from && done < step.until {
			return step.action == "ExecuteComponents"
		}
		from = step.until
	}
	return false
}
