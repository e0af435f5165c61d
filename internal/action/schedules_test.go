package action_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/schedules"
	"github.com/org/ami-action/internal/workspace"
)

// claimStore is an in-memory store of claims that works like S3. If denied is set, it is the error of each request for an
// object.
type claimStore struct {
	mu      sync.Mutex
	objects map[string]storedClaim
	writes  int
	denied  error
	// unproven is the error of Prove. If ignoresConditions is set, every write succeeds.
	unproven          error
	ignoresConditions bool
}

type storedClaim struct {
	body    []byte
	version string
	written time.Time
}

// denial is the error of a store that lacks a permission.
type denial struct{}

func (denial) Error() string   { return "s3:PutObject is denied" }
func (denial) Permanent() bool { return true }

func (s *claimStore) Get(_ context.Context, key string) (body []byte, version string, age time.Duration, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.objects[key]; ok && s.denied == nil {
		return found.body, found.version, time.Since(found.written), nil
	}
	return nil, "", 0, s.denied
}

func (s *claimStore) Create(ctx context.Context, key string, body []byte) (string, bool, error) {
	return s.Replace(ctx, key, "", body)
}

func (s *claimStore) Replace(_ context.Context, key, version string, body []byte) (string, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.denied != nil || s.objects[key].version != version && !s.ignoresConditions {
		return "", false, s.denied
	}
	if s.objects == nil {
		s.objects = map[string]storedClaim{}
	}
	s.writes++
	version = fmt.Sprintf("%x-%d", sha256.Sum256(body), s.writes)
	s.objects[key] = storedClaim{body, version, time.Now()}
	return version, true, nil
}

func (s *claimStore) Prove(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.unproven
}

// scheduled is the orchestrator, the deployment and the store of claims as one process sees them. The schedule decides
// what happens to each request.
type scheduled struct {
	process *schedules.Process
	server  *server
	bucket  *bucket
	claims  *claimStore
}

func (s scheduled) Send(_ context.Context, request orchestrator.Request) (orchestrator.Accepted, error) {
	var accepted orchestrator.Accepted
	var refused error
	if s.process.Request(schedules.Unpausable, fmt.Sprintf("send %T", request), func() {
		accepted, refused = s.server.Send(context.Background(), request)
	}) != nil {
		return orchestrator.Accepted{}, &orchestrator.UncertainError{Reason: "lost"}
	}
	return accepted, refused
}

func (s scheduled) read(what string, execute func()) error {
	if s.process.Request(schedules.Read, what, execute) != nil {
		return &orchestrator.UnavailableError{Reason: "lost"}
	}
	return nil
}

func (s scheduled) Status(_ context.Context, id string) (document *lifecycle.Document, err error) {
	if lost := s.read("status", func() { document, err = s.server.Status(context.Background(), id) }); lost != nil {
		return nil, lost
	}
	return document, err
}

func (s scheduled) Poll(ctx context.Context, id string) (*lifecycle.Document, error) {
	return s.Status(ctx, id)
}

func (s scheduled) Statuses(context.Context) (documents []*lifecycle.Document, err error) {
	if lost := s.read("list", func() { documents, err = s.server.Statuses(context.Background()) }); lost != nil {
		return nil, lost
	}
	return documents, err
}

func (s scheduled) List(ctx context.Context, keep func(*lifecycle.Document) any) ([]any, error) {
	return s.server.List(ctx, keep) // only for operations that start nothing
}

func (s scheduled) Timeline(context.Context, lifecycle.Phase, string) ([]byte, error) {
	return nil, nil
}

func (s scheduled) Prefetch(context.Context, []string, bool) error { return nil }

func (s scheduled) Upload(ctx context.Context, id, name string, content []byte, token string) (string, error) {
	// A lost request may still be carried out later and set these variables. Their values are not used then.
	var url string
	var err error
	if s.process.Request(schedules.Write, "upload", func() {
		url, err = s.bucket.Upload(context.Background(), id, name, content, token)
	}) != nil {
		return "", &outcome.Error{Kind: outcome.Unavailable, Reason: "lost"}
	}
	if ctx.Err() != nil {
		return "", &outcome.Error{Kind: outcome.Unavailable, Reason: "too late"}
	}
	return url, err
}

func (s scheduled) Uploaded(_ context.Context, id, name string) (token string, err error) {
	if lost := s.read("uploaded", func() { token, err = s.bucket.Uploaded(context.Background(), id, name) }); lost != nil {
		return "", lost
	}
	return token, err
}

func (s scheduled) Get(_ context.Context, key string) (body []byte, version string, age time.Duration, err error) {
	if lost := s.process.Request(schedules.Read, "get the claim", func() {
		body, version, age, err = s.claims.Get(context.Background(), key)
	}); lost != nil {
		return nil, "", 0, lost
	}
	return body, version, age, err
}

