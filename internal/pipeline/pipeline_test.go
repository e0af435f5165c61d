package pipeline_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/joboutput"
	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/redact"
)

const canary = "cAnArY0123456789abcdefGHIJKLmn"

// place is a Pipeline under test, with its output and its directory.
type place struct {
	*pipeline.Pipeline
	dir            string
	stdout, stderr bytes.Buffer
	width          int
}

func newPlace(t *testing.T, environ ...string) *place {
	t.Helper()
	return newPlaceOfWidth(t, 0, environ...)
}

// newPlaceOfWidth is like newPlace, but stderr is a terminal of that many columns. A width of 0 means no terminal.
func newPlaceOfWidth(t *testing.T, width int, environ ...string) *place {
	t.Helper()
	p := &place{dir: t.TempDir(), width: width}
	for i, entry := range environ {
		environ[i] = strings.ReplaceAll(entry, "$DIR", p.dir)
	}
	p.Pipeline = pipeline.Detect(environ, pipeline.Options{
		Stdout: &p.stdout, Stderr: &p.stderr, Redactor: redact.New(), Dir: p.dir,
		Width: func() (int, bool) { return p.width, p.width > 0 },
		Now:   func() time.Time { return time.Unix(1_700_000_000, 0) },
	})
	return p
}

func (p *place) read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(p.dir, name))
	if os.IsNotExist(err) {
		return ""
	}
	require.NoError(t, err)
	return string(content)
}

// everything returns all output: both streams and every file.
func (p *place) everything(t *testing.T) string {
	t.Helper()
	all := p.stdout.String() + p.stderr.String()
	entries, err := os.ReadDir(p.dir)
	require.NoError(t, err)
	for _, entry := range entries {
		all += p.read(t, entry.Name())
	}
	return all
}

func gitHub() []string {
	return []string{
		"GITHUB_ACTIONS=true", "GITHUB_ACTOR=octocat", "GITHUB_SHA=0123456789abcdef0123456789abcdef01234567",
		"GITHUB_REF=refs/heads/Feature/ABC_1", "GITHUB_REF_NAME=Feature/ABC_1", "GITHUB_REF_TYPE=branch",
		"GITHUB_REPOSITORY=org/images", "GITHUB_RUN_ID=42", "GITHUB_RUN_ATTEMPT=1", "GITHUB_RUN_NUMBER=7",
		"GITHUB_WORKFLOW=Build \"images\"", "GITHUB_JOB=create-it", "GITHUB_ACTION=__org_ami-action",
		"GITHUB_SERVER_URL=https://ghes.example.com", "GITHUB_WORKSPACE=$DIR",
		"GITHUB_OUTPUT=$DIR/output", "GITHUB_STEP_SUMMARY=$DIR/summary",
	}
}

func gitLab() []string {
	return []string{
		"GITLAB_CI=true", "CI_PROJECT_DIR=$DIR", "CI_PROJECT_ID=9", "CI_PROJECT_PATH=group/images",
		"CI_SERVER_URL=https://gitlab.example.com", "CI_PIPELINE_ID=1001",
		"CI_PIPELINE_URL=https://gitlab.example.com/group/images/-/pipelines/1001",
		"CI_JOB_ID=5005", "CI_JOB_NAME=create: [a]", "CI_JOB_URL=https://gitlab.example.com/group/images/-/jobs/5005",
		"CI_COMMIT_SHA=0123456789abcdef0123456789abcdef01234567", "CI_COMMIT_REF_NAME=Feature/ABC_1",
		"CI_COMMIT_REF_SLUG=feature-abc-1", "GITLAB_USER_LOGIN=ada",
	}
}

func places() map[string][]string {
	return map[string][]string{"github": gitHub(), "gitlab": gitLab(), "local": nil}
}

func TestEachPlaceIsRecognised(t *testing.T) {
	for name, environ := range places() {
		assert.Equal(t, name, newPlace(t, environ...).Name())
	}
	assert.Equal(t, "local", newPlace(t, "CI=true", "GITHUB_ACTIONS=false", "GITLAB_CI=").Name())
}

