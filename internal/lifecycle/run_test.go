package lifecycle_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

func TestEveryRunThatLeftItsIDsIsFoundOnce(t *testing.T) {
	document, err := lifecycle.Decode([]byte(`{"lifecycle_id":"x","commit_ref":"abc",
		"properties":{"GITHUB_RUN_URL":"https://github.com/org/images/actions/runs/7","GITHUB_RUN_ID":"7","GITHUB_WORKFLOW":"images",
			"GITHUB_ACTOR":"octocat","GITHUB_SHA":"abc",
			"GITHUB_RUN_URL_8_1_test":"https://github.com/org/images/actions/runs/8","GITHUB_RUN_ID_8_1_test":"8","other":"https://host/"},
		"outputs_ami_creation":{"events":[{"name":"QA_CERTIFICATION_RESPONSE","status":"COMPLETED","certification_status":"CERTIFIED",
			"properties":{"GITLAB_PIPELINE_URL_9_qa":"https://gitlab.com/org/images/-/pipelines/9","GITLAB_PIPELINE_ID_9_qa":"9","GITLAB_COMMIT_SHA_9_qa":"def"}}]},
		"inputs_ami_patch":{"properties":{"GITHUB_RUN_URL_7_1_patch":"https://github.com/org/images/actions/runs/7"}}}`))
	require.NoError(t, err)
	assert.Equal(t, []lifecycle.Run{
		{Title: "images #7", URL: "https://github.com/org/images/actions/runs/7", Actor: "octocat", Commit: "abc",
			CommitURL: "https://github.com/org/images/commit/abc"},
		{Title: "Workflow run #8", URL: "https://github.com/org/images/actions/runs/8"},
		{Title: "Pipeline #9", URL: "https://gitlab.com/org/images/-/pipelines/9", Commit: "def",
			CommitURL: "https://gitlab.com/org/images/-/commit/def"},
	}, document.Runs())
	assert.Equal(t, "https://github.com/org/images/commit/abc", document.CommitURL())
	document.CommitRef = "another"
	assert.Empty(t, document.CommitURL(), "only the run that ran for the commit knows its repository")
}

func TestAResultTellsWhoRecordedIt(t *testing.T) {
	for properties, by := range map[string]string{
		`{"GITHUB_ACTOR_8_1_qa": "octocat", "GITHUB_RUN_URL_8_1_qa": "https://github.com/org/images/actions/runs/8"}`: "octocat https://github.com/org/images/actions/runs/8",
		`{"GITLAB_USER_LOGIN": "ada", "GITLAB_JOB_URL": "https://gitlab.com/org/images/-/jobs/9",
			"GITLAB_PIPELINE_URL": "https://gitlab.com/org/images/-/pipelines/3"}`: "ada https://gitlab.com/org/images/-/jobs/9",
		`{"GITHUB_ACTOR": "octocat"}`:                 "octocat",
		`{"GITLAB_JOB_URL": "https://host/-/jobs/9"}`: "https://host/-/jobs/9",
		`{"NOTE": "octocat"}`:                         "",
		`{}`:                                          "",
	} {
		document, err := lifecycle.Decode(fmt.Appendf(nil, `{"lifecycle_id": "x", "outputs_ami_creation": {"events": [
			{"name": "QA_CERTIFICATION_RESPONSE", "status": "FAILED", "certification_status": "FAILED", "properties": %s}]}}`, properties))
		require.NoError(t, err)
		assert.Equal(t, by, document.ResultOf(lifecycle.QACertificationResponse).RecordedBy(), properties)
	}
}
