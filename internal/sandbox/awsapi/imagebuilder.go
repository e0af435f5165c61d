package awsapi

import (
	"net/http"
	"time"

	"github.com/org/ami-action/internal/sandbox/behind"
	"github.com/org/ami-action/internal/sandbox/store"
)

// imageView returns the view of the run that makes the image. For an unknown image the error is a [refusal].
func (h *Handler) imageView(tx *store.Tx, arn string) (*behind.View, error) {
	view, err := h.find(tx, func(view behind.View) bool { return arn != "" && view.ImageARN() == arn })
	if err == nil && view == nil {
		err = refusal{http.StatusNotFound, "ResourceNotFoundException", "The resource that you specified, '" + arn + "', does not exist."}
	}
	return view, err
}

// image handles GetImage.
func (h *Handler) image(tx *store.Tx, r *http.Request, _ []byte) (any, error) {
	view, err := h.imageView(tx, r.URL.Query().Get("imageBuildVersionArn"))
	if err != nil {
		return nil, err
	}
	image := view.Image()
	state := map[string]any{"status": image.Status}
	if image.Reason != "" {
		state["reason"] = image.Reason
	}
	return map[string]any{
		"requestId": requestID,
		"image": map[string]any{
			"arn": image.ARN, "type": "AMI", "name": image.Name, "version": image.Version, "platform": "Linux",
			"dateCreated": image.Created.Format(time.RFC3339), "state": state,
		},
	}, nil
}

// workflowExecutions handles ListWorkflowExecutions. All workflows fit on one page.
func (h *Handler) workflowExecutions(tx *store.Tx, _ *http.Request, body []byte) (any, error) {
	var input struct{ ImageBuildVersionArn string } //nolint:revive // the name of the protocol
	if err := request(body, &input); err != nil {
		return nil, err
	}
	view, err := h.imageView(tx, input.ImageBuildVersionArn)
	if err != nil {
		return nil, err
	}
	executions := []map[string]any{}
	for _, one := range view.Workflows() {
		counts := map[string]int{}
		for _, step := range one.Steps {
			counts[step.Status]++
		}
		execution := map[string]any{
			"workflowBuildVersionArn": one.ARN, "workflowExecutionId": one.ID, "type": one.Type, "status": one.Status,
			"message": one.Message, "totalStepCount": len(one.Steps), "totalStepsSucceeded": counts["COMPLETED"],
			"totalStepsFailed": counts["FAILED"], "totalStepsSkipped": 0,
		}
		addTimes(execution, one.Started, one.Ended)
		executions = append(executions, execution)
	}
	return map[string]any{
		"requestId": requestID, "imageBuildVersionArn": input.ImageBuildVersionArn, "workflowExecutions": executions,
	}, nil
}

// workflowStepExecutions handles ListWorkflowStepExecutions. All steps fit on one page.
func (h *Handler) workflowStepExecutions(tx *store.Tx, _ *http.Request, body []byte) (any, error) {
	var input struct{ WorkflowExecutionID string }
	if err := request(body, &input); err != nil {
		return nil, err
	}
	var workflow behind.Workflow
	view, err := h.find(tx, func(view behind.View) bool {
		for _, one := range view.Workflows() {
			if one.ID == input.WorkflowExecutionID {
				workflow = one
				return true
			}
		}
		return false
	})
	if err != nil {
		return nil, err
	}
	if view == nil {
		return nil, refusal{http.StatusNotFound, "ResourceNotFoundException",
			"The workflow execution '" + input.WorkflowExecutionID + "' does not exist."}
	}
	steps := []map[string]any{}
	for _, one := range workflow.Steps {
		step := map[string]any{"stepExecutionId": one.ID, "name": one.Name, "action": one.Action, "status": one.Status, "message": one.Message}
		addTimes(step, one.Started, one.Ended)
		steps = append(steps, step)
	}
	return map[string]any{
		"requestId": requestID, "workflowExecutionId": workflow.ID, "workflowBuildVersionArn": workflow.ARN,
		"imageBuildVersionArn": view.ImageARN(), "steps": steps,
	}, nil
}

func addTimes(object map[string]any, started, ended time.Time) {
	if !started.IsZero() {
		object["startTime"] = started.Format(time.RFC3339Nano)
	}
	if !ended.IsZero() {
		object["endTime"] = ended.Format(time.RFC3339Nano)
	}
}
