package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

// impatientMain is main with limits for tests. It runs in a separate process, so that a test can kill it.
func impatientMain() {
	prepareRuntime()
	ctx, stop := interruptible(context.Background())
	code := run(ctx, process{
		args: os.Args[1:], environ: os.Environ(), stdout: os.Stdout, stderr: os.Stderr,
		awsEndpoint: os.Getenv("SANDBOX"), limits: impatient(),
	})
	stop()
	if path := os.Getenv(processStatusFile); path != "" {
		status, _ := os.ReadFile("/proc/self/status")
		_ = os.WriteFile(path, status, 0o600)
	}
	os.Exit(code)
}

// processStatusFile is an environment variable. It holds the path of a file to which the command writes
// /proc/self/status at its end. The kernel's count for a child process is no use: it begins with the memory of the
// process that started the child.
const processStatusFile = "AMI_TEST_PROCESS_STATUS_FILE"

// overflowMain fails in a way that no code can recover from, as the command does when it runs out of memory.
func overflowMain() {
	prepareRuntime()
	debug.SetMaxStack(1 << 20)
	var overflow func(int) int
	overflow = func(n int) int { return overflow(n+1) + 1 }
	os.Exit(overflow(0) & 1)
}

// sandboxMain serves a sandbox until it is killed. Its arguments are the directory and the address.
func sandboxMain() {
	_, err := sandbox.Start(context.Background(), sandbox.Options{
		Dir: os.Args[1], Listen: os.Args[2], EventDuration: 40 * time.Millisecond,
		QueueDelay: 20 * time.Millisecond, HandoverDelay: 2 * time.Millisecond,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("listening")
	select {}
}

// killable is a sandbox in a separate process. It can be killed, and started again with the same directory and address.
type killable struct {
	t            *testing.T
	dir, address string
	process      *exec.Cmd
}

func (k *killable) start() {
	k.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; {
		k.process = exec.Command("sandbox-server", k.dir, k.address)
		var stderr bytes.Buffer
		k.process.Stderr = &stderr
		stdout, err := k.process.StdoutPipe()
		require.NoError(k.t, err)
		require.NoError(k.t, k.process.Start())
		line, _ := bufio.NewReader(stdout).ReadString('\n')
		if line == "listening\n" {
			return
		}
		_ = k.process.Wait()
		require.True(k.t, time.Now().Before(deadline), "the sandbox does not start: %s", stderr.String())
	}
}

func (k *killable) kill() {
	_ = k.process.Process.Kill()
	_ = k.process.Wait()
}

// TestKilledAtAnyMomentNothingIsLost kills the command, and now and then the sandbox too, at random
// moments, and runs the same job again until it succeeds. In the end each job has made exactly one complete
// lifecycle, and every lifecycle id that was printed is that of its job.
func TestKilledAtAnyMomentNothingIsLost(t *testing.T) {
	t.Parallel()
	kills := chaos("AMI_CHAOS_KILLS", 20)
	seed := chaosSeed(t)
	random := rand.New(rand.NewPCG(seed, 0))

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	server := &killable{t: t, dir: t.TempDir(), address: address}
	server.start()
	t.Cleanup(func() { server.kill() })

	killed, killedServers := 0, 0
	printed := map[string]int{} // from a lifecycle id to the job that printed it
	made := map[int]string{}
	for job := 0; killed < kills; job++ {
		j := &killedJob{t: t, dir: t.TempDir(), number: job, url: "http://" + address}
		operations := [][]string{{
			"--operation", "AMI_CREATE", "--events", "SMOKE_TESTS", "--productName", fmt.Sprintf("Product %d", job),
			"--productVer", "1.0.0", "--notifications", "EMAIL::me@example.com",
		}, {
			"--operation", "AMI_CREATE_UPDATE", "--events", "VULNERABILITY_SCANS", "--events", "QA_CERTIFICATION_REQUEST",
			"--notifications", "EMAIL::me@example.com",
		}, {
			"--operation", "AMI_QA_CERTIFICATION", "--certificationStatus", "CERTIFIED",
		}, {
			"--operation", "AMI_APPROVAL_CREATE", "--approvalStatusAmiCreation", "APPROVED",
		}, {
			"--operation", "AMI_PATCH", "--events", "AMI_PATCH_ONLY", "--semverBumpType", "MINOR", "--patchComponent", "component.yaml",
			"--patchChangeDescription", "The first patch.", "--notifications", "EMAIL::me@example.com",
		}, {
			"--operation", "AMI_PATCH", "--events", "SMOKE_TESTS", "--semverBumpType", "PATCH", "--patchComponent", "component.yaml",
			"--patchChangeDescription", "The second patch.", "--notifications", "EMAIL::me@example.com",
		}, {
			"--operation", "AMI_PATCH_UPDATE", "--events", "VULNERABILITY_SCANS", "--notifications", "EMAIL::me@example.com",
		}, {
			"--operation", "AMI_APPROVAL_PATCH", "--approvalStatusAmiPatch", "APPROVED",
		}}
		require.NoError(t, os.WriteFile(j.dir+"/component.yaml", []byte(component), 0o644))
		for _, args := range operations {
			if id := made[job]; id != "" {
				args = append(args, "--lifecycleId", id)
			}
			for attempt := 1; ; attempt++ {
				require.Less(t, attempt, 60, "job %d does not end", job)
				isLast := killed >= kills || random.IntN(4) == 0
				var within time.Duration
				if !isLast {
					within = time.Duration(random.IntN(250)) * time.Millisecond
					killed++
				}
				code, stdout, stderr := j.run(attempt, within, args)
				for _, id := range lifecycleID.FindAllString(stdout, -1) {
					printed[id] = job
				}
				if !isLast && random.IntN(3) == 0 {
					server.kill()
					killedServers++
					server.start()
				}
				if code == 0 {
					made[job] = lifecycleID.FindString(stdout)
					break
				}
				if isLast {
					t.Logf("job %d attempt %d ended with %d: %s", job, attempt, code, stderr)
				}
			}
		}
	}
	t.Logf("%d jobs, %d kills of the command, %d of the sandbox", len(made), killed, killedServers)

	survivor, err := sandbox.Start(t.Context(), sandbox.Options{Dir: server.dir})
	require.NoError(t, err)
	defer survivor.Close()
	w := &world{t: t, server: survivor}
	there := map[string][]string{}
	for _, id := range w.lifecycles() {
		product := w.status(id).ProductName
		there[product] = append(there[product], id)
	}
	for job, id := range made {
		assert.Equal(t, []string{id}, there[fmt.Sprintf("Product %d", job)], "job %d made one lifecycle", job)
		document := w.status(id)
		assert.Len(t, document.Results(lifecycle.Creation), 6, "each event of job %d completed once", job)
		assert.Len(t, document.Results(lifecycle.Patching), 4, "each event of job %d's second patch completed once", job)
		history := document.PatchOutputs.History.Historical
		require.Len(t, history, 1, "job %d patched twice, as it was asked to", job)
		assert.Len(t, history[0].Events, 1)
		assert.Regexp(t, `^\d+\.1\.1$`, document.ResultOf(lifecycle.PatchAMI).AMIs[0].SemanticVersion)
	}
	for id, job := range printed {
		assert.Equal(t, made[job], id, "an id that was printed is the job's lifecycle")
	}
}

// TestKilledAtEveryRequestNothingIsDoneTwice kills a create, and a patch, at each of its requests in turn:
// before the request arrives, and after its response. The next attempt succeeds, and nothing was done
// twice. Only an attempt that is killed needs its own process: the others run in the process of the test.
func TestKilledAtEveryRequestNothingIsDoneTwice(t *testing.T) {
	t.Parallel()
	create := []string{
		"--operation", "AMI_CREATE", "--events", "SMOKE_TESTS", "--events", "VULNERABILITY_SCANS", "--events", "QA_CERTIFICATION_REQUEST",
		"--productName", "Demo", "--productVer", "1.0.0", "--notifications", "EMAIL::me@example.com",
	}
	patch := []string{
		"--operation", "AMI_PATCH", "--events", "AMI_PATCH_ONLY", "--semverBumpType", "MINOR", "--patchComponent", "component.yaml",
		"--patchChangeDescription", "Adds.", "--notifications", "EMAIL::me@example.com",
	}
	for _, when := range []string{"before it arrives", "after its response"} {
		// killedInTurn runs the operation once for each of its requests, each time in a new job.
		killedInTurn := func(t *testing.T, w *world, args []string, check func(n int, id string)) {
			gate := newKillingGate(w, when == "before it arrives")
			for n, struck := 1, true; struck; n++ {
				j := gate.job(t, n)
				struck = gate.killAt(n, func() { j.run(1, 0, args) }, j)
				check(n, j.succeed(2, args))
				if !struck {
					t.Logf("%d requests", n-1)
				}
			}
		}
		t.Run("a create, "+when, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			killedInTurn(t, w, create, func(n int, id string) {
				require.Len(t, w.lifecycles(), n, "killed at request %d", n)
				require.Len(t, w.status(id).Results(lifecycle.Creation), 4, "killed at request %d", n)
			})
		})
		t.Run("a patch, "+when, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			j := newKillingGate(w, false).job(t, 0)
			id := j.succeed(1, create)
			j.succeed(1, []string{"--operation", "AMI_QA_CERTIFICATION", "--certificationStatus", "CERTIFIED", "--lifecycleId", id})
			j.succeed(1, []string{"--operation", "AMI_APPROVAL_CREATE", "--approvalStatusAmiCreation", "APPROVED", "--lifecycleId", id})
			killedInTurn(t, w, append(patch, "--lifecycleId", id), func(n int, id string) {
				document := w.status(id)
				require.Len(t, document.Results(lifecycle.Creation), 6, "killed at request %d", n)
				require.Len(t, document.Results(lifecycle.Patching), 1, "killed at request %d", n)
				require.Len(t, document.PatchOutputs.History.Historical, n-1, "killed at request %d: a job patches once", n)
			})
		})
	}
}

