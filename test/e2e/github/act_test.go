package github_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// runnerLabels are the runners that the jobs of the workflows use.
var runnerLabels = []string{"ubuntu-latest", "ubuntu-24.04"}

// reusable is the path of the reusable workflow.
const reusable = ".github/workflows/ami.yml"

// standIns matches the actions that need GitHub or AWS, at any commit that a workflow uses. Tests replace them.
var standIns = regexp.MustCompile(`uses: ((?:aws-actions|actions)/(configure-aws-credentials|upload-artifact|download-artifact)@\S+)`)

// actRun is one run of a workflow with act.
type actRun struct {
	t       *testing.T
	options []string
	// observe is called for each entry of the log as soon as it is read.
	observe func(entry)
	entries []entry
	err     error
}

// entry is a line of act's log.
type entry struct {
	JobID      string   `json:"jobID"`
	StepID     []string `json:"stepID"`
	Step       string   `json:"step"`
	Message    string   `json:"msg"`
	Command    string   `json:"command"`
	Name       string   `json:"name"`
	Argument   string   `json:"arg"`
	Raw        string   `json:"raw"`
	Content    string   `json:"content"`
	StepResult string   `json:"stepResult"`
	JobResult  string   `json:"jobResult"`
}

func (e entry) isOf(job, step string) bool {
	return e.JobID == job && slices.Contains(e.StepID, step)
}

// act returns a run of a workflow in the checkout dir. It uses the image under test, which was built from the same
// Dockerfile, instead of a new build.
func act(t *testing.T, o *orchestration, dir, event, workflow string, options ...string) *actRun {
	t.Helper()
	// act looks for the images of actions that it has built under these names.
	for _, name := range []string{"act-dockeraction", "act-org-ami-action-v1-dockeraction"} {
		dockerOutput(t, "tag", image(t), name+":latest")
	}
	r := &actRun{t: t, observe: func(entry) {}}
	r.options = []string{event, "--json", "-C", dir, "-W", workflow, "--pull=false", "--rebuild=false", "--rm"}
	for _, label := range runnerLabels {
		r.options = append(r.options, "-P", label+"="+prepared(t, "AMI_E2E_RUNNER"))
	}
	r.options = append(r.options, "--env", "AWS_ENDPOINT_URL="+o.url)
	for _, path := range []string{filepath.Join(dir, workflow), absolute(t, repository, reusable)} {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, used := range standIns.FindAllStringSubmatch(string(text), -1) {
			r.options = append(r.options, "--local-repository", used[1]+"="+absolute(t, "testdata", "stand-ins", used[2]))
		}
	}
	r.options = append(r.options, "--local-repository", "org/ami-action@v1="+absolute(t, repository))
	r.options = append(r.options, options...)
	return r
}

func absolute(t *testing.T, elements ...string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(elements...))
	require.NoError(t, err)
	return path
}

// run runs the workflow and reports whether it succeeded.
func (r *actRun) run() bool {
	r.t.Helper()
	command := exec.CommandContext(r.t.Context(), "act", r.options...)
	home := r.t.TempDir() // without the user's settings and the caches of earlier runs
	command.Env = append(os.Environ(), "HOME="+home, "XDG_CACHE_HOME="+home, "XDG_CONFIG_HOME="+home)
	command.Stderr = command.Stdout
	log, err := command.StdoutPipe()
	require.NoError(r.t, err)
	require.NoError(r.t, command.Start())
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var line entry
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			line = entry{Message: lines.Text()} // the last line of act is not JSON
		}
		r.entries = append(r.entries, line)
		r.observe(line)
	}
	require.NoError(r.t, lines.Err())
	r.err = command.Wait()
	return r.err == nil
}

// log returns the log that a user sees, and the arguments of the workflow commands in it before act masked them. It leaves
// out the commands that add masks, and the variables that the stand-in for aws-actions/configure-aws-credentials sets.
func (r *actRun) log() string {
	var log strings.Builder
	for _, line := range r.entries {
		texts := []string{line.Message, line.Content}
		if line.Command != "add-mask" && line.Command != "set-env" {
			texts = append(texts, line.Argument, line.Raw)
		}
		for _, text := range texts {
			if text != "" && !strings.HasSuffix(log.String(), text+"\n") {
				log.WriteString(text + "\n")
			}
		}
	}
	return log.String()
}

// outputs returns the outputs of a step that act has read from its file.
func (r *actRun) outputs(job, step string) map[string]string {
	outputs := map[string]string{}
	for _, line := range r.entries {
		if line.isOf(job, step) && line.Command == "set-output" {
			outputs[line.Name] = line.Argument
		}
	}
	return outputs
}

// summary returns the job summary of a step.
func (r *actRun) summary(job, step string) string {
	for _, line := range r.entries {
		if line.isOf(job, step) && line.Command == "summary" {
			return line.Content
		}
	}
	return ""
}

// said returns the text that the job has printed.
func (r *actRun) said(job string) string {
	var said strings.Builder
	for _, line := range r.entries {
		if line.JobID == job {
			said.WriteString(line.Message + "\n")
		}
	}
	return said.String()
}

// results returns the results of the jobs that ran.
func (r *actRun) results() map[string]string {
	results := map[string]string{}
	for _, line := range r.entries {
		if line.JobResult != "" {
			results[line.JobID] = line.JobResult
		}
	}
	return results
}

func command(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = dir
	return command
}
