package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// read returns the content of a file of the repository.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(name)))
	require.NoError(t, err)
	return string(text)
}

// files returns the paths of the repository's files that match one of the patterns. Each pattern must match a file.
func files(t *testing.T, patterns ...string) []string {
	t.Helper()
	var names []string
	for _, pattern := range patterns {
		found, err := filepath.Glob(filepath.Join("..", "..", filepath.FromSlash(pattern)))
		require.NoError(t, err)
		require.NotEmpty(t, found, pattern)
		for _, path := range found {
			name, err := filepath.Rel(filepath.Join("..", ".."), path)
			require.NoError(t, err)
			names = append(names, filepath.ToSlash(name))
		}
	}
	return names
}

// The tag of an action can move to other code; a commit cannot. Dependabot reads and updates the version in the comment.
func TestEachActionIsPinnedByItsCommit(t *testing.T) {
	uses := regexp.MustCompile(`(?m)^\s*(?:- )?uses: (.*)$`)
	pinned := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	ours := regexp.MustCompile(`^(\./.*|org/ami-action@v1|org/ami-action/\.github/workflows/\S+@v1)$`)
	commits := map[string]string{}
	for _, name := range files(t, ".github/workflows/*.yml", "examples/github/*.yml", "examples/github/workflow-templates/*.yml", "test/e2e/github/testdata/*.yml") {
		for _, match := range uses.FindAllStringSubmatch(read(t, name), -1) {
			used := strings.TrimSpace(match[1])
			if ours.MatchString(used) {
				continue
			}
			if !assert.Regexp(t, pinned, used, name) {
				continue
			}
			action, commit, _ := strings.Cut(used, "@")
			if known, ok := commits[action]; ok {
				assert.Equal(t, known, commit, "%s uses another commit of %s than the files before it", name, action)
			}
			commits[action] = commit
		}
	}
	assert.NotEmpty(t, commits)
}

func TestEachBaseImageIsPinnedByItsDigest(t *testing.T) {
	from := regexp.MustCompile(`(?m)^FROM (?:--\S+ )?(\S+)`).FindAllStringSubmatch(read(t, "Dockerfile"), -1)
	require.NotEmpty(t, from)
	for _, match := range from {
		assert.Regexp(t, `^[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}$`, match[1])
	}
	images := regexp.MustCompile(`(?m)^\s+(?:image|- name): (\S+)$`).FindAllStringSubmatch(read(t, ".gitlab-ci.yml"), -1)
	require.NotEmpty(t, images)
	for _, match := range images {
		assert.Regexp(t, `^([a-z]+:[\w.-]+@sha256:[0-9a-f]{64}|\$CI_TEMPLATE_REGISTRY_HOST/gitlab-org/release-cli:v\d+\.\d+\.\d+)$`, match[1])
	}
}

// permissions are the permissions of a workflow or a job. A workflow without any gets the defaults of the repository's
// settings, which can be all permissions.
type permissions map[string]string

func TestEachWorkflowHasTheLeastPermissions(t *testing.T) {
	for _, name := range files(t, ".github/workflows/*.yml") {
		var workflow struct {
			Permissions *permissions
			Jobs        map[string]struct{ Permissions *permissions }
		}
		require.NoError(t, yaml.Unmarshal([]byte(read(t, name)), &workflow), name)
		if assert.NotNil(t, workflow.Permissions, "%s has permissions", name) {
			for scope, access := range *workflow.Permissions {
				assert.Equal(t, "read", access, "%s: only a job can have more: %s", name, scope)
			}
		}
		for job, declared := range workflow.Jobs {
			if declared.Permissions == nil {
				continue
			}
			for scope, access := range *declared.Permissions {
				switch {
				case access == "read":
				case name == ".github/workflows/release.yml" && job != "check" && job != "test":
				case name == ".github/workflows/security.yml" && scope == "security-events":
				case name == ".github/workflows/ami.yml" && scope == "id-token": // from the caller, for AWS
				default:
					assert.Fail(t, "more than it needs", "%s: %s has %s: %s", name, job, scope, access)
				}
			}
		}
	}
}

// The linker's -X flag names its variable as a string, and the linker does not report a variable that does not exist.
func TestEveryBuildStampsTheSameVariables(t *testing.T) {
	stamped := regexp.MustCompile(`-X (\S+)=`)
	source := read(t, "internal/buildinfo/buildinfo.go")
	for _, name := range []string{"Dockerfile", ".goreleaser.yaml"} {
		var variables []string
		for _, match := range stamped.FindAllStringSubmatch(read(t, name), -1) {
			variable, ok := strings.CutPrefix(match[1], "github.com/org/ami-action/internal/buildinfo.")
			assert.True(t, ok, match[1])
			assert.Regexp(t, `(?m)^\t`+variable+`\s+string$`, source)
			variables = append(variables, variable)
		}
		assert.Equal(t, []string{"version", "commit", "date"}, variables, name)
	}
}

func TestBothWaysToReleaseUseTheGoVersionOfTheModule(t *testing.T) {
	version := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(read(t, "go.mod"))
	require.NotNil(t, version)
	for _, name := range []string{"Dockerfile", ".gitlab-ci.yml"} {
		assert.Contains(t, read(t, name), "golang:"+version[1]+"-", name)
	}
}
