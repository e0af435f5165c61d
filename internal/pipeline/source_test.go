package pipeline_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/pipeline"
)

func TestAForkIsToldByItsEvent(t *testing.T) {
	ours := `{"number": 12, "pull_request": {"head": {"repo": {"full_name": "org/images"}}}}`
	forks := `{"number": 12, "pull_request": {"head": {"repo": {"full_name": "mallory/images"}}}}`
	deleted := `{"number": 12, "pull_request": {"head": {"repo": null}}}`
	for _, c := range []struct {
		name, event, ref, head string
		want                   pipeline.Source
		tag                    string
	}{
		{"ours", ours, "refs/pull/12/merge", "fix", pipeline.Source{Branch: "fix", Request: "pr-12"}, "fix"},
		{"a fork's", forks, "refs/pull/12/merge", "production", pipeline.Source{Branch: "production", IsFork: true, Request: "pr-12"}, "pr-12"},
		{"a fork's, in the base branch's context", forks, "refs/heads/main", "x", pipeline.Source{Branch: "x", IsFork: true, Request: "pr-12"}, "pr-12"},
		{"a deleted fork's", deleted, "refs/pull/12/merge", "x", pipeline.Source{Branch: "x", IsFork: true, Request: "pr-12"}, "pr-12"},
		{"an event that is not JSON", "{", "refs/pull/7/merge", "x", pipeline.Source{Branch: "x", Request: "pr-7"}, "x"},
		{"an event without a pull request", `{"number": 3}`, "refs/pull/3/merge", "main", pipeline.Source{Branch: "main", IsFork: true, Request: "pr-3"}, "pr-3"},
		{"an event that is too large", forks + strings.Repeat(" ", 25<<20), "refs/pull/12/merge", "main", pipeline.Source{Branch: "main", IsFork: true, Request: "pr-12"}, "pr-12"},
		{"an invalid number", `{}`, "refs/pull/x;y/merge", "main", pipeline.Source{Branch: "main", IsFork: true}, "fork-main"},
	} {
		t.Run(c.name, func(t *testing.T) {
			event := filepath.Join(t.TempDir(), "event.json")
			require.NoError(t, os.WriteFile(event, []byte(c.event), 0o600))
			p := newPlace(t, append(gitHub(), "GITHUB_EVENT_PATH="+event, "GITHUB_REF="+c.ref, "GITHUB_HEAD_REF="+c.head, "GITHUB_BASE_REF=main")...)
			assert.Equal(t, c.want, p.Source())
			assert.Equal(t, c.tag, p.Implied().StackTag)
		})
	}
}

func TestAJobsIdentityIsThatOfItsStepsAndAttempts(t *testing.T) {
	of := func(environ []string, more ...string) string {
		return newPlace(t, append(environ, more...)...).JobIdentity()
	}
	github, gitlab := of(gitHub()), of(gitLab())
	for _, same := range []string{"GITHUB_RUN_ATTEMPT=2", "GITHUB_ACTION=other", "GITHUB_ACTOR=other", "GITHUB_RUN_NUMBER=9"} {
		assert.Equal(t, github, of(gitHub(), same), same)
	}
	for _, other := range []string{"GITHUB_RUN_ID=1", "GITHUB_JOB=other", "GITHUB_REPOSITORY=org/other", "GITHUB_WORKFLOW=other", `INPUT_MATRIX={"os":"a"}`} {
		assert.NotEqual(t, github, of(gitHub(), other), other)
	}
	assert.Equal(t, gitlab, of(gitLab(), "CI_JOB_ID=2"))
	for _, other := range []string{"CI_PIPELINE_ID=1", "CI_JOB_NAME=other", "CI_PROJECT_ID=1", "CI_NODE_INDEX=2"} {
		assert.NotEqual(t, gitlab, of(gitLab(), other), other)
	}
	assert.Empty(t, of(nil))
	assert.NotEqual(t, newPlace(t, gitHub()...).Identity(), newPlace(t, append(gitHub(), "GITHUB_ACTION=other")...).Identity())

	assert.False(t, newPlace(t, gitHub()...).DistinguishesMatrixJobs(), "a run: step")
	assert.True(t, newPlace(t, append(gitHub(), "INPUT_MATRIX=null")...).DistinguishesMatrixJobs(), "the action, without a matrix")
	assert.True(t, newPlace(t, gitLab()...).DistinguishesMatrixJobs())
}

func TestWhatCannotBeHandedOnIsKnownBefore(t *testing.T) {
	for _, c := range []struct {
		environ []string
		says    string
	}{
		{append(gitHub(), "GITHUB_OUTPUT=/nonexistent/x"), "GITHUB_OUTPUT"},
		{append(gitHub(), "GITHUB_OUTPUT=$DIR"), "GITHUB_OUTPUT"},
		{append(gitHub(), "GITHUB_OUTPUT=/dev/stderr"), "GITHUB_OUTPUT"},
		{append(gitHub(), "GITHUB_STEP_SUMMARY=$DIR"), "GITHUB_STEP_SUMMARY"},
		{append(gitHub(), "GITHUB_STEP_SUMMARY=/proc/x"), "GITHUB_STEP_SUMMARY"},
		{append(gitLab(), "AMI_DOTENV_FILE=/tmp/x.env"), "AMI_DOTENV_FILE"},
		{append(gitLab(), "AMI_DOTENV_FILE=../x.env"), "AMI_DOTENV_FILE"},
		{append(gitLab(), "CI_PROJECT_DIR=/proc"), "dotenv report"},
	} {
		assert.ErrorContains(t, newPlace(t, c.environ...).CheckOutputs(), c.says)
	}
	for _, environ := range [][]string{gitHub(), gitLab(), nil, append(gitHub(), "GITHUB_OUTPUT=", "GITHUB_STEP_SUMMARY=/dev/null")} {
		p := newPlace(t, environ...)
		require.NoError(t, p.CheckOutputs())
		entries, err := os.ReadDir(p.dir)
		require.NoError(t, err)
		assert.Empty(t, entries, "a check leaves nothing behind")
	}
}

func TestALargeValueIsAFile(t *testing.T) {
	p := newPlace(t, gitHub()...)
	large := `[{"region":"` + strings.Repeat("x", 64<<10) + `"}]`
	require.NoError(t, p.SetOutput("lifecycle_id", "id"))
	assert.Empty(t, p.read(t, pipeline.ResultFile), "no file in a checkout that nobody needs")
	require.NoError(t, p.SetOutput("amis", large))
	require.NoError(t, p.SetOutput("status", "COMPLETED"))
	output := p.read(t, "output")
	assert.NotContains(t, output, "amis<<")
	assert.Regexp(t, `result_file<<\S+\nami-lifecycle\.json\n`, output)
	assert.JSONEq(t, `{"lifecycle_id":"id","amis":`+large+`,"result_file":"ami-lifecycle.json","status":"COMPLETED"}`, p.read(t, pipeline.ResultFile))
}
