// Package mototest starts moto, an independent implementation of AWS, for tests of AWS clients.
package mototest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Run runs the tests of a package, and then stops the moto server that they started. It returns the exit code of the
// process. The TestMain of each package that uses [Start] must call it.
func Run(m *testing.M) int {
	defer func() {
		if process != nil {
			_ = process.Kill()
			_, _ = process.Wait() // the error says only that it was killed
		}
	}()
	return m.Run()
}

// Start returns the URL of an empty moto server on a free port. All tests of a package share one server, because its start
// takes seconds. Start deletes what earlier tests have created, so these tests must not run in parallel. If there is no
// moto_server on the PATH, the test is skipped, or fails if AMI_REQUIRE_MOTO is 1.
func Start(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		if os.Getenv("AMI_REQUIRE_MOTO") == "1" {
			t.Fatal("AMI_REQUIRE_MOTO=1, but there is no moto_server on the PATH")
		}
		t.Skip("there is no moto_server on the PATH")
	}
	url, err := server()
	require.NoError(t, err)
	reset, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/moto-api/reset", nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(reset)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	return url
}

const program = "moto_server"

// process is the server, once it is started.
var process *os.Process

// server starts the server at its first call, and returns its URL.
var server = sync.OnceValues(start)

func start() (url string, err error) {
	command := exec.CommandContext(context.Background(), program, "-H", "127.0.0.1", "-p", "0")
	command.Env = append(os.Environ(), "PYTHONUNBUFFERED=1")
	log, err := command.StderrPipe()
	if err != nil {
		return "", err
	}
	if err := command.Start(); err != nil {
		return "", err
	}
	process = command.Process
	scanner := bufio.NewScanner(log)
	for scanner.Scan() {
		if _, url, ok := strings.Cut(scanner.Text(), "Running on "); ok {
			go io.Copy(io.Discard, log) //nolint:errcheck // the server logs every request, and must not block on a full pipe
			return strings.TrimSpace(url), nil
		}
	}
	return "", fmt.Errorf("moto_server ended before it was up: %w", scanner.Err())
}
