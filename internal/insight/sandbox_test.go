package insight_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/insight"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

// box is a sandbox whose clock the test sets, and a client of its API.
type box struct {
	*sandbox.Server
	t      *testing.T
	finder *deployment.Finder

	mu  sync.Mutex
	now time.Time
}

func startBox(t *testing.T, options sandbox.Options) *box {
	t.Helper()
	b := &box{t: t, now: time.Now().Add(-24 * time.Hour)}
	options.Dir, options.EventDuration, options.QueueDelay = t.TempDir(), 40*time.Minute, time.Second
	options.Now = func() time.Time {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.now
	}
	server, err := sandbox.Start(t.Context(), options)
	require.NoError(t, err)
	t.Cleanup(func() { _ = server.Close() })
	b.Server = server
	b.finder, err = deployment.New(deployment.Options{AWSEndpoint: server.URL()})
	require.NoError(t, err)
	return b
}

func (b *box) move(by time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(by)
}

func (b *box) do(method, url string, body []byte) []byte {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, url, bytes.NewReader(body))
	require.NoError(b.t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(b.t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(b.t, err)
	require.Equal(b.t, http.StatusOK, response.StatusCode, "%s", content)
	return content
}

// post sends a POST request to the API, with the key in the secret, and returns the lifecycle's id.
func (b *box) post(path, secret string, body map[string]any) string {
	b.t.Helper()
	key, err := b.finder.Key(b.t.Context(), secret)
	require.NoError(b.t, err)
	body["api_key"], body["stack_tag"] = key, "main"
	data, err := json.Marshal(body)
	require.NoError(b.t, err)
	var accepted struct {
		ID string `json:"lifecycle_id"`
	}
	require.NoError(b.t, json.Unmarshal(b.do(http.MethodPost, b.BaseURL()+path, data), &accepted))
	return accepted.ID
}

func events(phase lifecycle.Phase, all bool) []map[string]any {
	var list []map[string]any
	for i, event := range phase.Requestable() {
		list = append(list, map[string]any{"name": event, "enabled": all || i == 0})
	}
	return list
}

func requested(events []map[string]any) map[string]any {
	return map[string]any{
		"owner": "me", "product_ver": "1", "product_name": "Demo", "commit_ref": "0123abc", "events": events,
		"notifications": []map[string]string{{"method": "EMAIL", "target": "me@example.com"}},
	}
}

func (b *box) create(all bool) string {
	b.t.Helper()
	return b.post("/ami-creation/lifecycles", "ami_creation_post_api_key", requested(events(lifecycle.Creation, all)))
}

// approve certifies and approves a lifecycle whose requested events have ended.
func (b *box) approve(id string) {
	b.t.Helper()
	b.post("/ami-creation/lifecycles/"+id+"/certify", "ami_creation_qa_certification_key",
		map[string]any{"lifecycle_id": id, "certification_status": "CERTIFIED"})
	b.move(time.Minute)
	b.post("/ami-creation/lifecycles/"+id+"/approve", "ami_creation_mark_for_production_key",
		map[string]any{"lifecycle_id": id, "approval_status": "APPROVED"})
}

func (b *box) patch(id string, component []byte) {
	b.t.Helper()
	location := sandbox.Bucket + "/" + id + "/component.yaml"
	b.do(http.MethodPut, b.URL()+"/"+location, component)
	body := requested(events(lifecycle.Patching, false))
	body["lifecycle_id"] = id
	body["properties"] = map[string]string{
		"patch_component_url": "s3://" + location, "patch_change_description": "", "semver_bump_type": "PATCH",
	}
	b.post("/ami-patch/lifecycles", "ami_patch_post_api_key", body)
}

// event returns the lifecycle's event in progress, in the form that a Watcher takes.
func (b *box) event(id string) insight.Event {
	b.t.Helper()
	key, err := b.finder.Key(b.t.Context(), "ami_creation_status_api_key")
	require.NoError(b.t, err)
	document, err := lifecycle.Decode(b.do(http.MethodGet, b.BaseURL()+"/ami-creation/lifecycles/"+id+"/status?api_key="+key, nil))
	require.NoError(b.t, err)
	require.NotNil(b.t, document.Running)
	require.Empty(b.t, document.Running.Status, "the document knows nothing")
	running := document.Running
	return insight.Event{LifecycleID: id, Name: running.Name, ExecutionARN: running.ExecutionARN, Started: running.Started.Time}
}

// look examines the event once, with a new Watcher.
func (b *box) look(event insight.Event) insight.Report {
	b.t.Helper()
	return insight.New(insight.Options{AWS: b.finder.AWS}).Look(b.t.Context(), event)
}

func TestABuildThatGoesWellShowsWhereItIs(t *testing.T) {
	t.Parallel()
	b := startBox(t, sandbox.Options{})
	event := b.event(b.create(false))
	report := b.look(event)
	assert.Equal(t, "RUNNING", report.Execution.Status)
	assert.Equal(t, "Start Image Builder pipeline", report.State.Name)
	assert.Nil(t, report.Image)
	assert.Nil(t, report.Final)

	b.move(15 * time.Minute)
	report = b.look(event)
	assert.Equal(t, "Poll AMI status", report.State.Name)
	assert.Equal(t, [2]int{3, 5}, [2]int{report.State.Number, report.State.Total})
	require.NotNil(t, report.Image)
	assert.Equal(t, "BUILDING", report.Image.Status)
	step := report.RunningStep()
	require.NotNil(t, step)
	assert.Equal(t, "ApplyBuildComponents", step.Name)
	assert.Equal(t, 7*time.Minute, step.Took(b.now).Round(time.Second))
	assert.Empty(t, report.Log, "nobody needs it")
	assert.Nil(t, report.Final)
	assert.Empty(t, report.Blocking)
	assert.Empty(t, report.Notes)
}

func TestAFailedBuildIsExplained(t *testing.T) {
	t.Parallel()
	b := startBox(t, sandbox.Options{FailBehind: []lifecycle.Event{lifecycle.BuildAMI}})
	event := b.event(b.create(false))
	b.move(21 * time.Minute)
	report := b.look(event)
	final := report.Final
	require.NotNil(t, final)
	assert.Equal(t, insight.ImageFailed, final.Kind)
	assert.Equal(t, "FAILED", final.Status)
	assert.Regexp(t, `^the image build-recipe 1.0.0/\d+ is FAILED in EC2 Image Builder$`, final.What)
	assert.Contains(t, final.Reason, "component/build-component/1.0.0/1 failed!")
	assert.Equal(t, "ApplyBuildComponents", final.WorkflowStep.Name)
	require.NotNil(t, final.Component)
	assert.Equal(t, "build", final.Component.Phase)
	assert.Equal(t, "InstallPackages", final.Component.Step)
	assert.Equal(t, 1, final.Component.ExitCode)
	assert.Equal(t, "Error: Unable to find a match: htpd", final.Component.Stderr)
	assert.Equal(t, "ApplyBuildComponents, phase build, step InstallPackages, exit code 1", final.Where())
	assert.Contains(t, final.Hint, "AMI_CREATE")
	assert.True(t, final.Holds(time.Now()), "at once")
	assert.LessOrEqual(t, len(report.Log), insight.LogLines)
	assert.Contains(t, report.Log, "CmdExecution: ExitCode 1")
	assert.Equal(t, "https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/"+event.ExecutionARN, report.Links.Execution)
	assert.Regexp(t, `^https://us-east-1.console.aws.amazon.com/imagebuilder/home\?region=us-east-1#/images/arn%3Aaws%3Aimagebuilder%3Aus-east-1%3A123456789012%3Aimage%2Fbuild-recipe%2F1.0.0%2F\d+/details$`, report.Links.Image)
	assert.Regexp(t, `#logsV2:log-groups/log-group/\$252Faws\$252Fimagebuilder\$252Fbuild-recipe/log-events/1.0.0\$252F\d+$`, report.Links.Log)
}

func TestAFailedPatchNamesTheStepOfItsComponent(t *testing.T) {
	t.Parallel()
	component, err := os.ReadFile("../../examples/failing_component.yaml")
	require.NoError(t, err)
	b := startBox(t, sandbox.Options{})
	id := b.create(true)
	b.move(3 * time.Hour)
	b.approve(id)
	b.move(time.Hour)
	b.patch(id, component)
	event := b.event(id)
	b.move(25 * time.Minute)
	report := b.look(event)
	require.NotNil(t, report.Final)
	require.NotNil(t, report.Final.Component)
	assert.Equal(t, "StopHere", report.Final.Component.Step)
	assert.Equal(t, 1, report.Final.Component.ExitCode)
	assert.True(t, strings.HasPrefix(report.Image.Name, "AMI-PATCH-LC-"+id), "%s", report.Image.Name)
	assert.Contains(t, report.Final.Hint, "AMI_PATCH")
	require.NotEmpty(t, report.Log, "its group is named after the image, not as its ARN writes it")

	b.move(2 * time.Hour)
	report = b.look(event)
	assert.NotNil(t, report.Final, "a look that begins late sees it too")
	assert.Equal(t, "Poll AMI status", report.State.Name, "the state machine goes on to ask")
}

func TestWhatFailsBehindOtherEvents(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		options sandbox.Options
		kind    insight.Kind
		status  string
		holds   bool
	}{
		"an export":                        {sandbox.Options{FailBehind: []lifecycle.Event{lifecycle.QACertificationRequest}}, insight.ExportFailed, "DELETED", true},
		"a backup":                         {sandbox.Options{FailBehind: []lifecycle.Event{lifecycle.MarkForProductionCreate}}, insight.BackupFailed, "FAILED", true},
		"a scan":                           {sandbox.Options{FailBehind: []lifecycle.Event{lifecycle.VulnerabilityScansCreate}}, insight.ScanUnsupported, "UNSUPPORTED_OS", true},
		"smoke tests that time out":        {sandbox.Options{FailBehind: []lifecycle.Event{lifecycle.SmokeTestsCreate}}, insight.ExecutionEnded, "TIMED_OUT", false},
		"an execution that a person stops": {sandbox.Options{Abort: []lifecycle.Event{lifecycle.SmokeTestsCreate}}, insight.ExecutionEnded, "ABORTED", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := startBox(t, test.options)
			id := b.create(true)
			b.move(3 * time.Hour)
			if test.kind == insight.BackupFailed {
				b.approve(id)
				b.move(time.Hour)
			}
			report := b.look(b.event(id))
			require.NotNil(t, report.Final, "%+v", report)
			assert.Equal(t, test.kind, report.Final.Kind)
			assert.Equal(t, test.status, report.Final.Status)
			assert.NotEmpty(t, report.Final.What)
			assert.NotEmpty(t, report.Final.Hint)
			assert.True(t, report.Final.Holds(time.Now().Add(insight.Grace)))
			if test.holds {
				assert.True(t, report.Final.HoldsFrom.IsZero())
			}
		})
	}
}

