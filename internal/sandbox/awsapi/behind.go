package awsapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/sandbox/behind"
	"github.com/org/ami-action/internal/sandbox/store"
)

// The names, as in signatures, of the services that show what runs behind an event.
const (
	StepFunctions = "states"
	ImageBuilder  = "imagebuilder"
	Logs          = "logs"
)

// targets maps the prefix of the header X-Amz-Target, which names the operation, to its service.
var targets = map[string]string{"AWSStepFunctions": StepFunctions, "Logs_20140328": Logs}

// imageBuilderPaths are the paths of Image Builder's operations. Each is the operation's name.
var imageBuilderPaths = []string{"/GetImage", "/ListWorkflowExecutions", "/ListWorkflowStepExecutions"}

// serviceBehind returns the service that a request without a signature is for, or "" if it is none of these.
func serviceBehind(r *http.Request) string {
	prefix, _, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if service := targets[prefix]; service != "" {
		return service
	}
	if slices.Contains(imageBuilderPaths, r.URL.Path) {
		return ImageBuilder
	}
	return ""
}

// operationBehind returns the name of the operation of a request to one of these services.
func operationBehind(r *http.Request) string {
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return operation
	}
	return strings.Trim(r.URL.Path, "/")
}

// refusal is an error that is returned in the format of AWS, with this status, code and message.
type refusal struct {
	status        int
	code, message string
}

func (r refusal) Error() string { return r.code + ": " + r.message }

func refuse(code, format string, arguments ...any) error {
	return refusal{http.StatusBadRequest, code, fmt.Sprintf(format, arguments...)}
}

// behind handles a call to one of these services. Everything that is due happens first, so that the response agrees with
// the lifecycle's document.
func (h *Handler) behind(w http.ResponseWriter, r *http.Request, call Call) {
	handlers := map[string]func(*store.Tx, *http.Request, []byte) (any, error){
		"states DescribeExecution":                h.describeExecution,
		"states GetExecutionHistory":              h.executionHistory,
		"imagebuilder GetImage":                   h.image,
		"imagebuilder ListWorkflowExecutions":     h.workflowExecutions,
		"imagebuilder ListWorkflowStepExecutions": h.workflowStepExecutions,
		"logs GetLogEvents":                       h.logEvents,
	}
	handle, ok := handlers[call.Route()]
	if !ok {
		WriteError(w, call, http.StatusBadRequest, "UnknownOperationException", "the sandbox has no operation "+call.Route())
		return
	}
	var value any
	err := h.settled(r.Context(), func(tx *store.Tx) (err error) {
		value, err = handle(tx, r, call.body)
		return err
	})
	if refused, ok := errors.AsType[refusal](err); ok {
		WriteError(w, call, refused.status, refused.code, refused.message)
		return
	}
	if err != nil {
		WriteError(w, call, http.StatusInternalServerError, "InternalFailure", err.Error())
		return
	}
	writeJSON(w, http.StatusOK, value)
}

// request reads the input of a call. Unknown members are ignored.
func request(body []byte, into any) error {
	if len(body) == 0 {
		return nil
	}
	if json.Unmarshal(body, into) != nil {
		return refuse("SerializationException", "the request is not of the expected form")
	}
	return nil
}

// find returns the view, at the present time, of the first run that matches, or nil if none does.
func (h *Handler) find(tx *store.Tx, matches func(behind.View) bool) (found *behind.View, err error) {
	err = tx.Runs(func(run *store.Run) error {
		if view := behind.Of(run, h.Now()); found == nil && matches(view) {
			found = &view
		}
		return nil
	})
	return found, err
}
