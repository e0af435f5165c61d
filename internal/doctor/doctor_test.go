package doctor_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/doctor"
	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/permission"
	"github.com/org/ami-action/internal/sandbox"
)

// patient returns a doctor for a sandbox with these faults.
func patient(t *testing.T, faults string) *doctor.Doctor {
	t.Helper()
	server, err := sandbox.Start(t.Context(), sandbox.Options{Dir: t.TempDir(), EventDuration: time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	if faults != "" {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL()+"/_sandbox/faults", strings.NewReader(faults))
		require.NoError(t, err)
		response, err := http.DefaultClient.Do(request)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Less(t, response.StatusCode, 300)
	}
	finder, err := deployment.New(deployment.Options{AWSEndpoint: server.URL()})
	require.NoError(t, err)
	return &doctor.Doctor{
		Deployment: finder, Orchestrator: orchestrator.New(finder, orchestrator.Options{}),
		Insight: insight.New(insight.Options{AWS: finder.AWS}),
		Place:   permission.Place{Stack: "AmiLifecycle", KeyPrefix: "/ami-lifecycle/api-keys/"}, StackTag: "main",
	}
}

// of returns the finding with that name.
func of(t *testing.T, findings []doctor.Finding, name string) doctor.Finding {
	t.Helper()
	for _, finding := range findings {
		if finding.Name == name {
			return finding
		}
	}
	require.Fail(t, "there is no finding", "%s in\n%s", name, doctor.Text(findings))
	return doctor.Finding{}
}

func TestAllIsThereInTheSandbox(t *testing.T) {
	findings := patient(t, "").Examine(t.Context())
	for _, finding := range findings {
		if strings.HasPrefix(finding.Name, "AMI_TIMELINE") {
			assert.Equal(t, doctor.Unknown, finding.Status, "there is no lifecycle to try it with")
			continue
		}
		assert.Equal(t, doctor.OK, finding.Status, finding.Name)
		assert.Empty(t, finding.Hint, finding.Name)
	}
	assert.Contains(t, of(t, findings, "AWS credentials").Detail, "arn:aws:sts::123456789012:")
}

// For each missing permission there is a statement that grants it, filled in with the known names.
func TestAMissingPermissionComesWithItsStatement(t *testing.T) {
	tests := []struct {
		route, contains string
		name            string
		action          string
		resource        string
	}{
		{"secretsmanager GetSecretValue", "ami_patch_post_api_key", "API key ami_patch_post_api_key", "secretsmanager:GetSecretValue", "arn:aws:secretsmanager:us-east-1:123456789012:secret:/ami-lifecycle/api-keys/ami_patch_post_api_key-??????"},
		{"s3 PutObject", "", "Claims", "s3:PutObject", "arn:aws:s3:::" + sandbox.Bucket + "/ami-action/*"},
		{"s3 HeadObject", "", "Earlier patch components", "s3:ListBucket", "arn:aws:s3:::" + sandbox.Bucket},
		{"dynamodb Query", "", "Look-up table of images", "dynamodb:Query", "arn:aws:dynamodb:us-east-1:123456789012:table/TABLE/index/stack_tag_index"},
		{"states GetExecutionHistory", "", "states:GetExecutionHistory", "states:GetExecutionHistory", "arn:aws:states:us-east-1:123456789012:execution:*"},
		{"logs GetLogEvents", "", "logs:GetLogEvents", "logs:GetLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/imagebuilder/*"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fault, err := json.Marshal(map[string]any{"route": test.route, "contains": test.contains, "deny": true, "times": 20})
			require.NoError(t, err)
			findings := patient(t, string(fault)).Examine(t.Context())
			finding := of(t, findings, test.name)
			assert.Equal(t, doctor.Missing, finding.Status)
			require.NotNil(t, finding.Statement, finding.Detail)
			assert.Contains(t, finding.Statement.Action, test.action)
			assert.Contains(t, finding.Statement.Resource, test.resource)
			assert.Contains(t, doctor.Text(findings), finding.Statement.String())
			missing := 0
			for _, other := range findings {
				if other.Status == doctor.Missing {
					missing++
				}
			}
			assert.Equal(t, 1, missing, "nothing else is\n%s", doctor.Text(findings))
		})
	}
}

