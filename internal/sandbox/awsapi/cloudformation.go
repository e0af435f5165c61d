package awsapi

import (
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

type stack struct {
	ID      string    `xml:"StackId"`
	Name    string    `xml:"StackName"`
	Created time.Time `xml:"CreationTime"`
	Status  string    `xml:"StackStatus"`
	// DisableRollback is in every response of AWS, and some clients require it.
	DisableRollback bool          `xml:"DisableRollback"`
	Outputs         []stackOutput `xml:"Outputs>member"`
}

type stackOutput struct {
	Key   string `xml:"OutputKey"`
	Value string `xml:"OutputValue"`
}

// cloudFormation handles a call in the query protocol, whose parameters are a form and whose responses are XML.
func (h *Handler) cloudFormation(w http.ResponseWriter, _ *http.Request, call Call) {
	if call.Operation != "DescribeStacks" {
		WriteError(w, call, http.StatusBadRequest, "InvalidAction",
			"Could not find operation "+call.Operation+": the sandbox supports DescribeStacks only")
		return
	}
	id := "arn:aws:cloudformation:" + call.region + ":" + accountID + ":stack/" + h.StackName + "/" + requestID
	if name := call.parameters.Get("StackName"); name != "" && name != h.StackName && !strings.EqualFold(name, id) {
		WriteError(w, call, http.StatusBadRequest, "ValidationError", "Stack with id "+name+" does not exist")
		return
	}
	described := stack{
		ID: id, Name: h.StackName, Status: "CREATE_COMPLETE",
		Created: time.Date(2024, time.January, 1, 0, 0, 0, 0, time.UTC),
	}
	outputs := h.Outputs(call.host)
	for _, key := range slices.Sorted(maps.Keys(outputs)) {
		described.Outputs = append(described.Outputs, stackOutput{key, outputs[key]})
	}
	writeXML(w, http.StatusOK, struct {
		XMLName   xml.Name `xml:"http://cloudformation.amazonaws.com/doc/2010-05-15/ DescribeStacksResponse"`
		Stacks    []stack  `xml:"DescribeStacksResult>Stacks>member"`
		RequestID string   `xml:"ResponseMetadata>RequestId"`
	}{Stacks: []stack{described}, RequestID: requestID})
}
