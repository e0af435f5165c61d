// Package awsapi serves the AWS calls that a client of the orchestrator makes in addition to its API:
//
//   - CloudFormation DescribeStacks and Secrets Manager GetSecretValue, to find the orchestrator and its API keys
//   - STS GetCallerIdentity
//   - S3 PutObject, GetObject, HeadObject and HeadBucket, for patch components and claims
//   - DynamoDB Query and GetItem on the look-up table of images, and STS AssumeRole for the role that may query it
//   - Step Functions DescribeExecution and GetExecutionHistory, Image Builder GetImage, ListWorkflowExecutions and
//     ListWorkflowStepExecutions, and CloudWatch Logs GetLogEvents, to see what runs behind an event
//
// It speaks the protocols of the services, so that every SDK and tool works with AWS_ENDPOINT_URL and any credentials
// and region. Signatures are not checked.
package awsapi

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/org/ami-action/internal/sandbox/store"
)

// The names of the services, as in signatures.
const (
	CloudFormation = "cloudformation"
	SecretsManager = "secretsmanager"
	S3             = "s3"
	DynamoDB       = "dynamodb"
	STS            = "sts"
)

const (
	accountID  = "123456789012"
	targetForm = "application/x-www-form-urlencoded"
)

// Handler serves AWS calls from the state in the store.
type Handler struct {
	Store *store.Store
	Now   func() time.Time
	// Settle carries out, in the transaction, everything that was due by the time until. nil is allowed.
	Settle func(tx *store.Tx, until time.Time) error
	// StackName is the name of the only stack. Outputs returns its outputs for a client whose request names the host.
	StackName string
	Outputs   func(host string) map[string]string
	// SecretPrefix is the prefix of the names of the API keys' secrets.
	SecretPrefix string
	// Bucket is the name of the only bucket.
	Bucket string
	// Table is the name of the look-up table of images. TableRole is the ARN of the role with which other accounts
	// may query it.
	Table, TableRole string

	// conditional holds the keys of the objects to which a conditional write is in progress.
	conditional sync.Map
}

// Call is a request that was recognised as an AWS call.
type Call struct {
	Service, Operation string
	region, host       string
	parameters         url.Values
	bucket, key        string
	body               []byte
}

// Route returns the name of the call in faults and in the request log, such as "s3 PutObject".
func (c Call) Route() string { return c.Service + " " + c.Operation }

// Recognise returns the AWS call that the request is, or false if it is none. It looks first at the signature, then for
// a header, an Action or a path of the services' protocols, then for a bucket in the host name or the path.
func (h *Handler) Recognise(r *http.Request, body []byte) (Call, bool) {
	call := Call{body: body, region: "us-east-1", host: r.Host}
	call.scope(r)
	target := r.Header.Get("X-Amz-Target")
	isForm := strings.HasPrefix(r.Header.Get("Content-Type"), targetForm) && r.URL.Path == "/"
	hostBucket := bucketOfHost(r.Host)
	switch {
	case call.Service != "":
	case strings.HasPrefix(target, SecretsManager+"."):
		call.Service = SecretsManager
	case strings.HasPrefix(target, dynamoDBTarget):
		call.Service = DynamoDB
	case serviceBehind(r) != "":
		call.Service = serviceBehind(r)
	case isForm && strings.Contains(string(body), "Action=GetCallerIdentity"):
		call.Service = STS
	case isForm && strings.Contains(string(body), "Action="), r.URL.Path == "/" && r.URL.Query().Has("Action"):
		call.Service = CloudFormation
	case hostBucket != "", r.URL.Path == "/"+h.Bucket, strings.HasPrefix(r.URL.Path, "/"+h.Bucket+"/"):
		call.Service = S3
	default:
		return Call{}, false
	}
	switch call.Service {
	case CloudFormation, STS:
		call.parameters, _ = url.ParseQuery(string(body))
		if !call.parameters.Has("Action") {
			call.parameters = r.URL.Query()
		}
		call.Operation = call.parameters.Get("Action")
	case SecretsManager, DynamoDB:
		_, call.Operation, _ = strings.Cut(target, ".")
	case StepFunctions, ImageBuilder, Logs:
		call.Operation = operationBehind(r)
	case S3:
		call.bucket, call.key = hostBucket, strings.TrimPrefix(r.URL.Path, "/")
		if hostBucket == "" {
			call.bucket, call.key, _ = strings.Cut(call.key, "/")
		}
		call.Operation = s3Operation(r, call.key)
	}
	return call, true
}

