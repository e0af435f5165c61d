package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

func TestMain(m *testing.M) {
	// Most of these tests wait for processes and for events of a sandbox, which takes little CPU time.
	_ = flag.Set("test.parallel", "8") // -parallel on the command line is parsed later and overrides this
	testscript.Main(m, map[string]func(){
		"ami-action": main, "ami-action-impatient": impatientMain, "sandbox-server": sandboxMain,
		"ami-action-overflowing": overflowMain,
	})
}

// TestScript runs the real command against a real sandbox server: testdata/script/*.txtar.
func TestScript(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:   filepath.Join("testdata", "script"),
		Setup: setup,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"orchestrator": orchestratorCommand,
			"control":      controlCommand,
			"exits":        exitsCommand,
			"save":         saveCommand,
			"interrupt":    interruptCommand,
			"requests":     requestsCommand,
			"nosecrets":    noSecretsCommand,
		},
		RequireExplicitExec: true,
	})
}

// setup gives a script an environment without pipeline, credentials or network settings, in a git checkout
// whose branch is main.
func setup(env *testscript.Env) error {
	env.Setenv("NO_COLOR", "1")
	head := map[string]string{
		".git/HEAD":            "ref: refs/heads/main\n",
		".git/refs/heads/main": "0123456789abcdef0123456789abcdef01234567\n",
	}
	for name, content := range head {
		path := filepath.Join(env.WorkDir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// orchestrator [manual] [fail=EVENT] [error=EVENT] starts a sandbox for the script, with events of a few
// milliseconds, and points the AWS SDK to it.
func orchestratorCommand(ts *testscript.TestScript, _ bool, args []string) {
	options := sandbox.Options{
		Dir: ts.MkAbs("state"), EventDuration: 20 * time.Millisecond, QueueDelay: 20 * time.Millisecond,
		HandoverDelay: 5 * time.Millisecond,
	}
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "manual":
			options.Manual = true
		case "fail":
			options.Fail = append(options.Fail, lifecycle.Event(value))
		case "error":
			options.Error = append(options.Error, lifecycle.Event(value))
		default:
			ts.Fatalf("orchestrator: unknown option %q", arg)
		}
	}
	server, err := sandbox.Start(context.Background(), options)
	ts.Check(err)
	ts.Defer(func() { server.Close() })
	ts.Setenv("SANDBOX", server.URL())
	ts.Setenv("AWS_ENDPOINT_URL", server.URL())
	ts.Setenv("AWS_REGION", "eu-central-1")
	ts.Setenv("AWS_ACCESS_KEY_ID", "AKIACANARYCANARY")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "canary/secret/access/key/of/the/environment")
}

// control PATH [JSON] posts to one of the sandbox's own routes.
func controlCommand(ts *testscript.TestScript, _ bool, args []string) {
	body := ""
	if len(args) > 1 {
		body = args[1]
	}
	response, err := http.Post(ts.Getenv("SANDBOX")+"/_sandbox/"+args[0], "application/json", strings.NewReader(body))
	ts.Check(err)
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(response.Body)
		ts.Fatalf("control %s: %s %s", args[0], response.Status, text)
	}
}

// exits CODE COMMAND… runs a command that must end with exactly this code.
func exitsCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := exitCode(ts.Exec(args[1], args[2:]...)); got != want {
		ts.Fatalf("%s ended with %d, want %d", args[1], got, want)
	}
}

func exitCode(err error) int {
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}

// save NAME REGEXP sets a variable to what the last group of the expression matches in the last stdout.
func saveCommand(ts *testscript.TestScript, _ bool, args []string) {
	found := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if found == nil {
		ts.Fatalf("save: no match for %q", args[1])
	}
	ts.Setenv(args[0], found[len(found)-1])
}

