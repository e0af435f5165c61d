package pipeline_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/pipeline"
)

// readDotenv parses a dotenv report by GitLab's rules (docs/gitlab.md, "What later jobs get"), strictly: it must have less
// than 5,120 bytes, keys of [A-Za-z0-9_], no blank lines and no comments. Spaces around a value are removed, and "$" is
// expanded.
func readDotenv(content string) (map[string]string, error) {
	if len(content) >= 5120 {
		return nil, fmt.Errorf("%d bytes", len(content))
	}
	variables := map[string]string{}
	if content == "" {
		return variables, nil
	}
	body, ended := strings.CutSuffix(content, "\n")
	if !ended {
		return nil, fmt.Errorf("the last line has no end")
	}
	for _, line := range strings.Split(body, "\n") {
		groups := regexp.MustCompile(`^([A-Za-z0-9_]+)=(.*)$`).FindStringSubmatch(line)
		if groups == nil {
			return nil, fmt.Errorf("invalid format: %q", line)
		}
		variables[groups[1]] = os.Expand(strings.TrimSpace(groups[2]), func(string) string { return "EXPANDED" })
	}
	return variables, nil
}

func TestALaterJobGetsTheOutputsAsVariables(t *testing.T) {
	p := newPlace(t, gitLab()...)
	assert.Empty(t, p.read(t, pipeline.DotenvFile))
	require.NoError(t, p.SetOutput("lifecycle_id", "bf2ddb94"))
	assert.Equal(t, "AMI_LIFECYCLE_ID=bf2ddb94\n", p.read(t, pipeline.DotenvFile), "at once")
	for _, output := range []struct{ name, value string }{
		{"semantic_version", "1.0.0"}, {"ami_id", "ami-0123"}, {"ami_name", "build (x)"}, {"ami_region", "us-east-1"},
		{"status", "IN_PROGRESS"}, {"status", "COMPLETED"}, {"event", "BUILD_AMI"}, {"amis", `[{"region":"us-east-1"}]`},
		{"vulnerabilities", `{"total":0}`}, {"report_file", "ami.html"}, {"timeline_file", "t.html"},
	} {
		require.NoError(t, p.SetOutput(output.name, output.value))
	}
	variables, err := readDotenv(p.read(t, pipeline.DotenvFile))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{
		"AMI_LIFECYCLE_ID": "bf2ddb94", "AMI_SEMANTIC_VERSION": "1.0.0", "AMI_ID": "ami-0123", "AMI_NAME": "build (x)",
		"AMI_REGION": "us-east-1", "AMI_STATUS": "COMPLETED", "AMI_EVENT": "BUILD_AMI", "AMI_AMIS": `[{"region":"us-east-1"}]`,
		"AMI_VULNERABILITIES": `{"total":0}`, "AMI_REPORT_PATH": "ami.html", "AMI_TIMELINE_PATH": "t.html",
	}, variables)
	assert.JSONEq(t, `{"lifecycle_id":"bf2ddb94","semantic_version":"1.0.0","ami_id":"ami-0123","ami_name":"build (x)",
		"ami_region":"us-east-1","status":"COMPLETED","event":"BUILD_AMI","amis":[{"region":"us-east-1"}],
		"vulnerabilities":{"total":0},"report_file":"ami.html","timeline_file":"t.html"}`, p.read(t, pipeline.ResultFile))
	entries, err := os.ReadDir(p.dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "no temporary file stays behind")
}

func TestWhatADotenvCannotCarryIsInTheResultOnly(t *testing.T) {
	for _, value := range []string{
		"two\nlines", "\r", " leading", "trailing ", "$CI_JOB_TOKEN", "a${X}b", `"quoted"`, "'quoted'", "\x00", "\u0085", "\u2028",
		strings.Repeat("x", 5120),
	} {
		p := newPlace(t, gitLab()...)
		require.NoError(t, p.SetOutput("lifecycle_id", "kept"))
		require.NoError(t, p.SetOutput("ami_name", value))
		assert.Equal(t, "AMI_LIFECYCLE_ID=kept\nAMI_RESULT_PATH=ami-lifecycle.json\n", p.read(t, pipeline.DotenvFile), "%q", value)
		var result map[string]string
		require.NoError(t, json.Unmarshal([]byte(p.read(t, pipeline.ResultFile)), &result))
		assert.Equal(t, value, result["ami_name"])
	}
}

