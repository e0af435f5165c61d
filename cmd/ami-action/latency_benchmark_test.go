package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// latency is added to each request in BenchmarkAtADistance.
const latency = 50 * time.Millisecond

// BenchmarkAtADistance measures a create and a patch, both without waiting, with a latency of 50 ms for each request to
// AWS and to the orchestrator. It reports the number of requests, and how many of them follow one another.
func BenchmarkAtADistance(b *testing.B) {
	for _, place := range []string{"local", "github"} {
		b.Run("create/"+place, func(b *testing.B) {
			d := distant(b, place)
			d.measure(b, func(int) []string {
				return append(d.createArgs(), "--owner", "me", "--stackTag", "main", "--wait=false")
			})
		})
		b.Run("patch/"+place, func(b *testing.B) {
			d := distant(b, place)
			d.measure(b, func(turn int) []string {
				maker := *d.world
				maker.place, maker.more = "github", []string{"GITHUB_RUN_ID=" + strconv.Itoa(-turn)}
				id := maker.approved(b)
				return []string{
					"--operation", "AMI_PATCH", "--lifecycleId", id, "--stackTag", "main", "--events", "AMI_PATCH_ONLY", "--semverBumpType", "MINOR", "--patchComponent", "component.yaml",
					"--patchChangeDescription", "Adds.", "--notifications", "EMAIL::me@example.com", "--wait=false",
				}
			})
		})
	}
}

// distance is a world whose requests all take at least the latency.
type distance struct {
	*world
	url      string
	requests atomic.Int64
}

func distant(b *testing.B, place string) *distance {
	b.Helper()
	b.Chdir(b.TempDir())
	d := &distance{world: newWorld(b)}
	d.place, d.dir = place, "."
	near, err := url.Parse(d.server.URL())
	require.NoError(b, err)
	var far *httptest.Server
	proxy := httputil.NewSingleHostReverseProxy(near)
	// The stack's outputs must name the slow address of the orchestrator too.
	proxy.ModifyResponse = func(response *http.Response) error {
		body, err := io.ReadAll(response.Body)
		body = bytes.ReplaceAll(body, []byte(near.String()), []byte(far.URL))
		response.Body = io.NopCloser(bytes.NewReader(body))
		response.ContentLength = int64(len(body))
		response.Header.Set("Content-Length", strconv.Itoa(len(body)))
		return err
	}
	far = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.requests.Add(1)
		time.Sleep(latency)
		proxy.ServeHTTP(w, r)
	}))
	b.Cleanup(far.Close)
	d.url = far.URL
	return d
}

// measure runs the command once for each turn. The timer is stopped while arguments prepares the turn.
func (d *distance) measure(b *testing.B, arguments func(turn int) []string) {
	b.Helper()
	for turn := 1; b.Loop(); turn++ {
		b.StopTimer()
		args := arguments(turn)
		environ := append(d.environ(), "GITHUB_RUN_ID="+strconv.Itoa(turn))
		var stdout, stderr bytes.Buffer
		b.StartTimer()
		code := run(b.Context(), process{args: args, environ: environ, stdout: &stdout, stderr: &stderr, awsEndpoint: d.url, limits: d.limits, client: d.client})
		b.StopTimer()
		require.Zero(b, code, stderr.String())
		b.StartTimer()
	}
	b.ReportMetric(float64(d.requests.Load())/float64(b.N), "requests/op")
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(latency), "round-trips/op")
}