// interrupt SIGNAL CODE FILE COMMAND… runs a command with its stderr in FILE, sends the signal when stderr says that an
// event is running, and fails unless the command ends with CODE.
func interruptCommand(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	path := ts.MkAbs(args[2])
	stderr, err := os.Create(path)
	ts.Check(err)
	defer stderr.Close()
	stdout, err := os.Create(path + ".stdout")
	ts.Check(err)
	defer stdout.Close()

	binary, err := exec.LookPath(args[3])
	if err != nil { // testscript has put the command in its own PATH
		binary = lookPathIn(ts.Getenv("PATH"), args[3])
	}
	command := exec.Command(binary, args[4:]...)
	command.Dir = ts.MkAbs(".")
	command.Env = environmentOf(ts)
	command.Stdout, command.Stderr = stdout, stderr
	ts.Check(command.Start())
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for deadline := time.Now().Add(30 * time.Second); ; {
		text, _ := os.ReadFile(path)
		if strings.Contains(string(text), "is running") {
			break
		}
		if time.Now().After(deadline) {
			ts.Fatalf("interrupt: nothing is running: %s", text)
		}
		select {
		case err := <-ended:
			ts.Fatalf("interrupt: ended before: %v: %s", err, text)
		case <-time.After(5 * time.Millisecond):
		}
	}
	signal := map[string]os.Signal{"INT": syscall.SIGINT, "TERM": syscall.SIGTERM}[args[0]]
	ts.Check(command.Process.Signal(signal))
	if got := exitCode(<-ended); got != want {
		ts.Fatalf("ended with %d, want %d", got, want)
	}
}

func lookPathIn(path, name string) string {
	for _, dir := range filepath.SplitList(path) {
		if candidate := filepath.Join(dir, name); isExecutable(candidate) {
			return candidate
		}
	}
	return name
}

func isExecutable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode()&0o111 != 0
}

func environmentOf(ts *testscript.TestScript) []string {
	var environment []string
	for _, name := range []string{
		"PATH", "HOME", "TMPDIR", "NO_COLOR", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
		"GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY",
		"GITLAB_CI", "CI_PROJECT_DIR", "CI_JOB_NAME", "CI_JOB_ID", "CI_JOB_URL", "AMI_LIFECYCLE_ID", "INPUT_REPORT_FILE",
	} {
		environment = append(environment, name+"="+ts.Getenv(name))
	}
	return environment
}

// requests COUNT ROUTE fails unless the sandbox has received exactly COUNT requests of the route.
func requestsCommand(ts *testscript.TestScript, _ bool, args []string) {
	response, err := http.Get(ts.Getenv("SANDBOX") + "/_sandbox/requests")
	ts.Check(err)
	defer response.Body.Close()
	var arrived struct{ Counts map[string]int }
	ts.Check(json.NewDecoder(response.Body).Decode(&arrived))
	if got := fmt.Sprint(arrived.Counts[args[1]]); got != args[0] {
		ts.Fatalf("%s arrived %s times, want %s: %v", args[1], got, args[0], arrived.Counts)
	}
}

// nosecrets FILE… fails if a file contains a key of the deployment or the AWS secret of the environment. The names stdout
// and stderr mean those of the last command.
func noSecretsCommand(ts *testscript.TestScript, _ bool, args []string) {
	secrets := append(keysOf(ts), ts.Getenv("AWS_SECRET_ACCESS_KEY"))
	if len(secrets) < 10 {
		ts.Fatalf("nosecrets: only %d secrets are known", len(secrets))
	}
	for _, file := range args {
		text := ts.ReadFile(file)
		if i := slices.IndexFunc(secrets, func(secret string) bool { return strings.Contains(text, secret) }); i >= 0 {
			ts.Fatalf("%s holds a secret: %s", file, secrets[i])
		}
	}
}

// keysOf returns every key, from the sandbox's Secrets Manager.
func keysOf(ts *testscript.TestScript) []string {
	var keys []string
	for _, name := range keyNames {
		key, err := askSecret(ts.Getenv("SANDBOX"), name)
		ts.Check(err)
		keys = append(keys, key)
	}
	return keys
}
