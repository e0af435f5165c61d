package awsapi

import (
	"encoding/xml"
	"net/http"
	"time"
)

// assumedFor is how long the credentials of a role count.
const assumedFor = time.Hour

// sts answers the query protocol. The only role is the one that may query the look-up table of images
// (docs/behind-the-document.md, "The look-up table of images").
func (h *Handler) sts(w http.ResponseWriter, _ *http.Request, call Call) {
	role := call.parameters.Get("RoleArn")
	switch {
	case call.Operation != "AssumeRole":
		WriteError(w, call, http.StatusBadRequest, "InvalidAction",
			"Could not find operation "+call.Operation+": the sandbox answers AssumeRole only")
		return
	case role != h.TableRole:
		WriteError(w, call, http.StatusForbidden, "AccessDenied", "User is not authorized to perform: sts:AssumeRole on resource: "+role)
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
