//go:build e2e

package gitlab_test

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	root      = "../../.."
	component = "component: $CI_SERVER_FQDN/org/ami-action/gitlab@1.0.0"
	// awsSecret is a secret in the environment of the jobs. idToken takes the place of GitLab's ID token.
	awsSecret = "canary/secret/access/key/of/the/environment"
	idToken   = "eyJhbGciOiJSUzI1NiJ9.canary-id-token.c2lnbmF0dXJl"
)

// A project is the checkout of a user who includes the component, with the emulator that runs its pipelines.
type project struct {
	t   *testing.T
	dir string
	// image is true if the jobs run in the image, and false if they run on the shell.
	image bool
	// services is true if the jobs run in a network with their services. They cannot use the host's network then, and
	// reach no server on the host.
	services  bool
	variables map[string]string
	sandbox   string
}

// inclusion changes a pipeline so that the project gets the template in one of the documented ways.
type inclusion func(p *project, pipeline string) string

// byComponent returns the pipeline unchanged. A bare repository with a tag takes the place of the catalog project.
func byComponent(_ *project, pipeline string) string { return pipeline }

// byLocal copies the template into the project.
func byLocal(p *project, pipeline string) string {
	p.write("templates/gitlab/template.yml", read(p.t, filepath.Join(root, "templates/gitlab/template.yml")))
	return strings.ReplaceAll(pipeline, component, "local: /templates/gitlab/template.yml")
}

func byProject(_ *project, pipeline string) string {
	return strings.ReplaceAll(pipeline, component, "project: org/ami-action\n    ref: 1.0.0\n    file: templates/gitlab/template.yml")
}

func byRemote(p *project, pipeline string) string {
	server := httptest.NewServer(http.FileServer(http.Dir(filepath.Join(root, "templates/gitlab"))))
	p.t.Cleanup(server.Close)
	return strings.ReplaceAll(pipeline, component, "remote: "+server.URL+"/template.yml")
}

// newProject returns a project with the given pipeline, and starts a sandbox for it with the given flags.
func newProject(t *testing.T, image bool, include inclusion, pipeline string, flags ...string) *project {
	t.Helper()
	if os.Getenv("AMI_E2E_TOOLS") == "" {
		t.Fatal("to be run by test/e2e/gitlab/run")
	}
	p := &project{t: t, dir: t.TempDir(), image: image, sandbox: startSandbox(t, flags...)}
	p.variables = map[string]string{
		// The emulator sets GITLAB_CI to false.
		"GITLAB_CI": "true", "CI_REGISTRY": "registry.example.com", "CI_DEFAULT_BRANCH": "main",
		"AWS_ENDPOINT_URL": p.sandbox, "AWS_ACCESS_KEY_ID": "AKIACANARYCANARY", "AWS_SECRET_ACCESS_KEY": awsSecret,
		"AWS_REGION": "us-east-1", "CI_PIPELINE_ID": "4711", "CI_PIPELINE_IID": "7",
	}
	p.write(".gitlab-ci.yml", include(p, pipeline))
	p.write("examples/sample_component.yaml", read(t, filepath.Join(root, "examples/sample_component.yaml")))
	p.write(".gitignore", ".gitlab-ci-local\n")
	catalog := p.publish()
	p.write("../"+filepath.Base(p.dir)+".gitconfig", "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"+
		"[safe]\n\tdirectory = *\n[url \"file://"+catalog+"\"]\n\tinsteadOf = https://gitlab.example.com:443/org/ami-action.git\n")
	p.git("init", "-q")
	p.git("remote", "add", "origin", "https://gitlab.example.com/group/images.git")
	p.git("add", "-A")
	p.git("commit", "-qm", "A pipeline")
	p.fetch()
	return p
}

// fetch makes the emulator fetch the component once before the pipeline runs. For a pipeline that includes the component
// several times, the emulator fetches it several times at once into one directory, and sometimes fails.
func (p *project) fetch() {
	p.t.Helper()
	if !strings.Contains(read(p.t, filepath.Join(p.dir, ".gitlab-ci.yml")), "org/ami-action") {
		return
	}
	p.write(".gitlab-ci-local/fetch.yml", "include:\n  - "+component+"\n    inputs: {operation: AMI_GET_STATUSES}\n")
	output, err := p.emulator("--file", ".gitlab-ci-local/fetch.yml", "--list").CombinedOutput()
	require.NoError(p.t, err, string(output))
}

// publish creates the bare repository of the component's project with the tag 1.0.0, and returns its path.
func (p *project) publish() string {
	source := p.t.TempDir()
	p.write(filepath.Join("..", filepath.Base(p.dir)+".gitconfig"), "[user]\n\tname = Ada\n\temail = ada@example.com\n")
	template := filepath.Join(source, "templates", "gitlab", "template.yml")
	require.NoError(p.t, os.MkdirAll(filepath.Dir(template), 0o755))
	require.NoError(p.t, os.WriteFile(template, []byte(read(p.t, filepath.Join(root, "templates/gitlab/template.yml"))), 0o644))
	bare := filepath.Join(p.t.TempDir(), "ami-action.git")
	p.run("git", "-C", source, "init", "-q")
	p.run("git", "-C", source, "add", "-A")
	p.run("git", "-C", source, "commit", "-qm", "The component")
	p.run("git", "-C", source, "tag", "1.0.0")
	p.run("git", "clone", "-q", "--bare", source, bare)
	p.run("git", "-C", bare, "config", "uploadpack.allowFilter", "true")
	return bare
}

func (p *project) git(args ...string) { p.run("git", append([]string{"-C", p.dir}, args...)...) }

