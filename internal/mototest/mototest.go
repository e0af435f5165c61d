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

// Run runs the tests of a package, and then ends the moto server that they started. It returns the exit code of the
// process. TestMain of each package that calls [Start] calls it.
func Run(m *testing.M) int {
	defer func() {
		if process != nil {
			_ = process.Kill()
			_, _ = process.Wait() // it was killed
		}
	}()
	return m.Run()
}

// Start returns the URL of a moto server on a free port that knows of nothing: what earlier tests made is gone. All
// tests of a package use one server, since its start takes seconds, so they must not run in parallel. Without moto_server
// on the PATH the test is skipped, unless AMI_REQUIRE_MOTO says that it must be there.
func Start(t *testing.T) (url string) {
	t.Helper()
	program, err := exec.LookPath("moto_server")
	if err != nil {
		if os.Getenv("AMI_REQUIRE_MOTO") == "1" {
			t.Fatal("AMI_REQUIRE_MOTO=1, but there is no moto_server on the PATH")
		}
		t.Skip("there is no moto_server on the PATH")
	}
	url, err = server(program)
	require.NoError(t, err)
	reset, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/moto-api/reset", nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(reset)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Equal(t, http.StatusOK, response.StatusCode)
	return url
}

var (
	process *os.Process
	once    sync.Once
	address string
	failure error
)

// server starts the server of this process once, and returns its URL.
func server(program string) (url string, err error) {
	once.Do(func() { address, failure = start(program) })
	return address, failure
}

func start(program string) (url string, err error) {
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
			go io.Copy(io.Discard, log) //nolint:errcheck // It logs every request, and must not block on that.
			return strings.TrimSpace(url), nil
		}
	}
	return "", fmt.Errorf("moto_server ended before it was up: %w", scanner.Err())
}
