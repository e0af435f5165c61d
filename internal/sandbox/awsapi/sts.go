package awsapi

import (
	"encoding/xml"
	"net/http"
	"strings"
	"time"
)

// callerARN is the identity of every caller, because the sandbox checks no signature.
const callerARN = "arn:aws:sts::" + accountID + ":assumed-role/sandbox/anybody"

// securityTokens handles a call to STS in the query protocol.
func (h *Handler) securityTokens(w http.ResponseWriter, _ *http.Request, call Call) {
	switch call.Operation {
	case "AssumeRole":
		h.assumeRole(w, call)
		return
	case "GetCallerIdentity":
	default:
		WriteError(w, call, http.StatusBadRequest, "InvalidAction",
			"Could not find operation "+call.Operation+": the sandbox supports GetCallerIdentity and AssumeRole only")
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

// assumedFor is how long the credentials of a role are valid.
const assumedFor = time.Hour

// assumeRole returns credentials of the only role, which may query the look-up table of images
// (docs/behind-the-document.md, "The look-up table of images").
func (h *Handler) assumeRole(w http.ResponseWriter, call Call) {
	role := call.parameters.Get("RoleArn")
	if role != h.TableRole {
		WriteError(w, call, http.StatusForbidden, "AccessDenied",
			"User: "+callerARN+" is not authorized to perform: sts:AssumeRole on resource: "+role)
		return
	}
	type assumed struct {
		AccessKeyID     string    `xml:"Credentials>AccessKeyId"`
		SecretAccessKey string    `xml:"Credentials>SecretAccessKey"`
		SessionToken    string    `xml:"Credentials>SessionToken"`
		Expiration      time.Time `xml:"Credentials>Expiration"`
		ARN             string    `xml:"AssumedRoleUser>Arn"`
		ID              string    `xml:"AssumedRoleUser>AssumedRoleId"`
	}
	writeXML(w, http.StatusOK, struct {
		XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ AssumeRoleResponse"`
		Result    assumed  `xml:"AssumeRoleResult"`
		RequestID string   `xml:"ResponseMetadata>RequestId"`
	}{
		Result: assumed{
			AccessKeyID: "ASIASANDBOXSANDBOX00", SecretAccessKey: "sandbox-role-secret", SessionToken: "sandbox-role-token",
			Expiration: h.Now().UTC().Add(assumedFor), ARN: role + "/" + call.parameters.Get("RoleSessionName"), ID: "AROASANDBOX:session",
		},
		RequestID: requestID,
	})
}

// WriteDenied responds as the service of the call does when a permission is missing.
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
		w.WriteHeader(status) // a response to HEAD has no body
		return
	}
	WriteError(w, call, status, code, "User: "+callerARN+" is not authorized to perform: "+action+
		" because no identity-based policy allows the "+action+" action")
}