func TestNoSecretLeavesByAnyWay(t *testing.T) {
	for name, environ := range places() {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, environ...)
			p.width = 80
			p.Mask(canary)
			masks := p.stderr.String()
			p.stderr.Reset()
			if name == "github" {
				assert.Equal(t, "::add-mask::"+canary+"\n", masks)
			} else {
				assert.Empty(t, masks)
			}

			text := "https://host/x?api_key=" + canary + " and {\"api_key\": \"unknownCANARY0123456789\"} " + canary
			for _, output := range joboutput.All() {
				require.NoError(t, p.SetOutput(output.Name, text))
			}
			p.Group(text)
			p.Say(pipeline.Success, text)
			p.Annotate(pipeline.Annotation{Level: pipeline.Error, Title: text, Message: text, File: canary + ".yaml", Line: 1})
			_ = p.Link(pipeline.Link{Title: text, URL: "https://host/?api_key=" + canary})
			p.Live(text)
			_, err := p.Stderr().Write([]byte(text[:40]))
			require.NoError(t, err)
			_, err = p.Stderr().Write([]byte(text[40:]))
			require.NoError(t, err)
			require.NoError(t, p.Close())

			assert.NotContains(t, p.everything(t), canary)
			assert.NotContains(t, p.everything(t), "unknownCANARY")
			assert.Contains(t, p.everything(t), redact.Placeholder)
		})
	}
}

func TestShortTextIsNeverMasked(t *testing.T) {
	p := newPlace(t, gitHub()...)
	p.Mask("")
	p.Mask("dev")
	assert.Empty(t, p.stderr.String())
}

func TestWhatAPlaceImplies(t *testing.T) {
	const sha = "0123456789abcdef0123456789abcdef01234567"
	tests := []struct {
		name    string
		environ []string
		want    pipeline.Implied
	}{
		{"GitHub branch", gitHub(), pipeline.Implied{Owner: "octocat", StackTag: "feature-abc-1", CommitRef: sha}},
		{"GitHub pull request", append(gitHub(), "GITHUB_REF_NAME=12/merge", "GITHUB_HEAD_REF=fix/It"),
			pipeline.Implied{Owner: "octocat", StackTag: "fix-it", CommitRef: sha}},
		{"GitHub pull request of a fork's own main", append(gitHub(), "GITHUB_REF_NAME=12/merge", "GITHUB_REF=refs/pull/12/merge", "GITHUB_HEAD_REF=main", "GITHUB_BASE_REF=main"),
			pipeline.Implied{Owner: "octocat", StackTag: "pr-12", CommitRef: sha}},
		{"GitHub pull request of a fork, without a number", append(gitHub(), "GITHUB_REF_NAME=main", "GITHUB_HEAD_REF=Main", "GITHUB_BASE_REF=main"),
			pipeline.Implied{Owner: "octocat", StackTag: "fork-main", CommitRef: sha}},
		{"GitLab merge request of a fork", append(gitLab(), "CI_MERGE_REQUEST_IID=12", "CI_MERGE_REQUEST_PROJECT_ID=9", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID=10"),
			pipeline.Implied{Owner: "ada", StackTag: "mr-12", CommitRef: sha}},
		{"GitLab merge request of the project", append(gitLab(), "CI_MERGE_REQUEST_IID=12", "CI_MERGE_REQUEST_PROJECT_ID=9", "CI_MERGE_REQUEST_SOURCE_PROJECT_ID=9"),
			pipeline.Implied{Owner: "ada", StackTag: "feature-abc-1", CommitRef: sha}},
		{"GitHub pull request of a fork's branch with the base's name", append(gitHub(), "GITHUB_REF=refs/pull/12/merge",
			"GITHUB_REF_NAME=12/merge", "GITHUB_HEAD_REF=main", "GITHUB_BASE_REF=main"),
			pipeline.Implied{Owner: "octocat", StackTag: "pr-12", CommitRef: sha}},
		{"GitHub pull request of a fork's branch with the base's stack tag", append(gitHub(), "GITHUB_REF=refs/pull/12/merge",
			"GITHUB_REF_NAME=12/merge", "GITHUB_HEAD_REF=Main", "GITHUB_BASE_REF=main"),
			pipeline.Implied{Owner: "octocat", StackTag: "pr-12", CommitRef: sha}},
		{"GitHub branch without Latin letters", append(gitHub(), "GITHUB_REF_NAME=機能/画像"),
			pipeline.Implied{Owner: "octocat", StackTag: "branch-3e11155f", CommitRef: sha}},
		{"GitLab branch without Latin letters", append(gitLab(), "CI_COMMIT_REF_SLUG=", "CI_COMMIT_REF_NAME=機能/画像"),
			pipeline.Implied{Owner: "ada", StackTag: "branch-3e11155f", CommitRef: sha}},
		{"GitLab merge request of a fork", append(gitLab(), "CI_MERGE_REQUEST_IID=12", "CI_MERGE_REQUEST_PROJECT_ID=7",
			"CI_MERGE_REQUEST_SOURCE_PROJECT_ID=8", "CI_COMMIT_REF_SLUG=main", "CI_COMMIT_REF_NAME=main"),
			pipeline.Implied{Owner: "ada", StackTag: "mr-12", CommitRef: sha}},
		{"GitLab merge request", append(gitLab(), "CI_MERGE_REQUEST_IID=12", "CI_MERGE_REQUEST_PROJECT_ID=7",
			"CI_MERGE_REQUEST_SOURCE_PROJECT_ID=7", "CI_COMMIT_REF_SLUG=fix", "CI_COMMIT_REF_NAME=fix"),
			pipeline.Implied{Owner: "ada", StackTag: "fix", CommitRef: sha}},
		{"GitHub tag", append(gitHub(), "GITHUB_REF_NAME=v1.2.3-rc.1", "GITHUB_REF_TYPE=tag"),
			pipeline.Implied{Owner: "octocat", StackTag: "v1-2-3-rc-1", CommitRef: sha, ProductVer: "1.2.3-rc.1"}},
		{"GitHub tag that is not a version", append(gitHub(), "GITHUB_REF_NAME=nightly", "GITHUB_REF_TYPE=tag"),
			pipeline.Implied{Owner: "octocat", StackTag: "nightly", CommitRef: sha}},
		{"GitHub branch that looks like a version", append(gitHub(), "GITHUB_REF_NAME=1.2.3"),
			pipeline.Implied{Owner: "octocat", StackTag: "1-2-3", CommitRef: sha}},
		{"GitLab branch", gitLab(), pipeline.Implied{Owner: "ada", StackTag: "feature-abc-1", CommitRef: sha}},
		{"GitLab tag", append(gitLab(), "CI_COMMIT_TAG=v2.0", "CI_COMMIT_REF_SLUG=v2-0"),
			pipeline.Implied{Owner: "ada", StackTag: "v2-0", CommitRef: sha, ProductVer: "2.0"}},
		{"long branch", append(gitLab(), "CI_COMMIT_REF_SLUG=", "CI_COMMIT_REF_NAME=-"+strings.Repeat("Ä", 61)+"-x"),
			pipeline.Implied{Owner: "ada", StackTag: "branch-9c7aabfe", CommitRef: sha}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, newPlace(t, test.environ...).Implied())
		})
	}
}

