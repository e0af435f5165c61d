//go:build linux

package main

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/exitcode"
)

func TestTheMemoryIsLimitedUnlessTheEnvironmentSaysOtherwise(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	t.Cleanup(func() { debug.SetTraceback("single") })
	t.Setenv("GOMEMLIMIT", "")
	prepareRuntime()
	assert.Equal(t, int64(memoryLimit), debug.SetMemoryLimit(-1))

	const chosen = 1 << 30
	debug.SetMemoryLimit(chosen) // as the runtime does at its start
	t.Setenv("GOMEMLIMIT", "1GiB")
	prepareRuntime()
	assert.Equal(t, int64(chosen), debug.SetMemoryLimit(-1))
}

func TestAFailureOfTheRuntimeNeverSaysThatNothingWasSent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, traceback := range []string{"", "single", "all", "none"} { // as a runner's environment may set it
		command := exec.Command("ami-action-overflowing")
		command.Dir, command.Env = dir, append(os.Environ(), "GOTRACEBACK="+traceback)
		var failed *exec.ExitError
		require.ErrorAs(t, command.Run(), &failed)
		assert.Equal(t, syscall.SIGABRT, failed.Sys().(syscall.WaitStatus).Signal(), "GOTRACEBACK=%s: %v", traceback, failed)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	assert.Empty(t, left, "no core file: it would hold the keys")
}

// A few KB on the wire can unpack to the largest response that the client reads. How much memory that takes depends on
// what the response contains.
func TestAHostileResponseTakesLittleMemory(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ before, item, after string }{
		"empty results":  {`{"lifecycle_id": "a", "outputs_ami_creation": {"events": [`, `{},`, `{}]}}`},
		"lists in lists": {`{"lifecycle_id": "a", "x": `, `[`, `}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			packed := packedUpTo(t, 4<<20, c.before, c.item, c.after) // the limit of a response
			w := manualWorld(t)
			endpoint := proxyTo(w, func(rw http.ResponseWriter, r *http.Request) bool {
				if !isStatusOfOne(r) {
					return false
				}
				rw.Header().Set("Content-Encoding", "gzip")
				_, _ = rw.Write(packed)
				return true
			})
			file := filepath.Join(t.TempDir(), "status")
			command := w.start(func(c *exec.Cmd) { c.Env = append(c.Env, processStatusFile+"="+file) }, append(createArgs, "--apiEndpoint", endpoint)...)
			code := exitCode(command.Wait())
			assert.Equal(t, exitcode.Unavailable, code)
			status, err := os.ReadFile(file)
			require.NoError(t, err)
			found := regexp.MustCompile(`(?m)^VmHWM:\s+(\d+) kB$`).FindSubmatch(status)
			require.NotNil(t, found, "%s", status)
			peak, err := strconv.Atoi(string(found[1]))
			require.NoError(t, err)
			t.Logf("%d MB, %s of CPU", peak>>10, command.ProcessState.UserTime())
			if !withRaceDetector { // it keeps a shadow copy of all memory
				assert.Less(t, peak, 256<<10, "KB")
			}
		})
	}
}

// packedUpTo returns, compressed with gzip, before, as many items as fit, and after. Together they have at most size
// bytes before compression.
func packedUpTo(t *testing.T, size int, before, item, after string) []byte {
	t.Helper()
	var plain, packed bytes.Buffer
	plain.WriteString(before)
	plain.WriteString(strings.Repeat(item, (size-len(before)-len(after))/len(item)))
	plain.WriteString(after)
	packer := gzip.NewWriter(&packed)
	_, err := plain.WriteTo(packer)
	require.NoError(t, err)
	require.NoError(t, packer.Close())
	return packed.Bytes()
}
