//go:build e2e

package gitlab_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// including returns a pipeline that includes the component once for each set of inputs.
func including(t *testing.T, inputs ...map[string]any) string {
	t.Helper()
	var includes []any
	for _, one := range inputs {
		includes = append(includes, map[string]any{"component": strings.TrimPrefix(component, "component: "), "inputs": one})
	}
	pipeline, err := yaml.Marshal(map[string]any{"include": includes, "stages": []string{"deploy"}})
	require.NoError(t, err)
	return string(pipeline)
}

func TestAwkwardInputsArriveAtTheOrchestratorWhole(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, image bool) {
		// A text that looks like a variable is an error in a name such as the owner, but allowed in a property.
		owner := `"double" 'single' # no comment: - 100 % \n 日本語 🚀`
		properties := map[string]string{
			"QUOTES": `"a" 'b' \ `, "LINES": "one\ntwo: $HOME\n# three", "EMPTY": "", "DOLLARS": "$CI_PROJECT_NAME $$ ${X} $(date)", "COMMA": "a,b::c",
		}
		var entries []string
		for name, value := range properties {
			entries = append(entries, name+"::"+value+"|")
		}
		p := newProject(t, image, byComponent, including(t,
			map[string]any{
				"job_name": "create", "operation": "AMI_CREATE", "events": []string{"AMI_BUILD_ONLY"}, "wait": false, "owner": owner, "properties": entries,
				"product_name": `100 % 'sure' #1`, "product_ver": "1.0.0", "notifications": []string{`EMAIL::o.brien+ami@example.com`},
			},
			map[string]any{"job_name": "show", "operation": "AMI_GET_STATUS_BY_LIFECYCLE_ID", "needs": []string{"create"}}))
		p.variables["AMI_OUTPUT"] = "json"
		log, succeeded := p.pipeline()
		require.True(t, succeeded, log)

		var document struct {
			Owner         string
			ProductName   string `json:"product_name"`
			Properties    map[string]string
			Notifications []struct{ Method, Target string }
		}
		_, shown, found := strings.Cut(p.job("show"), "{")
		require.True(t, found, p.job("show"))
		require.NoError(t, json.NewDecoder(strings.NewReader("{"+shown)).Decode(&document), shown)
		assert.Equal(t, owner, document.Owner)
		assert.Equal(t, `100 % 'sure' #1`, document.ProductName)
		assert.Equal(t, `o.brien+ami@example.com`, document.Notifications[0].Target)
		for name, value := range properties {
			assert.Equal(t, value+"|", document.Properties[name])
		}
		assert.Equal(t, "4711", document.Properties["GITLAB_PIPELINE_ID"])
		assert.Equal(t, "group/images", document.Properties["GITLAB_PROJECT_PATH"])
		assert.Contains(t, document.Properties["GITLAB_JOB_URL"], "https://gitlab.example.com/group/images/-/jobs/")
	})
}

func TestWhatIsNoValueOfAnInputMakesNoPipeline(t *testing.T) {
	t.Parallel()
	for name, inputs := range map[string]map[string]any{
		"no operation":                 {},
		"no such operation":            {"operation": "AMI_DELETE"},
		"a list as text":               {"operation": "AMI_CREATE", "events": "SMOKE_TESTS"},
		"a boolean as text":            {"operation": "AMI_CREATE", "wait": "false"},
		"a length of time":             {"operation": "AMI_CREATE", "wait_timeout": "90"},
		"a variable that is not an id": {"operation": "AMI_WAIT", "lifecycle_id": "$AMI_LIFECYCLE_ID"},
		"an artifact by wildcard":      {"operation": "AMI_WAIT", "report_file": "*.html"},
		"an input that there is not":   {"operation": "AMI_CREATE", "wait": true, "rules": "always"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newProject(t, false, byLocal, including(t, inputs))
			log, succeeded := p.pipeline("--list")
			assert.False(t, succeeded)
			assert.Contains(t, log, "This GitLab CI configuration is invalid", log)
		})
	}
}

func TestTheJobTakesOnTheRoleOfItsInput(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, image bool) {
		var asked []url.Values
		sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			assert.NoError(t, r.ParseForm())
			asked = append(asked, r.PostForm)
			fmt.Fprint(w, `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
				<Credentials><AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>assumed</SecretAccessKey><SessionToken>session</SessionToken>
				<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`)
		}))
		t.Cleanup(sts.Close)
		p := newProject(t, image, byComponent, example(t, "create.yml"))
		p.variables["AWS_ENDPOINT_URL_STS"] = sts.URL
		p.variables["AMI_AWS_ID_TOKEN"] = idToken // GitLab sets it from id_tokens

		log, succeeded := p.pipeline()
		require.True(t, succeeded, log)
		require.Len(t, asked, 1)
		assert.Equal(t, "arn:aws:iam::123456789012:role/ami-build", asked[0].Get("RoleArn"))
		assert.Equal(t, idToken, asked[0].Get("WebIdentityToken"))
	})
}

// TestGitLabsOwnSchemaTakesIt validates the header of the template, and each example with its includes resolved, against
// the schema that GitLab publishes.
func TestGitLabsOwnSchemaTakesIt(t *testing.T) {
	t.Parallel()
	header, _, found := strings.Cut(read(t, filepath.Join(root, "templates/gitlab/template.yml")), "\n---\n")
	require.True(t, found)
	assert.NoError(t, validate(t, header))
	assert.Error(t, validate(t, strings.Replace(header, "type: boolean", "type: bool", 1)), "the schema is one")

	assert.NoError(t, validate(t, read(t, filepath.Join(root, ".gitlab-ci.yml"))))

	for _, name := range []string{"create.yml", "lifecycle.yml", "patch.yml", "patch-all.yml", "resume.yml", "deploy.yml"} {
		assert.NoError(t, validate(t, example(t, name)), name)
		p := newProject(t, false, byComponent, example(t, name))
		preview := p.emulator("--preview")
		preview.Stderr = nil
		expanded, err := preview.Output()
		require.NoError(t, err)
		var pipeline map[string]any
		require.NoError(t, yaml.Unmarshal(expanded, &pipeline), string(expanded))
		assert.NoError(t, validate(t, string(expanded)), name)
		assert.NotContains(t, pipeline, "default", "no job of the includer's is changed")
		jobs := 0
		for _, job := range pipeline {
			if job, ok := job.(map[string]any); ok && job["id_tokens"] != nil {
				jobs++
			}
		}
		assert.Equal(t, strings.Count(example(t, name), "\n  - "+component), jobs)
		for global := range asMap(pipeline["variables"]) {
			assert.False(t, strings.HasPrefix(global, "INPUT_"), global)
		}
	}
}

func asMap(value any) map[string]any {
	mapping, _ := value.(map[string]any)
	return mapping
}

func validate(t *testing.T, document string) error {
	t.Helper()
	command := exec.Command("node", "schema.mjs", filepath.Join(os.Getenv("AMI_E2E_TOOLS"), "node_modules"))
	command.Stdin = strings.NewReader(document)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("%w: %s", err, stderr.String())
	}
	return nil
}
