package github_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

const repository = "../../.."

func docker() string { return os.Getenv("DOCKER") }

// dockerOutput runs a docker command and returns its stdout.
func dockerOutput(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), docker(), args...)
	var stderr strings.Builder
	command.Stderr = &stderr
	output, err := command.Output()
	require.NoError(t, err, "docker %s: %s", strings.Join(args, " "), stderr.String())
	return string(output)
}

// step is a step that uses the action. It runs as in actions/runner: the volumes, the working directory and the variables
// are those of ContainerActionHandler.cs and DockerCommandManager.cs.
type step struct {
	t       *testing.T
	dir     string
	command *exec.Cmd
	stdout  transcript
	stderr  transcript
	ended   chan struct{} // closed after err has been set
	err     error
}

// newStep prepares the directories and variables of a job. A test can put files of the checkout into the directory
// "workspace" before it starts the step.
func newStep(t *testing.T, o *orchestration, inputs map[string]string, environment ...string) *step {
	t.Helper()
	s := &step{t: t, dir: t.TempDir(), ended: make(chan struct{})}
	for _, dir := range []string{"workspace", "home", "workflow", "file_commands"} {
		require.NoError(t, os.Mkdir(filepath.Join(s.dir, dir), 0o755))
	}
	for _, file := range []string{"set_output", "step_summary"} {
		require.NoError(t, os.WriteFile(filepath.Join(s.dir, "file_commands", file), nil, 0o644))
	}
	variables := map[string]string{
		"GITHUB_ACTION": "__org_ami-action", "GITHUB_ACTOR": "octocat", "GITHUB_JOB": "create",
		"GITHUB_OUTPUT": "/github/file_commands/set_output", "GITHUB_REF": "refs/heads/main",
		"GITHUB_REF_NAME": "main", "GITHUB_REF_TYPE": "branch", "GITHUB_REPOSITORY": "org/images",
		"GITHUB_RUN_ATTEMPT": "1", "GITHUB_RUN_ID": "4711", "GITHUB_RUN_NUMBER": "7",
		"GITHUB_SERVER_URL": "https://ghes.example.com", "GITHUB_SHA": strings.Repeat("0123456789", 4),
		"GITHUB_STEP_SUMMARY": "/github/file_commands/step_summary", "GITHUB_WORKFLOW": "images",
		"GITHUB_WORKSPACE": "/github/workspace", "HOME": "/github/home",
	}
	// An input that the workflow does not set has its default, or is empty.
	for name, standard := range declaredInputs(t) {
		variables["INPUT_"+strings.ToUpper(name)] = standard
	}
	for name, value := range inputs {
		variables["INPUT_"+strings.ToUpper(name)] = value
	}
	for _, entry := range append(o.environment(), environment...) {
		name, value, _ := strings.Cut(entry, "=")
		variables[name] = value
	}
	name := "ami-action-e2e-" + uuid.NewString()
	args := []string{
		"run", "--name", name, "--label", "ami-action-e2e", "--workdir", "/github/workspace", "--rm",
		"--network", "host", // instead of a bridge: the sandbox is on loopback
	}
	for _, variable := range slices.Sorted(maps.Keys(variables)) {
		args = append(args, "-e", variable)
	}
	args = append(args, "-e", "GITHUB_ACTIONS=true", "-e", "CI=true")
	for _, dir := range []string{"workspace", "home", "workflow", "file_commands"} {
		args = append(args, "-v", filepath.Join(s.dir, dir)+":/github/"+dir)
	}
	s.command = exec.Command(docker(), append(args, image(t))...)
	s.command.Env = os.Environ()
	for variable, value := range variables {
		s.command.Env = append(s.command.Env, variable+"="+value)
	}
	s.command.Stdout, s.command.Stderr = &s.stdout, &s.stderr
	t.Cleanup(func() { _ = exec.Command(docker(), "rm", "--force", name).Run() })
	return s
}

// declaredInputs returns the inputs of action.yml with their defaults outside of a matrix.
func declaredInputs(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository, "action.yml"))
	require.NoError(t, err)
	var action struct {
		Inputs map[string]struct{ Default string }
	}
	require.NoError(t, yaml.Unmarshal(text, &action))
	inputs := map[string]string{}
	for name, input := range action.Inputs {
		inputs[name] = strings.ReplaceAll(input.Default, "${{ toJSON(matrix) }}", "null")
	}
	return inputs
}

