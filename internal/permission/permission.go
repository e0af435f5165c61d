// Package permission holds the IAM actions that the command asks for: the one table that the statements of the
// documentation are tested against.
package permission

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/location"
)

// Use is what permissions are for. Its text is the statement's Sid.
type Use string

// The uses. The first two are needed by every operation.
const (
	Find    Use = "FindTheOrchestrator"
	Keys    Use = "ReadAPIKeys"
	Upload  Use = "UploadPatchComponents"
	Claims  Use = "WriteClaims"
	Insight Use = "BehindTheDocument"
	Select  Use = "SelectImages"
)

// Uses returns all uses, in the order in which a policy shows them.
func Uses() []Use { return []Use{Find, Keys, Upload, Claims, Insight, Select} }

// Permission is an action that is asked for.
type Permission struct {
	// Action is the action as IAM writes it, such as s3:PutObject.
	Action string
	Use    Use
	// Resources are the resources that it is asked for, with the placeholders of [Place].
	Resources []string
	// Reason says what the command does with it.
	Reason string
}

// table is the table. Its resources are the least that each action needs.
var table = []Permission{
	{"cloudformation:DescribeStacks", Find, []string{"arn:PARTITION:cloudformation:REGION:ACCOUNT:stack/STACK/*"}, "finds the API and the bucket in the stack's outputs"},
	{"secretsmanager:GetSecretValue", Keys, []string{"arn:PARTITION:secretsmanager:REGION:ACCOUNT:secret:PREFIXSECRET-??????"}, "reads the API key of an operation"},
	{"s3:PutObject", Upload, []string{"arn:PARTITION:s3:::BUCKET/*"}, "uploads a patch component"},
	{"s3:GetObject", Upload, []string{"arn:PARTITION:s3:::BUCKET/*"}, "sees whether an earlier attempt of the job has uploaded its component"},
	{"s3:ListBucket", Upload, []string{"arn:PARTITION:s3:::BUCKET"}, "tells a missing upload from a denied one"},
	{"s3:PutObject", Claims, []string{"arn:PARTITION:s3:::BUCKET/" + location.ClaimPrefix + "*"}, "writes a claim"},
	{"s3:GetObject", Claims, []string{"arn:PARTITION:s3:::BUCKET/" + location.ClaimPrefix + "*"}, "reads who holds a claim, and replaces a certain version of one"},
	{"states:DescribeExecution", Insight, []string{"arn:PARTITION:states:REGION:ACCOUNT:execution:*"}, "sees an execution that was aborted, failed, or timed out"},
	{"states:GetExecutionHistory", Insight, []string{"arn:PARTITION:states:REGION:ACCOUNT:execution:*"}, "shows the state, finds the image, sees failed exports, backups and scans"},
	{"imagebuilder:GetImage", Insight, []string{"arn:PARTITION:imagebuilder:REGION:ACCOUNT:image/*"}, "sees that the build has failed, and why"},
	{"imagebuilder:ListWorkflowExecutions", Insight, []string{"arn:PARTITION:imagebuilder:REGION:ACCOUNT:image/*"}, "finds the workflow of the build"},
	{"imagebuilder:ListWorkflowStepExecutions", Insight, []string{"arn:PARTITION:imagebuilder:REGION:ACCOUNT:workflow-execution/*"}, "names the step that runs, or that failed"},
	{"logs:GetLogEvents", Insight, []string{"arn:PARTITION:logs:REGION:ACCOUNT:log-group:/aws/imagebuilder/*"}, "shows the end of the build's log"},
	{"dynamodb:Query", Select, []string{"arn:PARTITION:dynamodb:REGION:ACCOUNT:table/TABLE/index/stack_tag_index"}, "finds the images of a stack tag in the look-up table, and lifecycles that are missing from a list that was cut"},
}

// Of returns the permissions of the uses, in the order of the table.
func Of(uses ...Use) []Permission {
	return slices.DeleteFunc(slices.Clone(table), func(p Permission) bool { return !slices.Contains(uses, p.Use) })
}

// Place is where the orchestrator is. What is not known stands in capitals in its place, as in a document:
// REGION, ACCOUNT, BUCKET, TABLE.
type Place struct {
	Partition, Region, Account string
	// Stack is the name of the CloudFormation stack.
	Stack string
	// KeyPrefix begins the names of the secrets, and Secrets are the names without it.
	KeyPrefix string
	Secrets   []string
	Bucket    string
}

// Statement is a statement of an IAM policy.
type Statement struct {
	Sid      string   `json:"Sid,omitempty"`
	Effect   string   `json:"Effect"`
	Action   []string `json:"Action"`
	Resource []string `json:"Resource"`
}

// StatementOf returns the statement that allows the permissions in the place. An empty list allows nothing.
func StatementOf(place Place, permissions []Permission) Statement {
	statement := Statement{Effect: "Allow"}
	for i, permission := range permissions {
		if i == 0 {
			statement.Sid = string(permission.Use)
		}
		if !slices.Contains(statement.Action, permission.Action) {
			statement.Action = append(statement.Action, permission.Action)
		}
		for _, resource := range permission.Resources {
			for _, filled := range place.fill(resource) {
				if !slices.Contains(statement.Resource, filled) {
					statement.Resource = append(statement.Resource, filled)
				}
			}
		}
	}
	return statement
}

// fill returns a resource with its placeholders filled in, once for each secret where it names one.
func (p Place) fill(resource string) []string {
	secrets := p.Secrets
	if !strings.Contains(resource, "SECRET") || len(secrets) == 0 {
		secrets = []string{"SECRET"}
	}
	filled := make([]string, 0, len(secrets))
	for _, secret := range secrets {
		filled = append(filled, strings.NewReplacer(
			"PARTITION", cmp.Or(p.Partition, "aws"), "REGION", cmp.Or(p.Region, "REGION"), "ACCOUNT", cmp.Or(p.Account, "ACCOUNT"),
			"STACK", cmp.Or(p.Stack, "STACK"), "PREFIX", p.KeyPrefix, "SECRET", secret,
			"BUCKET", cmp.Or(p.Bucket, "BUCKET"),
		).Replace(resource))
	}
	return filled
}

// String returns the statement as JSON on one line.
func (s Statement) String() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic("permission: a statement cannot be marshalled: " + err.Error()) // our own type
	}
	return string(text)
}