func TestTheBuildLogIsFollowed(t *testing.T) {
	t.Parallel()
	b := startBox(t, sandbox.Options{FailBehind: []lifecycle.Event{lifecycle.BuildAMI}})
	event := b.event(b.create(false))
	b.move(12 * time.Minute)
	w := insight.New(insight.Options{AWS: b.finder.AWS})
	assert.Empty(t, w.BuildLog(t.Context(), event), "no image is known")
	w.Look(t.Context(), event)
	chunk := w.BuildLog(t.Context(), event)
	assert.Contains(t, chunk.Lines, "Started step ApplyBuildComponents with action ExecuteComponents")
	assert.Zero(t, chunk.Omitted)
	b.move(time.Hour)
	assert.Empty(t, w.BuildLog(t.Context(), event), "a minute has not passed")
}

// Whatever AWS refuses, the wait does not fail, and the report says nothing about that part.
func TestWhatIsRefusedIsNotSeen(t *testing.T) {
	t.Parallel()
	b := startBox(t, sandbox.Options{FailBehind: []lifecycle.Event{lifecycle.BuildAMI}})
	event := b.event(b.create(false))
	b.move(time.Hour)
	fault := func(route string, status int, code string) {
		body := `{"__type": "` + code + `", "message": "no"}`
		data, err := json.Marshal(map[string]any{
			"route": route, "times": -1, "status": status, "body": body, "headers": map[string]string{"X-Amzn-Errortype": code},
		})
		require.NoError(t, err)
		b.do(http.MethodPost, b.URL()+"/_sandbox/faults", data)
	}
	fault("logs GetLogEvents", 400, "AccessDeniedException")
	report := b.look(event)
	require.NotNil(t, report.Final, "the image tells enough")
	assert.Empty(t, report.Log)
	assert.Nil(t, report.Final.Component)
	assert.Equal(t, []string{"Optional permissions are missing: allow logs:GetLogEvents (the build's log) to see more details"}, report.Notes)

	fault("imagebuilder GetImage", 403, "AccessDeniedException")
	report = b.look(event)
	require.NotNil(t, report.Final, "the state machine has heard of it")
	assert.Equal(t, "FAILED", report.Final.Status)
	assert.Len(t, report.Notes, 1)

	fault("states GetExecutionHistory", 400, "AccessDeniedException")
	fault("states DescribeExecution", 400, "AccessDeniedException")
	report = b.look(event)
	assert.Nil(t, report.Final)
	assert.Equal(t, []string{"Optional permissions are missing: allow " +
		"states:DescribeExecution (whether the execution still runs), " +
		"states:GetExecutionHistory (the state it is in, the image it builds) to see more details"}, report.Notes)
}