func (s scheduled) Create(ctx context.Context, key string, body []byte) (string, bool, error) {
	return s.Replace(ctx, key, "", body)
}

func (s scheduled) Replace(_ context.Context, key, version string, body []byte) (string, bool, error) {
	var written string
	var won bool
	var err error
	if lost := s.process.Request(schedules.Write, "write the claim", func() {
		written, won, err = s.claims.Replace(context.Background(), key, version, body)
	}); lost != nil {
		return "", false, lost
	}
	return written, won, err
}

func (s scheduled) Prove(context.Context) error { return nil }

var _ claim.Store = scheduled{}

// asked is one run in a schedule.
type asked struct {
	// after is the time at which it begins.
	after    time.Duration
	attempt  int
	settings config.Settings
	job      string
}

// stage holds the servers of one schedule and the results of its runs.
type stage struct {
	server *server
	bucket *bucket
	claims *claimStore
	dir    string
	runs   []*ending
}

type ending struct {
	process *schedules.Process
	err     error
	job     *job
}

func newStage(dir string) *stage {
	return &stage{server: newServer(), bucket: &bucket{}, claims: &claimStore{}, dir: dir}
}

func (s *stage) start(world *schedules.World, a asked) {
	end := &ending{job: &job{identity: a.job, attempt: a.attempt, run: fmt.Sprint(len(s.runs))}}
	s.runs = append(s.runs, end)
	name := fmt.Sprintf("run %d", len(s.runs))
	end.process = world.Go(name, func(ctx context.Context, p *schedules.Process) {
		time.Sleep(a.after)
		outside := scheduled{p, s.server, s.bucket, s.claims}
		settings := a.settings
		settings.StackTag, settings.Owner, settings.Claims = "main", "me", config.ClaimsRequire
		settings.Notifications = []lifecycle.Notification{{Method: "EMAIL", Target: "me@example.com"}}
		settings.WaitTimeout = 2 * time.Hour
		end.err = action.Run(ctx, action.Options{
			Settings: &settings, Orchestrator: outside, Deployment: outside, Claims: outside, Pipeline: end.job,
			Files: workspace.New("", s.dir), Redactor: redact.New(),
			Random: rand.Reader, Jitter: func() float64 { return 0.5 }, Limits: action.DefaultLimits(),
		})
	})
}

// check returns what is wrong after a schedule, or "": an event that was started or completed twice, more lifecycles than
// mostCreates, or a run that ended wrongly.
func (s *stage) check(mostCreates int) string {
	if len(s.server.lifecycles) > mostCreates {
		return fmt.Sprintf("%d lifecycles", len(s.server.lifecycles))
	}
	s.server.advance()
	for _, one := range s.server.lifecycles {
		counts := map[lifecycle.Event]int{}
		for _, result := range one.results {
			if event := lifecycle.Event(result["name"].(string)); one.completions(event) > 1 {
				return fmt.Sprintf("%s completed twice", event)
			}
		}
		for _, event := range one.started {
			if counts[event]++; counts[event] > 1 {
				return fmt.Sprintf("%s started twice: %v", event, one.started)
			}
		}
	}
	for i, run := range s.runs {
		switch {
		case run.process.Dead.Load():
		case !run.process.Ended.Load():
			return fmt.Sprintf("run %d did not end", i+1)
		case run.err == nil && run.job.outputs["lifecycle_id"] == "":
			return fmt.Sprintf("run %d ended well, and names no lifecycle", i+1)
		case run.err != nil && !slices.Contains([]outcome.Kind{outcome.Unknown, outcome.Unavailable, outcome.Refused}, outcome.Of(run.err).Kind):
			return fmt.Sprintf("run %d ended with %v", i+1, run.err)
		}
	}
	return ""
}

// standing adds a lifecycle to the server that has completed its creation up to an event, and returns its id.
func (s *stage) standing(upTo lifecycle.Event) string {
	const id = "00000001-fa7e-473e-a2ba-734ccfe1d0d7"
	one := &record{id: id, created: time.Now(), properties: map[string]string{}, enabled: map[lifecycle.Phase][]lifecycle.Event{}}
	s.server.lifecycles = append(s.server.lifecycles, one)
	for _, event := range lifecycle.Creation.Order() {
		result := map[string]any{"name": string(event), "status": "COMPLETED", "properties": evidence(event)}
		if event == lifecycle.QACertificationResponse {
			result["certification_status"] = lifecycle.Certified
		}
		s.server.put(one, result, time.Now())
		if event == upTo {
			break
		}
	}
	return id
}

// completions returns the number of COMPLETED results of an event of the creation. A second one can never be undone.
func (one *record) completions(event lifecycle.Event) (n int) {
	for _, result := range one.results {
		if result["name"] == string(event) && result["status"] == "COMPLETED" {
			n++
		}
	}
	return n
}

// allSchedules reports whether the tests run every schedule, which takes minutes.
func allSchedules() bool { return os.Getenv("AMI_SCHEDULES") == "all" }