func (s *step) start() *step {
	s.t.Helper()
	require.NoError(s.t, s.command.Start())
	go func() {
		defer close(s.ended)
		s.err = s.command.Wait()
	}()
	return s
}

// run starts the step and returns its exit code.
func (s *step) run() int { s.t.Helper(); return s.start().end() }

// end waits for the step and returns its exit code.
func (s *step) end() int {
	s.t.Helper()
	<-s.ended
	if exit, ok := errors.AsType[*exec.ExitError](s.err); ok {
		return exit.ExitCode()
	}
	require.NoError(s.t, s.err)
	return 0
}

// waitFor waits until stderr contains the text.
func (s *step) waitFor(text string) {
	s.t.Helper()
	for deadline := time.After(time.Minute); !strings.Contains(s.stderr.String(), text); {
		select {
		case <-s.ended:
			require.Contains(s.t, s.stderr.String(), text, "it has ended")
		case <-deadline:
			require.Contains(s.t, s.stderr.String(), text, "it has not said so for a minute")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// signal sends a signal to the docker client, as the runner does, which passes it on to the container.
func (s *step) signal(signal syscall.Signal) {
	s.t.Helper()
	require.NoError(s.t, s.command.Process.Signal(signal))
}

func (s *step) path(elements ...string) string {
	return filepath.Join(append([]string{s.dir}, elements...)...)
}

func (s *step) read(elements ...string) string {
	s.t.Helper()
	content, err := os.ReadFile(s.path(elements...))
	require.NoError(s.t, err)
	return string(content)
}

func (s *step) summary() string { s.t.Helper(); return s.read("file_commands", "step_summary") }

// everything returns all outputs of the step: both streams, the summary and the output file.
func (s *step) everything() string {
	s.t.Helper()
	return s.stdout.String() + s.stderr.String() + s.summary() + s.read("file_commands", "set_output")
}

// outputs reads the outputs by the rules of FileCommandManager.cs: a heredoc without its end fails the step.
func (s *step) outputs() map[string]string {
	s.t.Helper()
	outputs := map[string]string{}
	lines := strings.Split(s.read("file_commands", "set_output"), "\n")
	for i := 0; i < len(lines); i++ {
		if lines[i] == "" {
			continue
		}
		name, delimiter, ok := strings.Cut(lines[i], "<<")
		require.True(s.t, ok, "line %d is not an output: %s", i+1, lines[i])
		end := slices.Index(lines[i+1:], delimiter)
		require.GreaterOrEqual(s.t, end, 0, "output %s does not end", name)
		outputs[name] = strings.Join(lines[i+1:i+1+end], "\n")
		i += end + 1
	}
	return outputs
}

// workflowCommand is a command to the runner in the output.
type workflowCommand struct{ name, properties, data string }

var (
	lineEnd    = regexp.MustCompile(`\r\n|\r|\n`)
	newCommand = regexp.MustCompile(`^\s*::([A-Za-z-]+)(?: (.*?))?::(.*)$`)
	oldCommand = regexp.MustCompile(`##\[([^\]]*)\](.*)`)
)

// commands returns the workflow commands on both streams, by the rules of ActionCommand.cs.
func (s *step) commands() []workflowCommand {
	var commands []workflowCommand
	for _, line := range lineEnd.Split(s.stdout.String()+"\n"+s.stderr.String(), -1) {
		if found := newCommand.FindStringSubmatch(line); found != nil {
			commands = append(commands, workflowCommand{found[1], found[2], found[3]})
		} else if found := oldCommand.FindStringSubmatch(line); found != nil {
			commands = append(commands, workflowCommand{name: found[1], data: found[2]})
		}
	}
	return commands
}

// commandsNamed returns the workflow commands with the name.
func (s *step) commandsNamed(name string) []workflowCommand {
	return slices.DeleteFunc(s.commands(), func(c workflowCommand) bool { return c.name != name })
}

func (c workflowCommand) String() string {
	return fmt.Sprintf("::%s %s::%s", c.name, c.properties, c.data)
}

// transcript is the output of a process so far.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.text.String()
}