// scope sets the service and the region from the signature, in its header or in a presigned URL.
func (c *Call) scope(r *http.Request) {
	credential := r.URL.Query().Get("X-Amz-Credential")
	if _, after, found := strings.Cut(r.Header.Get("Authorization"), "Credential="); found {
		credential, _, _ = strings.Cut(after, ",")
	}
	parts := strings.Split(strings.TrimSpace(credential), "/")
	if n := len(parts); n >= 4 && parts[n-1] == "aws4_request" {
		c.Service = parts[n-2]
		if n >= 5 {
			c.region = parts[n-3]
		}
	}
}

// bucketOfHost returns the bucket of a virtual-hosted request, which is the part of the host name before .localhost or
// .127.0.0.1. It returns "" for any other host.
func bucketOfHost(host string) string {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	for _, suffix := range []string{".localhost", ".127.0.0.1"} {
		if bucket, found := strings.CutSuffix(name, suffix); found && bucket != "" {
			return bucket
		}
	}
	return ""
}

// Serve handles the call and writes the response.
func (h *Handler) Serve(w http.ResponseWriter, r *http.Request, call Call) {
	switch call.Service {
	case CloudFormation:
		h.cloudFormation(w, r, call)
	case STS:
		h.securityTokens(w, r, call)
	case SecretsManager:
		h.secretsManager(w, r, call)
	case S3:
		h.s3(w, r, call)
	case DynamoDB:
		h.dynamoDB(w, r, call)
	case StepFunctions, ImageBuilder, Logs:
		h.behind(w, r, call)
	default:
		WriteError(w, call, http.StatusBadRequest, "UnknownOperationException", "the sandbox has no "+call.Service+
			": it has cloudformation, secretsmanager, sts, s3, dynamodb, states, imagebuilder and logs")
	}
}

// settled calls read in a transaction in which everything due by now has happened. The transaction writes only if
// something was due.
func (h *Handler) settled(ctx context.Context, read func(*store.Tx) error) error {
	do := func(tx *store.Tx) error {
		if h.Settle != nil {
			if err := h.Settle(tx, h.Now().UTC()); err != nil {
				return err
			}
		}
		return read(tx)
	}
	err := h.Store.View(ctx, do)
	if errors.Is(err, store.ErrReadOnly) {
		err = h.Store.Update(ctx, do)
	}
	return err
}

// WriteError writes an error in the format of the call's protocol.
func WriteError(w http.ResponseWriter, call Call, status int, code, message string) {
	w.Header().Set("X-Amzn-Requestid", requestID)
	switch call.Service {
	case CloudFormation, STS:
		kind := "Sender"
		if status >= 500 {
			kind = "Receiver"
		}
		namespace := "http://cloudformation.amazonaws.com/doc/2010-05-15/"
		if call.Service == STS {
			namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
		}
		writeXML(w, status, struct {
			XMLName   xml.Name
			Type      string `xml:"Error>Type"`
			Code      string `xml:"Error>Code"`
			Message   string `xml:"Error>Message"`
			RequestID string `xml:"RequestId"`
		}{XMLName: xml.Name{Space: namespace, Local: "ErrorResponse"}, Type: kind, Code: code, Message: message, RequestID: requestID})
	case S3:
		writeXML(w, status, struct {
			XMLName   xml.Name `xml:"Error"`
			Code      string
			Message   string
			Resource  string
			RequestID string `xml:"RequestId"`
		}{Code: code, Message: message, Resource: "/" + call.bucket + "/" + call.key, RequestID: requestID})
	case DynamoDB:
		writeDynamoDB(w, status, map[string]string{"__type": dynamoDBTypes + code, "message": message})
	default:
		w.Header().Set("X-Amzn-Errortype", code)
		writeJSON(w, status, map[string]string{"__type": code, "message": message, "Message": message})
	}
}

// requestID is the id of every request. Nothing in the sandbox is looked up by it.
const requestID = "00000000-0000-4000-8000-000000000000"

func writeXML(w http.ResponseWriter, status int, value any) {
	body, err := xml.Marshal(value)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = w.Write(append([]byte(xml.Header), body...))
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