func TestTheDotenvGoesWhereItIsTold(t *testing.T) {
	p := newPlace(t, append(gitLab(), "AMI_DOTENV_FILE=other.env")...)
	require.NoError(t, p.SetOutput("lifecycle_id", "a"))
	assert.Equal(t, "AMI_LIFECYCLE_ID=a\n", p.read(t, "other.env"))
	assert.NotEmpty(t, p.read(t, pipeline.ResultFile))

	p = newPlace(t, append(gitLab(), "AMI_DOTENV_FILE=$DIR/../other.env")...)
	assert.ErrorContains(t, p.SetOutput("lifecycle_id", "a"), "output lifecycle_id cannot be passed to later jobs")
}

func TestSectionsFollowEachOther(t *testing.T) {
	p := newPlace(t, append(gitLab(), "NO_COLOR=1")...)
	p.Group("Build")
	p.Group("Smoke tests")
	require.NoError(t, p.Close())
	assert.Equal(t, "\x1b[0Ksection_start:1700000000:ami_lifecycle_1[collapsed=true]\r\x1b[0KBuild\n"+
		"\x1b[0Ksection_end:1700000000:ami_lifecycle_1\r\x1b[0K\n"+
		"\x1b[0Ksection_start:1700000000:ami_lifecycle_2[collapsed=true]\r\x1b[0KSmoke tests\n"+
		"\x1b[0Ksection_end:1700000000:ami_lifecycle_2\r\x1b[0K\n", p.stderr.String())
}

func TestLinksAreAnAnnotationsReport(t *testing.T) {
	p := newPlace(t, gitLab()...)
	report := p.ArtifactURL(filepath.Join(p.dir, "a b.html"))
	assert.Equal(t, "https://gitlab.example.com/group/images/-/jobs/5005/artifacts/file/a%20b.html", report)
	assert.Empty(t, p.ArtifactURL("../x"))
	require.NoError(t, p.Link(pipeline.Link{Title: "Report", URL: report}))
	require.NoError(t, p.Link(p.Job()))
	assert.Error(t, p.Link(pipeline.Link{Title: "Bad", URL: "javascript:alert(1)"}))
	assert.JSONEq(t, `{"AMI lifecycle": [
		{"external_link": {"label": "Report", "url": "`+report+`"}},
		{"external_link": {"label": "create: [a] #5005", "url": "https://gitlab.example.com/group/images/-/jobs/5005"}}]}`,
		p.read(t, pipeline.AnnotationsFile))
}

func FuzzDotenv(f *testing.F) {
	f.Add("value", "another")
	f.Add("a\nAMI_LIFECYCLE_ID=forged", "=")
	f.Add(`"quoted"`, "$HOME")
	f.Add(strings.Repeat("x", 5100), "[]")
	f.Fuzz(func(t *testing.T, first, second string) {
		p := newPlace(t, gitLab()...)
		require.NoError(t, p.SetOutput("ami_name", first))
		require.NoError(t, p.SetOutput("lifecycle_id", "kept"))
		require.NoError(t, p.SetOutput("amis", second))
		variables, err := readDotenv(p.read(t, pipeline.DotenvFile))
		require.NoError(t, err)
		require.Equal(t, "kept", variables["AMI_LIFECYCLE_ID"])
		delete(variables, "AMI_LIFECYCLE_ID")
		var result map[string]any
		require.NoError(t, json.Unmarshal([]byte(p.read(t, pipeline.ResultFile)), &result))
		for variable, name := range map[string]string{"AMI_NAME": "ami_name", "AMI_AMIS": "amis"} {
			if value, carried := variables[variable]; carried {
				if text, isText := result[name].(string); isText {
					require.Equal(t, text, value, "whole or not at all")
				}
			}
			delete(variables, variable)
		}
		delete(variables, "AMI_RESULT_PATH")
		require.Empty(t, variables, "nothing else")
	})
}
