package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkCreate measures a whole create as it runs in a pipeline: the command as a process, the look-ups that
// find the orchestrator, the request and the response. The sandbox is a separate process.
func BenchmarkCreate(b *testing.B) {
	benchmarkCreate(b, environmentOfSandbox(b))
}

// BenchmarkCreateWithCABundle is BenchmarkCreate with AWS_CA_BUNDLE set, as in a pipeline behind a proxy that intercepts
// TLS.
func BenchmarkCreateWithCABundle(b *testing.B) {
	const bundle = "/etc/ssl/certs/ca-certificates.crt"
	if _, err := os.Stat(bundle); err != nil {
		b.Skip(err)
	}
	benchmarkCreate(b, append(environmentOfSandbox(b), "AWS_CA_BUNDLE="+bundle))
}

func benchmarkCreate(b *testing.B, environ []string) {
	b.Helper()
	benchmarkCommand(b, environ, 20,
		"--operation", "AMI_CREATE", "--wait=false", "--stackTag", "main", "--owner", "me",
		"--events", "SMOKE_TESTS", "--productName", "Demo", "--productVer", "1.0.0", "--notifications", "EMAIL::me@example.com")
}

// BenchmarkHelp measures the minimum cost of any use of the command: to load it and to print a page of text.
func BenchmarkHelp(b *testing.B) {
	benchmarkCommand(b, nil, 20, "--help")
}

// benchmarkCommand runs the command, built as for a release, once in each iteration. In addition to the elapsed time it
// reports the CPU time, which other processes affect less, the size of the binary, and the largest resident set of
// further runs, as many as peaks says.
func benchmarkCommand(b *testing.B, environ []string, peaks int, args ...string) {
	binary := build(b, ".", "-s -w")
	command := func(name string, args ...string) *exec.Cmd {
		c := exec.Command(name, args...)
		c.Dir, c.Env = filepath.Dir(binary), append(environ, "HOME="+filepath.Dir(binary))
		return c
	}
	var processors time.Duration
	for b.Loop() {
		c := command(binary, args...)
		var stderr bytes.Buffer
		c.Stderr = &stderr // stdout is discarded: to keep the result costs as much as to produce it
		if err := c.Run(); err != nil {
			b.Fatalf("%v: %s", err, &stderr)
		}
		processors += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	}
	b.ReportMetric(float64(processors)/float64(time.Millisecond)/float64(b.N), "cpu-ms/op")

	output, err := command(build(b, "./testdata/peak", "-s -w"), append([]string{strconv.Itoa(peaks), binary}, args...)...).Output()
	require.NoError(b, err)
	resident, err := strconv.ParseFloat(strings.TrimSpace(string(output)), 64)
	require.NoError(b, err)
	b.ReportMetric(resident/1e6, "peak-MB")
	info, err := os.Stat(binary)
	require.NoError(b, err)
	b.ReportMetric(float64(info.Size())/1e6, "binary-MB")
}

// build builds the command in the directory path with flags for the linker, and returns the path of the binary. The
// Dockerfile uses the flags -s -w.
func build(tb testing.TB, path, linker string) (binary string) {
	tb.Helper()
	binary = filepath.Join(tb.TempDir(), "command")
	c := exec.Command("go", "build", "-race=false", "-trimpath", "-ldflags", linker, "-o", binary, path)
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := c.CombinedOutput()
	require.NoError(tb, err, "%s", output)
	return binary
}

// environmentOfSandbox starts a sandbox in a separate process and returns the variables that point a command to it.
func environmentOfSandbox(b *testing.B) []string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	address := listener.Addr().String()
	require.NoError(b, listener.Close())
	server := exec.Command("sandbox-server", filepath.Join(b.TempDir(), "state"), address)
	stdout, err := server.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, server.Start())
	b.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	_, err = stdout.Read(make([]byte, len("listening\n"))) // it writes this line once it listens
	require.NoError(b, err)
	return []string{
		"AWS_ENDPOINT_URL=http://" + address, "AWS_REGION=eu-central-1",
		"AWS_ACCESS_KEY_ID=any", "AWS_SECRET_ACCESS_KEY=any",
	}
}
