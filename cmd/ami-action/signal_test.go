//go:build !windows

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

// createArgs ask for an image. In a manualWorld, its build ends only when the test says so.
var createArgs = []string{
	"--operation", "AMI_CREATE", "--events", "AMI_BUILD_ONLY", "--productName", "Demo", "--productVer", "1.0.0",
	"--notifications", "EMAIL::me@example.com",
}

func manualWorld(t *testing.T) *world {
	return newWorld(t, func(o *sandbox.Options) { o.Manual = true })
}

// start starts the command in a separate process. change, if not nil, may change it first.
func (w *world) start(change func(*exec.Cmd), args ...string) *exec.Cmd {
	w.t.Helper()
	command := exec.Command("ami-action-impatient", args...)
	command.Dir = w.dir
	command.Env = append(w.environ(), "PATH="+os.Getenv("PATH"), "SANDBOX="+w.server.URL())
	if change != nil {
		change(command)
	}
	require.NoError(w.t, command.Start())
	w.t.Cleanup(func() { _ = command.Process.Kill() })
	return command
}

// awaitOutput waits until the job's outputs hold the text.
func (w *world) awaitOutput(text string) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		content, _ := os.ReadFile(w.path("output"))
		return strings.Contains(string(content), text)
	}, 30*time.Second, 5*time.Millisecond, "outputs hold %q", text)
}

// outputs returns the last value of every output.
func (w *world) outputs() map[string]string {
	w.t.Helper()
	content, err := os.ReadFile(w.path("output"))
	require.NoError(w.t, err)
	values := map[string]string{}
	lines := strings.Split(string(content), "\n")
	for i := 0; i+2 < len(lines); i += 3 {
		name, _, _ := strings.Cut(lines[i], "<<")
		values[name] = lines[i+1]
	}
	return values
}

// requireToldEnding fails the test unless everything is there that an interrupted command leaves behind: outputs, summary
// and report.
func (w *world) requireToldEnding() {
	w.t.Helper()
	outputs := w.outputs()
	require.Equal(w.t, "INTERRUPTED", outputs["status"])
	require.Equal(w.t, []string{outputs["lifecycle_id"]}, w.lifecycles())
	require.Equal(w.t, "report.md", outputs["report_file"])
	for _, name := range []string{"summary.md", "report.md"} {
		content, err := os.ReadFile(w.path(name))
		require.NoError(w.t, err)
		require.Contains(w.t, string(content), "operation: AMI_WAIT\n  lifecycle_id: "+outputs["lifecycle_id"], name)
	}
}

func TestEverySignalThatEndsTheCommandLeavesWhatIsKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		signals []os.Signal
		code    int
	}{
		{"interrupted", []os.Signal{syscall.SIGINT}, 130},
		{"terminated", []os.Signal{syscall.SIGTERM}, 143},
		{"hung up", []os.Signal{syscall.SIGHUP}, 129},
		{"hung up by the kernel and by the shell", []os.Signal{syscall.SIGHUP, syscall.SIGHUP, syscall.SIGHUP}, 129},
		{"ended by systemd", []os.Signal{syscall.SIGTERM, syscall.SIGHUP}, 143},
		{"a pipe that broke elsewhere first", []os.Signal{syscall.SIGPIPE, syscall.SIGTERM}, 143},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.signals[0] == syscall.SIGHUP && signal.Ignored(syscall.SIGHUP) {
				t.Skip("SIGHUP is ignored here, as below nohup, and so it is in every child")
			}
			w := manualWorld(t)
			var stderr bytes.Buffer
			command := w.start(func(command *exec.Cmd) { command.Stderr = &stderr }, append(createArgs, "--reportFile", "report.md")...)
			w.awaitOutput("RUNNING")
			for _, signal := range c.signals {
				_ = command.Process.Signal(signal) // it may have ended already
				if signal == c.signals[0] && signal != syscall.SIGPIPE && len(c.signals) > 1 {
					w.awaitOutput("INTERRUPTED") // otherwise the kernel may deliver the later signal first
				}
			}
			require.Equal(t, c.code, exitCode(command.Wait()), stderr.String())
			w.requireToldEnding()
			require.Contains(t, stderr.String(), "resume: ami-action --operation AMI_WAIT")
		})
	}
}

func TestNohupOutlivesItsTerminal(t *testing.T) {
	t.Parallel()
	w := manualWorld(t)
	command := w.start(func(command *exec.Cmd) {
		command.Args = append([]string{"sh", "-c", `trap "" HUP; exec "$0" "$@"`}, command.Args...)
		command.Path = "/bin/sh"
	}, append(createArgs, "--reportFile", "report.md")...)
	w.awaitOutput("RUNNING")
	require.NoError(t, command.Process.Signal(syscall.SIGHUP))
	w.post("lifecycles/"+w.outputs()["lifecycle_id"]+"/event", `{"status": "COMPLETED"}`)
	require.Zero(t, exitCode(command.Wait()))
}

// closed returns the writing end of a pipe whose reading end is closed.
func closed(t *testing.T) *os.File {
	t.Helper()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	t.Cleanup(func() { writer.Close() })
	return writer
}

// full returns the writing end of a pipe that is full and that has no reader.
func full(t *testing.T) *os.File {
	t.Helper()
	var ends [2]int
	require.NoError(t, syscall.Pipe(ends[:]))
	require.NoError(t, syscall.SetNonblock(ends[1], true))
	for _, size := range []int{4096, 1} {
		for {
			if _, err := syscall.Write(ends[1], bytes.Repeat([]byte("x"), size)); err != nil {
				break
			}
		}
	}
	require.NoError(t, syscall.SetNonblock(ends[1], false))
	t.Cleanup(func() {
		_ = syscall.Close(ends[0])
		_ = syscall.Close(ends[1])
	})
	return os.NewFile(uintptr(dup(t, ends[1])), "full pipe")
}