// killingGate is a proxy in front of a sandbox. It kills the command at one of its requests.
type killingGate struct {
	server *httptest.Server
	// counts reports whether a request counts. If it is nil, all count.
	counts func(*http.Request) bool
	mu     sync.Mutex
	left   int // requests until the kill; 0 if none is due
	victim *killedJob
}

func newKillingGate(w *world, before bool) *killingGate {
	g := &killingGate{}
	target, err := url.Parse(w.server.URL())
	require.NoError(w.t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	g.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		g.mu.Lock()
		counts := g.counts == nil || g.counts(r)
		strikes := counts && g.left == 1
		if counts {
			g.left = max(0, g.left-1)
		}
		g.mu.Unlock()
		switch {
		case strikes && before:
			g.victim.kill()
			return
		case strikes:
			proxy.ServeHTTP(httptest.NewRecorder(), r.WithContext(context.WithoutCancel(r.Context())))
			g.victim.kill()
			return
		}
		proxy.ServeHTTP(rw, r)
	}))
	w.t.Cleanup(g.server.Close)
	return g
}

// job returns a job whose requests all pass through the gate.
func (g *killingGate) job(t *testing.T, number int) *killedJob {
	t.Helper()
	j := &killedJob{t: t, dir: t.TempDir(), number: number, url: g.server.URL, arguments: []string{"--apiEndpoint", g.server.URL + sandbox.Stage}}
	require.NoError(t, os.WriteFile(j.dir+"/component.yaml", []byte(component), 0o644))
	return j
}

