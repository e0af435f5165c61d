// Package mototest starts moto, an independent implementation of AWS, for tests of AWS clients.
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

// Start starts a moto server on a free port and returns its URL. The server is stopped at the end of the test. If there is
// no moto_server on the PATH, the test is skipped, or fails if AMI_REQUIRE_MOTO is 1.
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
		_ = command.Wait() // the error says only that it was killed
	})

	scanner := bufio.NewScanner(log)
	for scanner.Scan() {
		if _, url, ok := strings.Cut(scanner.Text(), "Running on "); ok {
			go io.Copy(io.Discard, log) //nolint:errcheck // the server logs every request, and must not block on a full pipe
			return strings.TrimSpace(url)
		}
	}
	t.Fatalf("moto_server ended before it was up: %v", scanner.Err())
	return ""
}
