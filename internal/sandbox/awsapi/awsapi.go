// Package awsapi answers the calls to AWS that a client of the orchestrator makes in addition to its API: CloudFormation
// DescribeStacks and Secrets Manager GetSecretValue to find it, STS GetCallerIdentity, S3 PutObject, GetObject and
// HeadObject for patch components, DynamoDB Query and GetItem for the look-up table of images, and STS AssumeRole for the
// role that may query it. It speaks the protocols of the services, so that any SDK or tool in any language works with
// AWS_ENDPOINT_URL, with any credentials and region: no signature is checked.
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

// The services, by the names that signatures use.
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

// Handler answers AWS calls from what is in the store.
type Handler struct {
	Store *store.Store
	Now   func() time.Time
	// Settle makes all happen in a transaction that was due by then.
	Settle func(tx *store.Tx, until time.Time) error
	// Outputs returns the outputs of the stack, for a client that has found the sandbox under that host.
	StackName string
	Outputs   func(host string) map[string]string
	// SecretPrefix goes before the names of the API keys.
	SecretPrefix string
	// Bucket is the only bucket there is.
	Bucket string
	// Table is the look-up table of images, TableRole the ARN of the role with which other accounts may query it.
	Table, TableRole string

	// conditional holds the keys of the objects that a conditional write is under way to.
	conditional sync.Map
}

// Call is an AWS call, recognised.
type Call struct {
	Service, Operation string
	region, host       string
	parameters         url.Values
	bucket, key        string
	body               []byte
}

// Route is the call's name in faults and in the log of requests, such as "s3 PutObject".
func (c Call) Route() string { return c.Service + " " + c.Operation }

// Recognise finds out whether the request is an AWS call, and which: by its signature, by the headers of
// the protocol, by a bucket in the host's name or at the start of the path.
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

// scope reads the service and the region out of the signature, in its header or in a presigned URL.
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

// bucketOfHost returns the bucket of a virtual-hosted request: what stands before .localhost, or before
// the address of an interface.
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

// Serve answers the call.
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
			": it answers cloudformation, secretsmanager, sts, s3, dynamodb, states, imagebuilder and logs")
	}
}

// settled calls read in a transaction in which all that was due has happened. It changes something only
// where something was due.
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

// WriteError answers an error in the form of the call's protocol.
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

// requestID stands where AWS names the request: nothing can be looked up by it here.
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