// TestNoScheduleOfTheWorkflowsStartsTwice runs the real workflows concurrently, with crashes and lost responses.
// AMI_SCHEDULES=all runs every schedule with two deviations.
func TestNoScheduleOfTheWorkflowsStartsTwice(t *testing.T) {
	dir := t.TempDir()
	build := create("AMI_BUILD_ONLY")
	build.Wait = false
	const second = time.Second
	type stages func(s *stage) []asked
	one := func(upTo lifecycle.Event, asks func(id string) []asked) stages {
		return func(s *stage) []asked { return asks(s.standing(upTo)) }
	}
	smoke := func(id string) config.Settings { return on(id, lifecycle.CreateUpdate, events("SMOKE_TESTS"), noWait) }
	components := &world{t: t}
	patchA, patchB := components.patch("", "AMI_PATCH_ONLY"), components.patch("", "AMI_PATCH_ONLY")
	patch := func(s config.Settings, id string) config.Settings {
		s.LifecycleID, s.Wait = id, false
		return s
	}
	for name, asks := range map[string]stages{
		"a step repeated at once": func(*stage) []asked { return []asked{{0, 1, build, "job"}, {0, 1, build, "job"}} },
		"a retry seconds after":   func(*stage) []asked { return []asked{{0, 0, build, "job"}, {5 * second, 0, build, "job"}} },
		"a re-run an hour after":  func(*stage) []asked { return []asked{{0, 1, build, "job"}, {time.Hour, 2, build, "job"}} },
		"three attempts of one job": func(*stage) []asked {
			return []asked{{0, 0, build, "job"}, {0, 0, build, "job"}, {20 * second, 0, build, "job"}}
		},
		"a retry where the list is cut": func(s *stage) []asked {
			s.server.padding = 800_000
			return []asked{{0, 0, build, "job"}, {5 * second, 0, build, "job"}}
		},
		"two runs ask for one event": one(lifecycle.BuildAMI, func(id string) []asked {
			return []asked{{0, 1, smoke(id), "a"}, {0, 1, smoke(id), "b"}}
		}),
		"three runs ask for one event": one(lifecycle.BuildAMI, func(id string) []asked {
			return []asked{{0, 1, smoke(id), "a"}, {0, 1, smoke(id), "b"}, {30 * second, 1, smoke(id), "c"}}
		}),
		"two certifications": one(lifecycle.QACertificationRequest, func(id string) []asked {
			s := on(id, lifecycle.QACertification, certification("CERTIFIED"), noWait)
			return []asked{{0, 1, s, "a"}, {second, 1, s, "b"}}
		}),
		"two approvals": one(lifecycle.QACertificationResponse, func(id string) []asked {
			s := on(id, lifecycle.ApprovalCreate, approval("APPROVED"), noWait)
			return []asked{{0, 1, s, "a"}, {second, 1, s, "b"}}
		}),
		"two patches": one(lifecycle.MarkForProductionCreate, func(id string) []asked {
			return []asked{{0, 1, patch(patchA, id), "a"}, {0, 1, patch(patchB, id), "b"}}
		}),
		"a patch repeated": one(lifecycle.MarkForProductionCreate, func(id string) []asked {
			return []asked{{0, 0, patch(patchA, id), "a"}, {5 * second, 0, patch(patchA, id), "a"}}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			o := schedules.Options{Deviations: 2, Every: 30, Limit: 3 * time.Hour}
			if allSchedules() {
				o.Every = 1
			}
			ran := schedules.Explore(t, o, func(world *schedules.World) func() string {
				s := newStage(dir)
				for _, a := range asks(s) {
					s.start(world, a)
				}
				return func() string { return s.check(1) }
			})
			assert.Greater(t, ran, 20)
			t.Logf("%d schedules", ran)
		})
	}
}

// TestRandomSchedulesOfOneLifecycleStartEachEventOnce samples schedules that are too many to explore: two to five runs that
// ask for the same or for different events, wait for them, and are killed at any moment.
func TestRandomSchedulesOfOneLifecycleStartEachEventOnce(t *testing.T) {
	dir := t.TempDir()
	schedule := 0
	schedules.Sample(t, 1000, 12*time.Hour, func(world *schedules.World) func() string {
		s := newStage(dir)
		s.server.length = 3 * time.Minute
		id := s.standing(lifecycle.BuildAMI)
		schedule++
		for run := range 2 + schedule%4 {
			wanted := [][]string{{"SMOKE_TESTS"}, {"SMOKE_TESTS", "VULNERABILITY_SCANS"}}[(schedule+run)%2]
			settings := on(id, lifecycle.CreateUpdate, events(wanted...), func(s *config.Settings) { s.PollInterval = time.Minute })
			s.start(world, asked{time.Duration(run%3) * time.Second, 1, settings, fmt.Sprint(run)})
		}
		return func() string { return s.check(1) }
	})
}
