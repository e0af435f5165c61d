package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// asCommand is an environment variable that makes the test binary run as the command, so that a test can start it as a
// process and kill it.
const asCommand = "AMI_SANDBOX_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// process is a running ami-sandbox.
type process struct {
	*exec.Cmd
	url string
}

func startProcess(t *testing.T, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), self, args...)
	command.Env = append(os.Environ(), asCommand+"=1")
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	line, err := bufio.NewReader(stdout).ReadString('\n')
	require.NoError(t, err)
	address, found := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	require.True(t, found, "the first line is %q", line)
	require.Regexp(t, `^http://127\.0\.0\.1:\d+$`, address)
	return &process{command, address}
}

func (p *process) post(path string, header http.Header, body any) (map[string]any, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodPost, p.url+path, bytes.NewReader(encoded))
	if err != nil {
		return nil, err
	}
	request.Header = header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	var content map[string]any
	if err := json.Unmarshal(data, &content); err != nil || response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%d %s %w", response.StatusCode, data, err)
	}
	return content, nil
}

func (p *process) key(t *testing.T, secret string) string {
	t.Helper()
	response, err := p.post("/", http.Header{"X-Amz-Target": {"secretsmanager.GetSecretValue"}},
		map[string]any{"SecretId": "/ami-lifecycle/api-keys/" + secret})
	require.NoError(t, err)
	return response["SecretString"].(string)
}

func (p *process) create(key string) (string, error) {
	response, err := p.post("/dev/ami-creation/lifecycles", http.Header{}, map[string]any{
		"api_key": key, "stack_tag": "main", "owner": "me",
		"product_ver": "1", "product_name": "Demo", "commit_ref": "0",
		"notifications": []any{map[string]any{"method": "EMAIL", "target": "me@example.com"}},
		"events": []any{
			map[string]any{"name": "BUILD_AMI", "enabled": true},
			map[string]any{"name": "SMOKE_TESTS_AMI_CREATE", "enabled": false},
			map[string]any{"name": "VULNERABILIY_SCANS_AMI_CREATE", "enabled": false},
			map[string]any{"name": "QA_CERTIFICATION_REQUEST", "enabled": false},
		},
	})
	id, _ := response["lifecycle_id"].(string)
	return id, err
}

func TestItServesUntilItIsToldToStop(t *testing.T) {
	t.Parallel()
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		sandbox := startProcess(t, "--listen", "127.0.0.1:0", "--dir", filepath.Join(t.TempDir(), "state"))
		_, err := sandbox.create(sandbox.key(t, "ami_creation_post_api_key"))
		require.NoError(t, err)
		require.NoError(t, sandbox.Process.Signal(signal))
		assert.NoError(t, sandbox.Wait(), signal)
	}
}

// A request that was acknowledged with a response is stored on disk, no matter when the process is killed.
func TestNothingAcknowledgedIsLostWhenItIsKilled(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "state")
	random := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for range 15 {
		sandbox := startProcess(t, "--dir", dir, "--event-duration", "1ms")
		key := sandbox.key(t, "ami_creation_post_api_key")
		remaining := 1 + random.IntN(10)
		var group sync.WaitGroup
		for range 3 {
			group.Go(func() {
				for {
					id, err := sandbox.create(key)
					if err != nil {
						return // the sandbox was killed
					}
					mu.Lock()
					acknowledged[id] = true
					if remaining--; remaining == 0 {
						_ = sandbox.Process.Kill()
					}
					mu.Unlock()
				}
			})
		}
		group.Wait()
		_ = sandbox.Wait()
	}
	sandbox := startProcess(t, "--dir", dir)
	key := sandbox.key(t, "ami_creation_status_api_key")
	versions := map[string]bool{}
	for id := range acknowledged {
		response, err := http.Get(sandbox.url + "/dev/ami-creation/lifecycles/" + id + "/status?api_key=" + key)
		require.NoError(t, err)
		var document struct {
			Outputs struct {
				Events []struct {
					Properties struct {
						AMIs []struct {
							Version string `json:"ami_semver"`
						} `json:"ami_details"`
					} `json:"properties"`
				} `json:"events"`
			} `json:"outputs_ami_creation"`
		}
		require.NoError(t, json.NewDecoder(response.Body).Decode(&document))
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode, id)
		require.Len(t, document.Outputs.Events, 1, "its build has ended, once")
		versions[document.Outputs.Events[0].Properties.AMIs[0].Version] = true
	}
	assert.Len(t, versions, len(acknowledged), "no two builds got the same version")
	require.NoError(t, sandbox.Process.Kill())
	_ = sandbox.Wait()
}