func TestAListThatIsRefusedIsNotOK(t *testing.T) {
	findings := patient(t, `{"route": "GET /ami-creation/lifecycles/status", "status": 500, "body": "{\"error\": \"'NoneType' object is not subscriptable\"}", "times": 20}`).Examine(t.Context())
	finding := of(t, findings, "Orchestrator API")
	assert.Equal(t, doctor.Missing, finding.Status)
	assert.True(t, finding.Required)
	assert.Contains(t, finding.Hint, "over 240 minutes")
}

// nowhere is a deployment whose region and identity cannot be found, if the errors are set.
type nowhere struct {
	doctor.Deployment
	region, identity error
}

func (n nowhere) Region(context.Context) (string, error) { return "eu-west-1", n.region }

func (n nowhere) Identity(context.Context) (deployment.Identity, error) {
	return deployment.Identity{}, n.identity
}

func TestWithoutARegionOrCredentialsNothingElseIsAskedFor(t *testing.T) {
	noRegion := &deployment.Error{Subject: "the AWS region", Reason: "none is configured", Hint: "set AWS_REGION"}
	findings := (&doctor.Doctor{Deployment: nowhere{region: noRegion}}).Examine(t.Context())
	assert.Equal(t, []doctor.Finding{{Name: "AWS region", Status: doctor.Missing, Required: true, Detail: "the AWS region: none is configured", Hint: "set AWS_REGION", Err: noRegion}}, findings)

	findings = (&doctor.Doctor{Deployment: nowhere{identity: context.DeadlineExceeded}}).Examine(t.Context())
	require.Len(t, findings, 2)
	assert.Equal(t, doctor.Unknown, findings[1].Status, "there was no response")
}

// Items are required if the operations that must be possible need them.
func TestOnlyWhatTheOperationsNeedIsRequired(t *testing.T) {
	required := func(d *doctor.Doctor) (names []string) {
		for _, finding := range d.Examine(t.Context()) {
			if finding.Required {
				names = append(names, finding.Name)
			}
		}
		return names
	}
	always := []string{"AWS region", "AWS credentials", "API endpoint", "API key ami_creation_status_api_key", "Orchestrator API"}
	d := patient(t, "")
	assert.ElementsMatch(t, always, required(d))
	d.For = []lifecycle.Operation{lifecycle.ApprovalCreate}
	assert.ElementsMatch(t, append(always, "API key ami_creation_mark_for_production_key"), required(d))
	d.For = []lifecycle.Operation{lifecycle.Patch, lifecycle.Select}
	assert.ElementsMatch(t, append(always, "API key ami_patch_post_api_key", "Bucket", "Earlier patch components", "Look-up table of images"), required(d))
	d.For, d.ClaimsRequired = nil, true
	assert.ElementsMatch(t, append(always, "Bucket", "Claims"), required(d))
}

// cheating is a deployment whose store ignores the conditions of claims.
type cheating struct{ doctor.Deployment }

func (cheating) Prove(context.Context) error { return errors.New("the store ignores If-None-Match") }

func TestAStoreThatIgnoresConditionsIsNamed(t *testing.T) {
	d := patient(t, "")
	d.Deployment = cheating{d.Deployment}
	finding := of(t, d.Examine(t.Context()), "Claims")
	assert.Equal(t, doctor.Missing, finding.Status)
	assert.Contains(t, finding.Detail, "ignores If-None-Match")
	assert.Nil(t, finding.Statement, "no permission is missing")
}

// The summary shows the findings unchanged, even if a detail contains Markdown.
func TestTheSummaryIsOneBlock(t *testing.T) {
	markdown := doctor.Markdown([]doctor.Finding{{Name: "API endpoint", Status: doctor.Missing, Detail: "~~~ <script> | ![x](y)"}})
	lines := strings.Split(strings.TrimSpace(markdown), "\n")
	assert.Equal(t, "~~~~text", lines[2])
	assert.Equal(t, "~~~~", lines[len(lines)-1])
}