func (p *project) run(name string, args ...string) {
	p.t.Helper()
	command := exec.Command(name, args...)
	command.Env = p.environ()
	output, err := command.CombinedOutput()
	require.NoError(p.t, err, string(output))
}

func (p *project) environ() []string {
	return append(os.Environ(),
		"GIT_CONFIG_GLOBAL="+p.dir+".gitconfig", "GIT_CONFIG_NOSYSTEM=1", "NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1",
		"PATH="+os.Getenv("AMI_E2E_BIN")+":"+filepath.Dir(os.Getenv("DOCKER"))+":"+os.Getenv("PATH"))
}

// emulator returns the command that runs gitlab-ci-local with the arguments.
func (p *project) emulator(args ...string) *exec.Cmd {
	tools := os.Getenv("AMI_E2E_TOOLS")
	line := []string{
		filepath.Join(tools, "node_modules/gitlab-ci-local/dist/index.js"), "--cwd", ".", "--home", p.dir + "-home",
		"--pull-policy", "if-not-present", "--helper-image", os.Getenv("AMI_E2E_HELPER"),
	}
	if !p.services {
		line = append(line, "--network", "host")
	}
	if !p.image {
		// Even on the shell, the emulator sets CI_PROJECT_DIR of a job with an image to the checkout's path in the image.
		line = append(line, "--force-shell-executor", "--shell-isolation", "--variable", "CI_PROJECT_DIR=")
	}
	predefined := []string{"CI_PROJECT_DIR"}
	for name, value := range p.variables {
		line = append(line, "--variable", name+"="+value)
		predefined = append(predefined, name)
	}
	line = append(line, "--ignore-predefined-vars", strings.Join(predefined, ","))
	command := exec.Command("node", append(line, args...)...)
	command.Dir = p.dir
	command.Env = p.environ()
	return command
}

// pipeline runs a pipeline to its end. It returns the log and whether the pipeline succeeded. It checks that neither the
// log nor any file that the jobs have left contains a secret.
func (p *project) pipeline(args ...string) (log string, succeeded bool) {
	p.t.Helper()
	output, err := p.emulator(args...).CombinedOutput()
	p.checkSecrets(string(output))
	return string(output), err == nil
}

func (p *project) checkSecrets(log string) {
	p.t.Helper()
	secrets := append(p.keys(), awsSecret, idToken)
	everything := log
	for _, kind := range []string{"artifacts", "output"} {
		err := filepath.WalkDir(filepath.Join(p.dir, ".gitlab-ci-local", kind), func(path string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() {
				everything += read(p.t, path)
			}
			return nil // a job may be removing its files
		})
		require.NoError(p.t, err)
	}
	for _, secret := range secrets {
		assert.NotContains(p.t, everything, secret)
	}
}

// keys returns the API keys of the sandbox's deployment.
func (p *project) keys() []string {
	var keys []string
	for _, name := range []string{
		"ami_creation_post_api_key", "ami_creation_put_api_key", "ami_patch_post_api_key", "ami_patch_put_api_key",
		"ami_creation_status_api_key", "ami_creation_qa_certification_key", "ami_creation_mark_for_production_key",
		"ami_patch_mark_for_production_key",
	} {
		request, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.sandbox, strings.NewReader(`{"SecretId": "/ami-lifecycle/api-keys/`+name+`"}`))
		require.NoError(p.t, err)
		request.Header.Set("X-Amz-Target", "secretsmanager.GetSecretValue")
		response, err := http.DefaultClient.Do(request)
		require.NoError(p.t, err)
		var secret struct{ SecretString string }
		require.NoError(p.t, json.NewDecoder(response.Body).Decode(&secret))
		response.Body.Close()
		require.NotEmpty(p.t, secret.SecretString)
		keys = append(keys, secret.SecretString)
	}
	return keys
}

// job returns the log of one job.
func (p *project) job(name string) string {
	p.t.Helper()
	return read(p.t, filepath.Join(p.dir, ".gitlab-ci-local/output", name+".log"))
}

// artifact returns the content of a file that a job has left.
func (p *project) artifact(job, name string) string {
	p.t.Helper()
	return read(p.t, filepath.Join(p.dir, ".gitlab-ci-local/artifacts", job, name))
}

func (p *project) dotenv(job string) map[string]string {
	p.t.Helper()
	variables := map[string]string{}
	for line := range strings.Lines(p.artifact(job, ".gitlab-ci-reports/dotenv/ami-lifecycle.env")) {
		name, value, found := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		require.True(p.t, found, line)
		variables[name] = value
	}
	return variables
}

func (p *project) write(name, content string) {
	path := filepath.Join(p.dir, name)
	require.NoError(p.t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(p.t, os.WriteFile(path, []byte(content), 0o644))
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(content)
}

func example(t *testing.T, name string) string {
	t.Helper()
	return read(t, filepath.Join(root, "examples/gitlab", name))
}

var listening = regexp.MustCompile(`listening on (http://\S+)`)

// startSandbox starts ami-sandbox with the flags and returns its URL.
func startSandbox(t *testing.T, flags ...string) string {
	t.Helper()
	args := append([]string{"--listen", "127.0.0.1:0", "--dir", t.TempDir(), "--event-duration", "200ms", "--queue-delay", "100ms"}, flags...)
	command := exec.Command(filepath.Join(os.Getenv("AMI_E2E_BIN"), "ami-sandbox"), args...)
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	var once sync.Once
	t.Cleanup(func() {
		once.Do(func() {
			_ = command.Process.Signal(os.Interrupt)
			_ = command.Wait()
		})
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	found := listening.FindStringSubmatch(line)
	require.NotNil(t, found, line)
	return found[1]
}