// killAt calls run and kills the job's command at its n-th request. It returns false if there were fewer requests.
func (g *killingGate) killAt(n int, run func(), job *killedJob) bool {
	g.mu.Lock()
	g.left, g.victim = n, job
	g.mu.Unlock()
	run()
	g.mu.Lock()
	defer g.mu.Unlock()
	struck := g.left == 0
	g.left = 0
	return struck
}

// killedJob is a job that runs several times. It runs on GitHub unless variables is set.
type killedJob struct {
	t        *testing.T
	dir, url string
	number   int
	// arguments are added to the command line of every attempt.
	arguments []string
	// variables replace the environment variables of GitHub.
	variables []string

	mu      sync.Mutex
	running *os.Process
}

// kill kills the attempt that is running.
func (j *killedJob) kill() {
	j.mu.Lock()
	defer j.mu.Unlock()
	_ = j.running.Kill()
}

// run runs an attempt of the job in a separate process, and kills it after killAfter unless that is zero.
func (j *killedJob) run(attempt int, killAfter time.Duration, args []string) (code int, stdout, stderr string) {
	j.t.Helper()
	command := exec.Command("ami-action-impatient", j.withArguments(args)...)
	command.Dir = j.dir
	command.Env = j.environ(attempt)
	var out, progress strings.Builder
	command.Stdout, command.Stderr = &out, &progress
	j.mu.Lock()
	require.NoError(j.t, command.Start())
	j.running = command.Process
	j.mu.Unlock()
	if killAfter > 0 {
		timer := time.AfterFunc(killAfter, func() { _ = command.Process.Kill() })
		defer timer.Stop()
	}
	return exitCode(command.Wait()), out.String(), progress.String()
}

// succeed runs an attempt of the job in the process of the test, fails the test unless the attempt succeeds, and returns
// the id that it prints.
func (j *killedJob) succeed(attempt int, args []string) (id string) {
	j.t.Helper()
	var stdout, stderr strings.Builder
	code := run(j.t.Context(), process{
		args: j.withArguments(args), environ: j.environ(attempt), stdout: &stdout, stderr: &stderr, awsEndpoint: j.url, limits: impatient(),
	})
	require.Zero(j.t, code, stderr.String())
	return lifecycleID.FindString(stdout.String())
}

func (j *killedJob) withArguments(args []string) []string {
	return append(args[:len(args):len(args)], j.arguments...)
}

func (j *killedJob) environ(attempt int) []string {
	common := []string{"PATH=" + os.Getenv("PATH"), "SANDBOX=" + j.url}
	if j.variables != nil {
		return append(common, j.variables...)
	}
	return append(common,
		"GITHUB_ACTIONS=true", "GITHUB_OUTPUT="+j.dir+"/output",
		"GITHUB_SERVER_URL=https://github.example.com", "GITHUB_REPOSITORY=org/repo", fmt.Sprintf("GITHUB_RUN_ID=%d", j.number),
		fmt.Sprintf("GITHUB_RUN_ATTEMPT=%d", attempt), "GITHUB_JOB=job", "GITHUB_ACTOR=octocat",
		"GITHUB_SHA=0123456789abcdef0123456789abcdef01234567", "GITHUB_REF_NAME=main", "GITHUB_WORKSPACE="+j.dir,
	)
}
