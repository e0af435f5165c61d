package awsapi

import (
	"encoding/xml"
	"net/http"
	"strings"
)

// callerARN is who everybody is to the sandbox, which checks no signature.
const callerARN = "arn:aws:sts::" + accountID + ":assumed-role/sandbox/anybody"

// securityTokens answers the query protocol of STS.
func (h *Handler) securityTokens(w http.ResponseWriter, _ *http.Request, call Call) {
	if call.Operation != "GetCallerIdentity" {
		WriteError(w, call, http.StatusBadRequest, "InvalidAction",
			"Could not find operation "+call.Operation+": the sandbox answers GetCallerIdentity only")
		return
	}
	writeXML(w, http.StatusOK, struct {
		XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
		ARN       string   `xml:"GetCallerIdentityResult>Arn"`
		UserID    string   `xml:"GetCallerIdentityResult>UserId"`
		Account   string   `xml:"GetCallerIdentityResult>Account"`
		RequestID string   `xml:"ResponseMetadata>RequestId"`
	}{ARN: callerARN, UserID: "AROASANDBOXSANDBOX:anybody", Account: accountID, RequestID: requestID})
}

// WriteDenied answers as the service of the call does where a permission is missing.
func WriteDenied(w http.ResponseWriter, call Call) {
	action := call.Service + ":" + call.Operation
	status, code := http.StatusBadRequest, "AccessDeniedException"
	switch call.Service {
	case CloudFormation, STS:
		status, code = http.StatusForbidden, "AccessDenied"
	case S3:
		status, code = http.StatusForbidden, "AccessDenied"
		action = strings.Replace(action, ":HeadObject", ":GetObject", 1)
	case ImageBuilder:
		status = http.StatusForbidden
	}
	if call.Service == S3 && call.Operation == "HeadObject" {
		w.WriteHeader(status) // an answer to HEAD has no body
		return
	}
	WriteError(w, call, status, code, "User: "+callerARN+" is not authorized to perform: "+action+
		" because no identity-based policy allows the "+action+" action")
}
