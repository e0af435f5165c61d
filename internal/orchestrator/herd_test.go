package orchestrator_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/watch"
)

// The gateway's limits (docs/wire-contract.md, "Errors").
const gatewayRate, gatewayBurst = 100, 500

// gateway throttles the requests of all jobs together, with a token bucket.
type gateway struct {
	mu        sync.Mutex
	tokens    float64
	refilled  time.Time
	begun     time.Time
	perSecond map[int]int
	requests  int
	throttled int
}

func (g *gateway) admits() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	g.tokens = min(gatewayBurst, g.tokens+now.Sub(g.refilled).Seconds()*gatewayRate)
	g.refilled = now
	g.requests++
	g.perSecond[int(now.Sub(g.begun)/time.Second)]++
	if g.tokens < 1 {
		g.throttled++
		return false
	}
	g.tokens--
	return true
}

// job is the transport of one job's client. It serves the status document of the job's lifecycle, whose event is in
// progress from started to ends.
type job struct {
	*gateway
	started, ends time.Time
}

func (j job) RoundTrip(*http.Request) (*http.Response, error) {
	time.Sleep(40 * time.Millisecond)
	status, body := http.StatusTooManyRequests, `{"message": "Too Many Requests"}`
	switch {
	case !j.admits():
	case time.Now().Before(j.ends):
		status, body = http.StatusOK, fmt.Sprintf(`{"lifecycle_id": %q, "stack_tag": "main", "event_in_progress": {"name": "BUILD_AMI", "status": "IN_PROGRESS",
			"execution_arn": "a", "execution_startdate": %q}}`, lifecycleID, j.started.UTC().Format(lifecycle.DateLayout))
	default:
		status, body = http.StatusOK, fmt.Sprintf(`{"lifecycle_id": %q, "stack_tag": "main", "outputs_ami_creation": {"events": [{"name": "BUILD_AMI",
			"status": "COMPLETED", "ami": [{"ami_id": "ami-1", "ami_semver": "1.0.0", "ami_region": "eu-central-1"}]}]}}`, lifecycleID)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader([]byte(body)))}, nil
}

// herd describes jobs whose waits begin at the same instant.
type herd struct {
	name     string
	from, to time.Duration // the shortest and the longest duration of their events
	age      time.Duration // how long the events have been in progress when the waits begin
	// Limits: the mean of the requests per second, the requests of the busiest second after the first minute, and the
	// share of requests that is throttled.
	mean      float64
	peak      int
	throttled float64
}

type herdResult struct {
	requests    int
	mean        float64       // requests per second, until half of the jobs have ended
	first, peak int           // requests of the busiest second: in the first minute, and after it
	throttled   float64       // the share of requests that is throttled
	failed      int           // failed polls
	late        time.Duration // how long after the event a wait ends, 99th percentile
}

func (h herd) run(t *testing.T, jobs int) (result herdResult) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(1, 2))
		g := &gateway{tokens: gatewayBurst, refilled: time.Now(), begun: time.Now(), perSecond: map[int]int{}}
		lates, ends := make([]time.Duration, jobs), make([]time.Duration, jobs)
		var failed sync.Map
		var group sync.WaitGroup
		for i := range jobs {
			length := h.from + time.Duration(random.Float64()*float64(h.to-h.from))
			jitter := rand.New(rand.NewPCG(3, uint64(i))).Float64
			group.Go(func() {
				j := job{gateway: g, started: g.begun.Add(-h.age), ends: g.begun.Add(length - h.age)}
				client := orchestrator.WithTransport(orchestrator.New(&fixedDeployment{url: "http://gateway"}, orchestrator.Options{Jitter: jitter}), j)
				options := watch.Options{
					LifecycleID: lifecycleID, Before: &lifecycle.Document{}, Wanted: []lifecycle.Event{lifecycle.BuildAMI},
					Timeout: 5 * time.Hour, Stall: 15 * time.Minute, PollBudget: 10 * time.Minute, Schedule: watch.Adaptive(watch.DefaultFloor, jitter).Together(),
				}
				polls := 0
				for found, err := range watch.Polls(context.Background(), client, options) {
					assert.NoError(t, err)
					polls++
					if found.Err != nil {
						failed.Store([2]int{i, polls}, true)
					}
				}
				lates[i], ends[i] = time.Since(j.ends), time.Since(g.begun)
			})
		}
		group.Wait()
		slices.Sort(lates)
		slices.Sort(ends)
		until := int(ends[jobs/2] / time.Second)
		total := 0
		for second, n := range g.perSecond {
			if second < 60 {
				result.first = max(result.first, n)
			} else {
				result.peak = max(result.peak, n)
			}
			if second <= until {
				total += n
			}
		}
		failed.Range(func(any, any) bool { result.failed++; return true })
		result.requests, result.mean = g.requests, float64(total)/float64(until+1)
		result.throttled = float64(g.throttled) / float64(g.requests)
		result.late = lates[jobs*99/100]
	})
	return result
}

// TestFiveHundredWaitsTogether simulates jobs that a pipeline starts at the same instant, with the real client and the
// real waits. With go test -v it prints the table in docs/performance.md. It fails if the numbers get worse.
func TestFiveHundredWaitsTogether(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	for _, h := range []herd{
		{"events of 10 to 60 seconds", 10 * time.Second, time.Minute, 0, gatewayRate, gatewayRate, 0.25},
		{"events of 2 to 10 minutes", 2 * time.Minute, 10 * time.Minute, 0, 30, gatewayRate, 0.12},
		{"events of 20 to 60 minutes", 20 * time.Minute, 60 * time.Minute, 0, 15, gatewayRate, 0.05},
		{"events of 40 to 90 minutes, waits begin again after 30", 40 * time.Minute, 90 * time.Minute, 30 * time.Minute, 10, 50, 0.01},
	} {
		got := h.run(t, 500)
		fmt.Fprintf(&table, "| %s | %d | %.0f | %d | %d | %.1f %% | %d | %s |\n", h.name, got.requests, got.mean, got.first, got.peak,
			100*got.throttled, got.failed, got.late.Round(time.Second))
		assert.LessOrEqual(t, got.mean, h.mean, h.name)
		assert.LessOrEqual(t, got.peak, h.peak, h.name)
		assert.LessOrEqual(t, got.throttled, h.throttled, h.name)
		assert.LessOrEqual(t, got.late, time.Minute, h.name)
	}
	t.Logf("\n| 500 jobs at once | requests | mean a second | peak of the first minute | peak after it | 429 | polls failed | late, p99 |\n%s", table.String())
}
