//go:build e2e

package gitlab_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// afterwards is a job that runs even if the one before it failed.
const afterwards = `
afterwards:
  stage: deploy
  needs: [create]
  when: always
  script:
    - echo "lifecycle $AMI_LIFECYCLE_ID is $AMI_STATUS at $AMI_EVENT"
`

func TestAJobThatFailsLeavesWhatItKnew(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, image bool) {
		p := newProject(t, image, byComponent, example(t, "create.yml")+afterwards, "--error", "SMOKE_TESTS_AMI_CREATE")
		log, succeeded := p.pipeline()
		assert.False(t, succeeded, log)
		assert.Contains(t, log, "FAIL 1 ")

		variables := p.dotenv("create")
		assert.Equal(t, "ERROR", variables["AMI_STATUS"])
		assert.Equal(t, "1.0.0", variables["AMI_SEMANTIC_VERSION"], "the build before it was good")
		assert.Contains(t, p.job("afterwards"), "lifecycle "+variables["AMI_LIFECYCLE_ID"]+" is ERROR at SMOKE_TESTS")
		assert.Contains(t, p.artifact("create", "ami-lifecycle.html"), "Smoke tests")
		assert.Contains(t, p.artifact("create", "ami-lifecycle.json"), variables["AMI_LIFECYCLE_ID"])
	})
}

func TestAConfigurationThatIsWrongSendsNothingAndTellsAll(t *testing.T) {
	t.Parallel()
	pipeline := strings.Replace(example(t, "create.yml"), "      product_name: Web server\n", "      lifecycle_id: a\n", 1)
	p := newProject(t, false, byComponent, pipeline)
	log, succeeded := p.pipeline()
	assert.False(t, succeeded)
	assert.Contains(t, log, "FAIL 2 ")
	assert.Contains(t, log, "input product_name is missing")
	assert.Contains(t, log, "input lifecycle_id has no effect on AMI_CREATE")
	assert.NoFileExists(t, filepath.Join(p.dir, ".gitlab-ci-local/artifacts/create/ami-lifecycle.json"))
}

// TestACancelledJobLeavesItsOutputs does what the runner does when a job is cancelled: it sends SIGTERM to the
// processes of the job's script. It does not run in parallel with other tests, because it finds the job's process by its
// program.
func TestACancelledJobLeavesItsOutputs(t *testing.T) {
	everywhere(t, func(t *testing.T, image bool) {
		p := newProject(t, image, byComponent, example(t, "create.yml")+afterwards, "--manual")
		emulator := p.emulator()
		var log strings.Builder
		emulator.Stdout, emulator.Stderr = &log, &log
		require.NoError(t, emulator.Start())
		path := filepath.Join(p.dir, ".gitlab-ci-local/output/create.log")
		waitFor(t, "the build to run", func() bool {
			progress, err := os.ReadFile(path)
			return err == nil && strings.Contains(string(progress), "BUILD_AMI is running")
		})
		p.terminate()
		assert.Error(t, emulator.Wait())
		p.checkSecrets(log.String())
		assert.Contains(t, log.String(), "FAIL 143 ")

		variables := p.dotenv("create")
		assert.Equal(t, "INTERRUPTED", variables["AMI_STATUS"])
		id := variables["AMI_LIFECYCLE_ID"]
		assert.Contains(t, p.job("create"), "ami-action --operation AMI_WAIT --lifecycleId "+id)
		assert.Contains(t, p.job("afterwards"), "lifecycle "+id+" is INTERRUPTED at BUILD_AMI")
		assert.Contains(t, p.artifact("create", "ami-lifecycle.html"), id)
	})
}

// terminate sends SIGTERM to the command of the running job.
func (p *project) terminate() {
	p.t.Helper()
	if p.image {
		container, err := exec.Command(os.Getenv("DOCKER"), "ps", "-q", "--filter", "ancestor="+p.variables["CI_REGISTRY"]+"/org/ami-action:1").Output()
		require.NoError(p.t, err)
		p.run(os.Getenv("DOCKER"), "exec", strings.TrimSpace(string(container)), "killall", "-TERM", "ami-action")
		return
	}
	program, err := filepath.EvalSymlinks(filepath.Join(os.Getenv("AMI_E2E_BIN"), "ami-action"))
	require.NoError(p.t, err)
	processes, err := filepath.Glob("/proc/[0-9]*/exe")
	require.NoError(p.t, err)
	sent := 0
	for _, process := range processes {
		if running, err := os.Readlink(process); err == nil && running == program {
			pid := 0
			for _, digit := range filepath.Base(filepath.Dir(process)) {
				pid = pid*10 + int(digit-'0')
			}
			require.NoError(p.t, syscall.Kill(pid, syscall.SIGTERM))
			sent++
		}
	}
	require.Equal(p.t, 1, sent)
}

func waitFor(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !happened(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
