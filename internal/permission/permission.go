// Package permission holds the table of the IAM actions that the command uses. The policy statements in the documentation
// are tested against it.
package permission

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/location"
)

// Use is a purpose of permissions. Its value is the Sid of the statement.
type Use string

// The uses. Every operation needs the first two.
const (
	Find    Use = "FindTheOrchestrator"
	Keys    Use = "ReadAPIKeys"
	Upload  Use = "UploadPatchComponents"
	Claims  Use = "WriteClaims"
	Insight Use = "BehindTheDocument"
	Select  Use = "SelectImages"
)

// Uses returns all uses, in the order in which a policy lists them.
func Uses() []Use { return []Use{Find, Keys, Upload, Claims, Insight, Select} }

// Permission is an IAM action that the command uses.
type Permission struct {
	// Action is the name of the action in IAM, such as s3:PutObject.
	Action string
	Use    Use
	// Resources are the ARNs of the resources, with the placeholders of [Place].
	Resources []string
	// Reason says what the command uses the action for.
	Reason string
}

// table lists all permissions. The resources are the smallest set that each action needs.
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

// Place holds the names of a deployment for the resources of a statement. An unknown name stays a placeholder in capitals,
// as in the documentation: REGION, ACCOUNT, STACK, SECRET or BUCKET. The table of images is always TABLE, and an unknown
// partition becomes aws.
type Place struct {
	Partition, Region, Account string
	// Stack is the name of the CloudFormation stack.
	Stack string
	// KeyPrefix is the prefix of the names of the secrets. Secrets are the names without it.
	KeyPrefix string
	Secrets   []string
	Bucket    string
}

// Statement is a statement in an IAM policy.
type Statement struct {
	Sid      string   `json:"Sid,omitempty"`
	Effect   string   `json:"Effect"`
	Action   []string `json:"Action"`
	Resource []string `json:"Resource"`
}

// StatementOf returns the statement that grants the permissions in the place. Its Sid is the use of the first permission.
// An empty list gives a statement without actions.
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

// fill returns a resource with its placeholders replaced. If it has the placeholder SECRET, there is one for each secret.
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
		panic("permission: a statement cannot be marshalled: " + err.Error()) // it has only strings
	}
	return string(text)
}