func dup(t *testing.T, fd int) int {
	t.Helper()
	other, err := syscall.Dup(fd)
	require.NoError(t, err)
	return other
}

func TestAWaitGoesOnWhenNobodyReads(t *testing.T) {
	t.Parallel()
	for name, stream := range map[string]func(*testing.T) *os.File{"closed": closed, "full": full} {
		for _, which := range []string{"stdout", "stderr", "both"} {
			t.Run(name+" "+which, func(t *testing.T) {
				t.Parallel()
				w := manualWorld(t)
				var seen bytes.Buffer
				command := w.start(func(command *exec.Cmd) {
					command.Stdout, command.Stderr = io.Discard, &seen
					if which != "stderr" {
						command.Stdout = stream(t)
					}
					if which != "stdout" {
						command.Stderr = stream(t)
					}
				}, append(createArgs, "--reportFile", "report.md", "--output", "json")...)
				w.awaitOutput("RUNNING")
				require.NoError(t, command.Process.Signal(syscall.SIGTERM))
				require.Equal(t, 143, exitCode(command.Wait()))
				w.requireToldEnding()
				if which == "stdout" {
					require.Contains(t, seen.String(), "resume: ami-action --operation AMI_WAIT")
				}
			})
		}
	}
}

func TestAReaderThatIsGoneIsNoFailure(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	command := w.start(func(command *exec.Cmd) { command.Stdout, command.Stderr = closed(t), closed(t) }, createArgs...)
	require.Zero(t, exitCode(command.Wait()))
	require.Equal(t, "COMPLETED", w.outputs()["status"])
}

func TestAResultThatTheDiskDoesNotTakeIsAFailure(t *testing.T) {
	t.Parallel()
	disk, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no /dev/full")
	}
	defer disk.Close()
	w := newWorld(t)
	var stderr bytes.Buffer
	command := w.start(func(command *exec.Cmd) { command.Stdout, command.Stderr = disk, &stderr }, createArgs...)
	require.Equal(t, 1, exitCode(command.Wait()))
	require.Contains(t, stderr.String(), "the result on stdout cannot be written")
}

func TestWhatCannotBeWrittenIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, place, says string
		more              []string
		prepare           func(w *world) error
		args              []string
	}{
		{"outputs in no directory", "github", "GITHUB_OUTPUT", []string{"GITHUB_OUTPUT=/nonexistent/x"}, nil, nil},
		{"outputs in a directory", "github", "GITHUB_OUTPUT", []string{"GITHUB_OUTPUT=/tmp"}, nil, nil},
		{"outputs into a FIFO", "github", "GITHUB_OUTPUT", nil, func(w *world) error { return syscall.Mkfifo(w.path("output"), 0o600) }, nil},
		{"a summary into a FIFO", "github", "GITHUB_STEP_SUMMARY", nil, func(w *world) error { return syscall.Mkfifo(w.path("summary.md"), 0o600) }, nil},
		{"a report that is a directory", "github", "--reportFile", nil, func(w *world) error { return os.Mkdir(w.path("r"), 0o755) }, []string{"--reportFile", "r"}},
		{"a report into a FIFO", "gitlab", "--reportFile", nil, func(w *world) error { return syscall.Mkfifo(w.path("r"), 0o600) }, []string{"--reportFile", "r"}},
		{"a report below a file", "local", "--reportFile", nil, func(w *world) error { return os.WriteFile(w.path("r"), nil, 0o600) }, []string{"--reportFile", "r/x"}},
		{"a report outside", "gitlab", "--reportFile", nil, nil, []string{"--reportFile", "../r"}},
		{"a report into stderr", "github", "--reportFile", nil, func(w *world) error { return os.Symlink("/dev/stderr", w.path("r")) }, []string{"--reportFile", "r"}},
		{"a report behind a link", "gitlab", "--reportFile", nil, func(w *world) error { return os.Symlink(filepath.Dir(w.dir), w.path("r")) }, []string{"--reportFile", "r/x"}},
		{"a dotenv that is a directory", "gitlab", "dotenv report", nil, func(w *world) error { return os.Mkdir(w.path("ami-lifecycle.env"), 0o755) }, nil},
		{"a dotenv outside", "gitlab", "AMI_DOTENV_FILE", []string{"AMI_DOTENV_FILE=/tmp/x.env"}, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.place = c.place
			if c.prepare != nil {
				require.NoError(t, c.prepare(w))
			}
			var stderr bytes.Buffer
			command := w.start(func(command *exec.Cmd) {
				command.Stderr = &stderr
				command.Env = append(command.Env, c.more...)
			}, append(append(createArgs[:len(createArgs):len(createArgs)], "--owner", "me", "--stackTag", "main"), c.args...)...)
			assert.Equal(t, 2, exitCode(command.Wait()), stderr.String())
			assert.Zero(t, w.writes(), "nothing was sent")
			// In a pipeline, the error names the input, even if a flag was given.
			says := c.says
			if says == "--reportFile" && c.place != "local" {
				says = "input report_file"
			}
			assert.Contains(t, stderr.String(), says)
			assert.Equal(t, 1, strings.Count(stderr.String(), says+" is "), fmt.Sprintf("it is said once: %s", stderr.String()))
		})
	}
}
