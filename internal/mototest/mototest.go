// Package mototest starts AWS as moto plays it, for tests of the clients of AWS.
package mototest

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Start starts a moto server on a free port, which ends with the test, and returns its URL. Without one on the PATH
// the test is skipped, unless AMI_REQUIRE_MOTO says that there must be one.
func Start(t *testing.T) string {
	t.Helper()
	program, err := exec.LookPath("moto_server")
	if err != nil {
		if os.Getenv("AMI_REQUIRE_MOTO") == "1" {
			t.Fatal("AMI_REQUIRE_MOTO=1, but there is no moto_server on the PATH")
		}
		t.Skip("there is no moto_server on the PATH")
	}
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program, "-H", "127.0.0.1", "-p", "0")
	command.Env = append(os.Environ(), "PYTHONUNBUFFERED=1")
	log, err := command.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		assert.NoError(t, command.Process.Kill())
		_ = command.Wait() // it was killed
	})

	scanner := bufio.NewScanner(log)
	for scanner.Scan() {
		if _, url, ok := strings.Cut(scanner.Text(), "Running on "); ok {
			go io.Copy(io.Discard, log) //nolint:errcheck // It logs every request, and must not block on that.
			return strings.TrimSpace(url)
		}
	}
	t.Fatalf("moto_server ended before it was up: %v", scanner.Err())
	return ""
}