func TestPropertiesAreTheIdsOfTheDesign(t *testing.T) {
	assert.Equal(t, map[string]string{
		"GITHUB_RUN_ID": "42", "GITHUB_RUN_ATTEMPT": "1", "GITHUB_REPOSITORY": "org/images",
		"GITHUB_WORKFLOW": "Build 'images'", "GITHUB_JOB": "create-it", "GITHUB_ACTOR": "octocat",
		"GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567", "GITHUB_REF": "refs/heads/Feature/ABC_1",
		"GITHUB_RUN_URL": "https://ghes.example.com/org/images/actions/runs/42",
	}, newPlace(t, gitHub()...).Properties())
	assert.Equal(t, map[string]string{
		"GITLAB_PIPELINE_ID": "1001", "GITLAB_PIPELINE_URL": "https://gitlab.example.com/group/images/-/pipelines/1001",
		"GITLAB_JOB_ID": "5005", "GITLAB_JOB_URL": "https://gitlab.example.com/group/images/-/jobs/5005",
		"GITLAB_PROJECT_PATH": "group/images", "GITLAB_COMMIT_SHA": "0123456789abcdef0123456789abcdef01234567",
		"GITLAB_REF": "Feature/ABC_1", "GITLAB_USER_LOGIN": "ada",
	}, newPlace(t, gitLab()...).Properties())
	assert.Empty(t, newPlace(t).Properties())
}

func TestPropertiesCannotPoisonTheServer(t *testing.T) {
	p := newPlace(t, append(gitHub(), "GITHUB_WORKFLOW=a\"b\\c\nd\x1b[0m\x00", "GITHUB_SERVER_URL=")...)
	assert.Equal(t, "a'b/c d␛[0m␀", p.Properties()["GITHUB_WORKFLOW"])
	assert.NotContains(t, p.Properties(), "GITHUB_RUN_URL", "no host is assumed")
}

