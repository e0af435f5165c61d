package awsapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/org/ami-action/internal/sandbox/behind"
	"github.com/org/ami-action/internal/sandbox/store"
)

// defaultResults and maxResults are how many events one page of a history holds by default and at most.
const (
	defaultResults = 100
	maxResults     = 1000
)

// execution returns the view of the run with the execution's ARN. For an unknown ARN the error is a [refusal].
func (h *Handler) execution(tx *store.Tx, arn string) (behind.View, error) {
	run, err := tx.Run(arn)
	switch {
	case err != nil:
		return behind.View{}, err
	case !strings.HasPrefix(arn, "arn:"):
		return behind.View{}, refuse("InvalidArn", "Invalid Arn: 'Invalid ARN prefix: %s'", arn)
	case run == nil:
		return behind.View{}, refuse("ExecutionDoesNotExist", "Execution Does Not Exist: '%s'", arn)
	}
	return behind.Of(run, h.Now()), nil
}

// describeExecution handles DescribeExecution. Times are in seconds since 1970, as the protocol requires.
func (h *Handler) describeExecution(tx *store.Tx, _ *http.Request, body []byte) (any, error) {
	var input struct{ ExecutionArn string } //nolint:revive // the name of the protocol
	if err := request(body, &input); err != nil {
		return nil, err
	}
	view, err := h.execution(tx, input.ExecutionArn)
	if err != nil {
		return nil, err
	}
	execution := view.Execution()
	text, err := json.Marshal(execution.Input)
	if err != nil {
		return nil, err
	}
	response := map[string]any{
		"executionArn": execution.ARN, "stateMachineArn": execution.StateMachine, "name": execution.Name,
		"status": execution.Status, "startDate": seconds(execution.Started), "input": string(text),
		"inputDetails": map[string]any{"included": true}, "redriveCount": 0, "redriveStatus": "NOT_REDRIVABLE",
	}
	if !execution.Stopped.IsZero() {
		response["stopDate"] = seconds(execution.Stopped)
	}
	if execution.Error != "" {
		response["error"] = execution.Error
	}
	if execution.Cause != "" {
		response["cause"] = execution.Cause
	}
	return response, nil
}

func seconds(at time.Time) float64 { return float64(at.UnixMilli()) / 1000 }

// executionHistory handles GetExecutionHistory. It returns one page.
func (h *Handler) executionHistory(tx *store.Tx, _ *http.Request, body []byte) (any, error) {
	input := struct {
		ExecutionArn         string //nolint:revive // the name of the protocol
		MaxResults           int
		ReverseOrder         bool
		IncludeExecutionData *bool
		NextToken            string
	}{}
	if err := request(body, &input); err != nil {
		return nil, err
	}
	view, err := h.execution(tx, input.ExecutionArn)
	if err != nil {
		return nil, err
	}
	if input.MaxResults < 0 || input.MaxResults > maxResults {
		return nil, refuse("ValidationException", "maxResults must be from 0 to %d", maxResults)
	}
	size := input.MaxResults
	if size == 0 {
		size = defaultResults
	}
	events := view.History()
	if input.ReverseOrder {
		slices.Reverse(events)
	}
	from := 0
	if input.NextToken != "" {
		// The token is the id of the first event of the page, so that it stays valid in both orders while the history
		// grows.
		number, err := strconv.Atoi(input.NextToken)
		if err != nil || number < 0 {
			return nil, refuse("InvalidToken", "Invalid Token: '%s'", input.NextToken)
		}
		from = slices.IndexFunc(events, func(e behind.HistoryEvent) bool { return e.ID == number })
		if from < 0 {
			return nil, refuse("InvalidToken", "Invalid Token: '%s'", input.NextToken)
		}
	}
	page := events[from:min(from+size, len(events))]
	response := map[string]any{"events": wireEvents(page, input.IncludeExecutionData == nil || *input.IncludeExecutionData)}
	if rest := events[from+len(page):]; len(rest) > 0 {
		response["nextToken"] = strconv.Itoa(rest[0].ID)
	}
	return response, nil
}

// wireEvents returns the events in the form of the protocol, with details in a member named after the event's type.
// Without withData it leaves the input and output of states out.
func wireEvents(events []behind.HistoryEvent, withData bool) []map[string]any {
	wire := make([]map[string]any, 0, len(events))
	for _, event := range events {
		one := map[string]any{
			"id": event.ID, "previousEventId": event.Previous, "type": event.Type, "timestamp": seconds(event.Time),
		}
		details, member := map[string]any{}, ""
		switch {
		case strings.HasSuffix(event.Type, "StateEntered"):
			member, details["name"] = "stateEnteredEventDetails", event.State
			addData(details, "input", event.Data, withData)
		case strings.HasSuffix(event.Type, "StateExited"):
			member, details["name"] = "stateExitedEventDetails", event.State
			addData(details, "output", event.Data, withData)
		case event.Type == "ExecutionStarted":
			member = "executionStartedEventDetails"
			addData(details, "input", event.Data, withData)
		case event.Type == "ExecutionFailed", event.Type == "ExecutionTimedOut", event.Type == "ExecutionAborted":
			member = "e" + event.Type[1:] + "EventDetails"
			details["error"], details["cause"] = event.Error, event.Cause
		}
		if member != "" {
			one[member] = details
		}
		wire = append(wire, one)
	}
	return wire
}

func addData(details map[string]any, member, data string, withData bool) {
	if withData && data != "" {
		details[member] = data
	}
	details[member+"Details"] = map[string]any{"truncated": false}
}