func TestIdentityOutlivesARerunAndTellsJobsApart(t *testing.T) {
	identity := func(environ ...string) string { return newPlace(t, environ...).Identity() }

	base := identity(gitHub()...)
	assert.NotEmpty(t, base)
	assert.Equal(t, base, identity(append(gitHub(), "GITHUB_RUN_ATTEMPT=2", "GITHUB_ACTOR=other")...))
	for _, other := range []string{
		"GITHUB_RUN_ID=43", "GITHUB_JOB=other", "GITHUB_ACTION=__org_ami-action_2", "GITHUB_REPOSITORY=org/x",
		`INPUT_MATRIX={"os":"b"}`,
	} {
		assert.NotEqual(t, base, identity(append(gitHub(), other)...), other)
	}

	base = identity(gitLab()...)
	assert.NotEmpty(t, base)
	assert.Equal(t, base, identity(append(gitLab(), "CI_JOB_ID=6006")...))
	for _, other := range []string{"CI_PIPELINE_ID=1002", "CI_JOB_NAME=create: [b]", "CI_NODE_INDEX=2", "CI_PROJECT_ID=8"} {
		assert.NotEqual(t, base, identity(append(gitLab(), other)...), other)
	}

	assert.Empty(t, identity(), "two commands on a laptop are never the same")
	assert.Empty(t, identity("GITHUB_ACTIONS=true"), "without a run's id nothing is the same")
}

func TestRunKeyDiffersByAttempt(t *testing.T) {
	assert.Equal(t, "42_1_create_it", newPlace(t, gitHub()...).RunKey())
	assert.Equal(t, "42_2_create_it", newPlace(t, append(gitHub(), "GITHUB_RUN_ATTEMPT=2")...).RunKey())
	assert.Equal(t, "5005", newPlace(t, gitLab()...).RunKey())
	p := newPlace(t)
	assert.Regexp(t, `^[0-9a-f]{8}$`, p.RunKey())
	assert.Equal(t, p.RunKey(), p.RunKey())
	assert.NotEqual(t, p.RunKey(), newPlace(t).RunKey())
}

func TestTheAttemptIsKnownOnGitHubOnly(t *testing.T) {
	assert.Equal(t, 1, newPlace(t, gitHub()...).Attempt())
	assert.Equal(t, 3, newPlace(t, append(gitHub(), "GITHUB_RUN_ATTEMPT=3")...).Attempt())
	assert.Zero(t, newPlace(t, append(gitHub(), "GITHUB_RUN_ATTEMPT=x")...).Attempt())
	assert.Zero(t, newPlace(t, gitLab()...).Attempt())
	assert.Zero(t, newPlace(t).Attempt())
}

func TestUnknownOutputsAreRefused(t *testing.T) {
	p := newPlace(t, gitHub()...)
	assert.EqualError(t, p.SetOutput("a<<b", "x"), `unknown output "a<<b"`)
	assert.Empty(t, p.read(t, "output"))
}

func TestAPullRequestOfAForkHasAStackTagOfItsOwn(t *testing.T) {
	const base = `"base": {"repo": {"full_name": "org/images"}}`
	for _, row := range []struct{ name, event, ref, want string }{
		{"a fork", `{"number": 12, "pull_request": {"head": {"repo": {"full_name": "me/images"}}, ` + base + `}}`, "refs/pull/12/merge", "pr-12"},
		{"a fork that was deleted", `{"number": 12, "pull_request": {"head": {"repo": null}, ` + base + `}}`, "refs/pull/12/merge", "pr-12"},
		{"a fork, on pull_request_target", `{"number": 12, "pull_request": {"head": {"repo": {"full_name": "me/images"}}, ` + base + `}}`, "refs/heads/main", "pr-12"},
		{"the same repository", `{"number": 12, "pull_request": {"head": {"repo": {"full_name": "org/images"}}, ` + base + `}}`, "refs/pull/12/merge", "release"},
		{"an event that cannot be read", `{`, "refs/pull/12/merge", "release"},
	} {
		t.Run(row.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "event.json")
			require.NoError(t, os.WriteFile(path, []byte(row.event), 0o600))
			place := newPlace(t, append(gitHub(), "GITHUB_EVENT_PATH="+path, "GITHUB_HEAD_REF=release", "GITHUB_BASE_REF=main",
				"GITHUB_REF_NAME=main", "GITHUB_REF="+row.ref)...)
			assert.Equal(t, row.want, place.Implied().StackTag)
		})
	}
}
