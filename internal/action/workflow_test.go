package action_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/action"
	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/exitcode"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/redact"
	"github.com/org/ami-action/internal/workspace"
)

// world is a server and a bucket on which jobs work, with the limits of the command.
type world struct {
	t      *testing.T
	server *server
	bucket *bucket
	images imageTable
	limits action.Limits
	// insight looks behind the document. It may be nil.
	insight action.Insight
	// claims stores the claims. If it is nil, no claims are written.
	claims claim.Store
	// killed, if not zero, makes each process die when it sends its request. The request is carried out that much later.
	killed time.Duration
}

func countOf(text, part string) int { return strings.Count(text, part) }

func newWorld(t *testing.T) *world {
	t.Helper()
	return &world{t: t, server: newServer(), bucket: &bucket{}, limits: action.DefaultLimits()}
}

// in runs a test in virtual time.
func in(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newWorld(t)) })
}

func (w *world) run(ctx context.Context, j *job, s config.Settings) error {
	s.Owner = cmp.Or(s.Owner, "me")
	s.StackTag, s.StackName, s.APIKeyPrefix = "main", "AmiLifecycle", "/ami-lifecycle/api-keys/"
	if s.Notifications == nil {
		s.Notifications = []lifecycle.Notification{{Method: "EMAIL", Target: "me@example.com"}}
	}
	s.Claims = cmp.Or(s.Claims, config.ClaimsAuto)
	if s.WaitTimeout == 0 {
		s.WaitTimeout = 5*time.Hour + 45*time.Minute
	}
	var orchestrator action.Orchestrator = w.server
	if w.killed > 0 {
		orchestrator = killer{w.server, w.killed}
	}
	return action.Run(ctx, action.Options{
		Settings: &s, Orchestrator: orchestrator, Deployment: w.bucket, Images: &w.images, Pipeline: j, Files: workspace.New("", w.t.TempDir()), Redactor: redact.New(),
		Random: rand.Reader, Jitter: func() float64 { return 0.5 }, Limits: w.limits, Insight: w.insight, Claims: w.claims,
	})
}

// killer ends the goroutine that sends a request, as a kill ends a process. The request is carried out afterwards.
type killer struct {
	*server

	after time.Duration
}

func (k killer) Send(_ context.Context, request orchestrator.Request) (orchestrator.Accepted, error) {
	time.AfterFunc(k.after, func() { _, _ = k.server.Send(context.Background(), request) })
	runtime.Goexit()
	panic("unreachable")
}

// kill runs a job whose process is killed while it sends its request.
func (w *world) kill(j *job, s config.Settings) {
	w.killed = 4 * time.Second
	var killed sync.WaitGroup
	killed.Go(func() { _ = w.run(w.t.Context(), j, s) })
	killed.Wait()
	w.killed = 0
}

func create(events ...string) config.Settings {
	return config.Settings{
		Operation: lifecycle.Create, ProductName: "Demo", ProductVer: "1.0.0", CommitRef: "abc", Events: events, Wait: true,
	}
}

func on(id string, o lifecycle.Operation, change ...func(*config.Settings)) config.Settings {
	s := config.Settings{Operation: o, LifecycleID: id, Wait: true, CommitRef: "abc"}
	for _, c := range change {
		c(&s)
	}
	return s
}

func events(words ...string) func(*config.Settings) {
	return func(s *config.Settings) { s.Events = words }
}

func certification(word string) func(*config.Settings) {
	return func(s *config.Settings) { s.CertificationStatus = word }
}

func approval(word string) func(*config.Settings) {
	return func(s *config.Settings) { s.ApprovalStatusAMICreation, s.ApprovalStatusAMIPatch = word, word }
}

func noWait(s *config.Settings) { s.Wait = false }

// created makes a lifecycle that has completed all events up to the request for certification, and returns its id.
func (w *world) created() string {
	w.t.Helper()
	j := &job{}
	require.NoError(w.t, w.run(w.t.Context(), j, create("SMOKE_TESTS", "VULNERABILITY_SCANS", "QA_CERTIFICATION_REQUEST")))
	return j.outputs["lifecycle_id"]
}

// approved makes a lifecycle that can be patched, and returns its id.
func (w *world) approved() string {
	w.t.Helper()
	id := w.created()
	require.NoError(w.t, w.run(w.t.Context(), &job{}, on(id, lifecycle.QACertification, certification("CERTIFIED"))))
	require.NoError(w.t, w.run(w.t.Context(), &job{}, on(id, lifecycle.ApprovalCreate, approval("APPROVED"))))
	return id
}

func (w *world) patch(id string, words ...string) config.Settings {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "component.yaml")
	require.NoError(w.t, os.WriteFile(path, []byte("name: Httpd\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n"+
		"      - name: Install\n        action: ExecuteBash\n        inputs:\n          commands: [yum install -y httpd]\n"), 0o600))
	return on(id, lifecycle.Patch, events(words...), func(s *config.Settings) {
		s.PatchComponent, s.PatchChangeDescription, s.SemverBumpType = path, "Adds httpd.", "MINOR"
	})
}

func TestTheWholeLifecycleOfAnImage(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		id := w.approved()
		j := &job{}
		require.NoError(t, w.run(t.Context(), j, w.patch(id, "AMI_PATCH_ONLY")))
		assert.Equal(t, "ami-0123456789abcdef0", j.outputs["ami_id"])
		require.NoError(t, w.run(t.Context(), j, on(id, lifecycle.PatchUpdate, events("SMOKE_TESTS", "VULNERABILITY_SCANS"))))
		require.NoError(t, w.run(t.Context(), j, on(id, lifecycle.ApprovalPatch, approval("APPROVED"))))
		assert.Equal(t, "COMPLETED", j.outputs["status"])
		assert.Equal(t, "MARK_FOR_PRODUCTION", j.outputs["event"])
		assert.Equal(t, []string{"create", "certify", "approve", "patch", "patch update", "approve"}, w.server.sent)
		assert.NotContains(t, j.stderr.String()+j.summary+j.stdout.String(), canaryKey)
	})
}

func TestAJobSaysHowItsEventsEnded(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(*server)
		kind    outcome.Kind
		status  string
		says    string
		hint    string
	}{
		{"a build in an error", func(s *server) { s.errs[lifecycle.BuildAMI] = true }, outcome.EventFailed, "ERROR",
			"BUILD_AMI ended in an error: no capacity", "create a new one with AMI_CREATE"},
		{"smoke tests that failed", func(s *server) { s.fails[lifecycle.SmokeTestsCreate] = true }, outcome.EventFailed, "FAILED",
			"SMOKE_TESTS failed", "request SMOKE_TESTS again with AMI_CREATE_UPDATE"},
		{"an event that goes on for longer than the wait", func(s *server) { s.hangs[lifecycle.BuildAMI] = true }, outcome.TimedOut, "TIMED_OUT",
			"the event continues", "continue the wait"},
		{"no status for longer than the budget", func(s *server) {
			s.broken = func(string) error { return &orchestrator.UnavailableError{Reason: "502"} }
		}, outcome.Unavailable, "UNAVAILABLE", "no status for 10m", ""},
		{"a build without an image", func(s *server) {
			s.mangle = func(d map[string]any) {
				for _, r := range d["outputs_ami_creation"].(map[string]any)["events"].([]map[string]any) {
					r["properties"] = map[string]any{}
				}
			}
		}, outcome.EventFailed, "ERROR", "names no AMI", "create a new lifecycle with AMI_CREATE"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				c.prepare(w.server)
				j := &job{}
				failure := outcome.Of(w.run(t.Context(), j, create("SMOKE_TESTS")))
				require.NotNil(t, failure, j.stderr.String())
				assert.Equal(t, c.kind, failure.Kind)
				assert.Contains(t, failure.Error(), c.says)
				assert.Contains(t, failure.Hint, c.hint)
				assert.Equal(t, c.status, j.outputs["status"])
				assert.NotEmpty(t, j.outputs["lifecycle_id"], "known to later jobs whatever came of it")
				assert.Len(t, j.annotations, 1, "said once")
				assert.NotContains(t, j.annotations[0].Message, "hint", "the hint is a line of its own")
			})
		})
	}
}

func TestAWaitTellsOfThrottledPollsOnlyWhenTheyGoOn(t *testing.T) {
	for _, c := range []struct {
		name      string
		throttled []int // polls
		told      bool
	}{
		{"now and then", []int{2, 4, 6}, false},
		{"twice in a row", []int{2, 3}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				polls := 0
				w.server.broken = func(method string) error {
					polls++
					if method == "status" && slices.Contains(c.throttled, polls) {
						return &orchestrator.UnavailableError{Status: http.StatusTooManyRequests, RetryAfter: time.Second}
					}
					return nil
				}
				j := &job{}
				require.NoError(t, w.run(t.Context(), j, create("AMI_BUILD_ONLY")))
				assert.Greater(t, polls, c.throttled[len(c.throttled)-1])
				assert.Equal(t, c.told, strings.Contains(j.stderr.String(), "no status"), j.stderr.String())
				assert.Equal(t, c.told, strings.Contains(j.stderr.String(), "responds again"), j.stderr.String())
			})
		})
	}
}

func TestALostResponseIsLookedForAndNothingIsSentTwice(t *testing.T) {
	once := func(done bool) func(string) (bool, bool) {
		lost := false
		return func(string) (bool, bool) {
			if lost {
				return true, false
			}
			lost = true
			return done, true
		}
	}
	for _, c := range []struct {
		name    string
		prepare func(*server)
		sent    int
		made    int
		kind    outcome.Kind // Internal means that the create succeeds
	}{
		{"lost after the work", func(s *server) { s.lose = once(true) }, 1, 1, outcome.Internal},
		{"lost before the work", func(s *server) { s.lose = once(false) }, 2, 1, outcome.Internal},
		{"lost each time, provably", func(s *server) { s.lose = func(string) (bool, bool) { return false, true } }, 3, 0, outcome.Unavailable},
		{"lost, and the list does not respond", func(s *server) {
			s.lose = once(true)
			s.broken = func(method string) error {
				if method == "list" {
					return refusal("timed out")
				}
				return nil
			}
		}, 1, 1, outcome.Unknown},
		{"lost, and the list may have been cut", func(s *server) {
			s.lose = once(false)
			s.lifecycles = append(s.lifecycles, &record{id: "00000000-fa7e-473e-a2ba-734ccfe1d0d7"})
			s.padding = 800_000
		}, 1, 1, outcome.Unknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				c.prepare(w.server)
				failure := outcome.Of(w.run(t.Context(), &job{}, create("AMI_BUILD_ONLY")))
				if c.kind == outcome.Internal {
					require.Nil(t, failure)
				} else {
					require.NotNil(t, failure)
					assert.Equal(t, c.kind, failure.Kind)
				}
				assert.Equal(t, c.sent, w.server.count("create"))
				assert.Len(t, w.server.lifecycles, c.made)
			})
		})
	}
}

func TestAReRunGoesOnWithWhatItsFirstAttemptStarted(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		first := &job{identity: "run 77", attempt: 1, run: "77_1"}
		require.NoError(t, w.run(t.Context(), first, func() config.Settings { s := create("AMI_BUILD_ONLY"); s.Wait = false; return s }()))
		again := &job{identity: "run 77", attempt: 2, run: "77_2"}
		s := create("AMI_BUILD_ONLY")
		s.Properties = map[string]string{"BUILT_AT": "10:00"}
		require.NoError(t, w.run(t.Context(), again, s))
		assert.Equal(t, 1, w.server.count("create"))
		assert.Equal(t, first.outputs["lifecycle_id"], again.outputs["lifecycle_id"])
	})
}

func TestAReRunBuildsAnewWhatFailed(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.server.errs[lifecycle.BuildAMI] = true
		require.Error(t, w.run(t.Context(), &job{identity: "run 77", attempt: 1, run: "77_1"}, create("AMI_BUILD_ONLY")))
		w.server.errs[lifecycle.BuildAMI] = false
		require.NoError(t, w.run(t.Context(), &job{identity: "run 77", attempt: 2, run: "77_2"}, create("AMI_BUILD_ONLY")))
		assert.Equal(t, 2, w.server.count("create"))
	})
}

func TestAVerdictIsDoneOnlyIfTheRecordedOneIsTheOneAskedFor(t *testing.T) {
	accepted := func(t *testing.T, w *world, j *job, s config.Settings) {
		require.NoError(t, w.run(t.Context(), j, s))
	}
	for _, c := range []struct {
		name string
		// before runs first. Then another job runs the operation that asked returns.
		before func(t *testing.T, w *world, id string)
		asked  func(id string) config.Settings
		kind   outcome.Kind // Internal means that the operation succeeds
		says   string
		sent   []string
	}{
		{"a refusal while another job's approval is under way",
			func(t *testing.T, w *world, id string) {
				require.NoError(t, w.run(t.Context(), &job{}, on(id, lifecycle.QACertification, certification("CERTIFIED"))))
				accepted(t, w, &job{}, on(id, lifecycle.ApprovalCreate, approval("APPROVED"), noWait))
			},
			func(id string) config.Settings { return on(id, lifecycle.ApprovalCreate, approval("FAILED")) },
			outcome.Refused, "this image is being approved", []string{"create", "certify", "approve"}},
		{"an approval while another job's approval is under way",
			func(t *testing.T, w *world, id string) {
				require.NoError(t, w.run(t.Context(), &job{}, on(id, lifecycle.QACertification, certification("CERTIFIED"))))
				accepted(t, w, &job{}, on(id, lifecycle.ApprovalCreate, approval("APPROVED"), noWait))
			},
			func(id string) config.Settings { return on(id, lifecycle.ApprovalCreate, approval("APPROVED")) },
			outcome.Internal, "", []string{"create", "certify", "approve"}},
		{"a refusal of what is certified",
			func(t *testing.T, w *world, id string) {
				require.NoError(t, w.run(t.Context(), &job{}, on(id, lifecycle.QACertification, certification("CERTIFIED"))))
			},
			func(id string) config.Settings { return on(id, lifecycle.QACertification, certification("FAILED")) },
			outcome.Refused, "QA_CERTIFICATION_RESPONSE is recorded as CERTIFIED, but FAILED was asked for; recorded by octocat", []string{"create", "certify"}},
		{"a certification that another job's refusal overtakes",
			func(t *testing.T, w *world, id string) {
				accepted(t, w, &job{}, on(id, lifecycle.QACertification, certification("FAILED"), noWait))
				time.Sleep(5 * time.Second) // half of the time in the queue
			},
			func(id string) config.Settings { return on(id, lifecycle.QACertification, certification("CERTIFIED")) },
			outcome.Refused, "is recorded as FAILED, but CERTIFIED was asked for", []string{"create", "certify", "certify"}},
		{"a refusal, as asked", func(*testing.T, *world, string) {},
			func(id string) config.Settings { return on(id, lifecycle.QACertification, certification("FAILED")) },
			outcome.Internal, "", []string{"create", "certify"}},
		{"a certification after a refusal",
			func(t *testing.T, w *world, id string) {
				require.NoError(t, w.run(t.Context(), &job{}, on(id, lifecycle.QACertification, certification("FAILED"))))
			},
			func(id string) config.Settings { return on(id, lifecycle.QACertification, certification("CERTIFIED")) },
			outcome.Internal, "", []string{"create", "certify", "certify"}},
		{"the same verdict again", func(t *testing.T, w *world, id string) {
			require.NoError(t, w.run(t.Context(), &job{}, on(id, lifecycle.QACertification, certification("CERTIFIED"))))
		},
			func(id string) config.Settings { return on(id, lifecycle.QACertification, certification("CERTIFIED")) },
			outcome.Refused, "has already completed", []string{"create", "certify"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				id := w.created()
				c.before(t, w, id)
				j := &job{}
				failure := outcome.Of(w.run(t.Context(), j, c.asked(id)))
				if c.kind == outcome.Internal {
					require.Nil(t, failure)
					assert.Equal(t, "COMPLETED", j.outputs["status"])
				} else {
					require.NotNil(t, failure, j.stderr.String())
					assert.Equal(t, c.kind, failure.Kind, failure)
					assert.Contains(t, failure.Error(), c.says)
					assert.NotEqual(t, "COMPLETED", j.outputs["status"])
				}
				assert.Equal(t, c.sent, w.server.sent)
			})
		})
	}
}

func TestAWaitWithoutEventsFailsOnWhatStandsFailed(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		id := w.created()
		require.NoError(t, w.run(t.Context(), &job{}, on(id, lifecycle.QACertification, certification("FAILED"))))
		failure := outcome.Of(w.run(t.Context(), &job{}, on(id, lifecycle.Wait)))
		require.NotNil(t, failure)
		assert.Equal(t, outcome.EventFailed, failure.Kind)
		assert.Equal(t, lifecycle.QACertificationResponse, failure.Event)

		require.NoError(t, w.run(t.Context(), &job{}, on(id, lifecycle.Wait, events("SMOKE_TESTS"))), "unless it names events that are well")
	})
}

func TestAnInterruptLeavesTheLineThatGoesOn(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(&outcome.Interrupt{Signal: syscall.SIGTERM}) })
		j := &job{}
		err := w.run(ctx, j, create("AMI_BUILD_ONLY"))
		assert.Equal(t, 143, outcome.ExitCode(err))
		assert.Equal(t, "ami-action --operation AMI_WAIT --lifecycleId "+j.outputs["lifecycle_id"]+" --events BUILD_AMI", j.annotations[0].Resume)
		assert.Equal(t, "INTERRUPTED", j.outputs["status"])
		synctest.Wait()
	})
}

func TestAJobThatCannotHandOnItsResultFails(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		failure := outcome.Of(w.run(t.Context(), &job{unwritable: errors.New("no space left")}, create("AMI_BUILD_ONLY")))
		require.NotNil(t, failure)
		assert.Equal(t, outcome.NotWritten, failure.Kind)
	})
}

func TestNothingIsSentWhenNobodyCouldBeToldOfIt(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		unwritable := &workspace.Error{File: workspace.File{Setting: "GITHUB_OUTPUT", Path: "/x"}, Reason: "is a directory"}
		err := w.run(t.Context(), &job{unwritableFromTheStart: unwritable}, create("AMI_BUILD_ONLY"))
		assert.Equal(t, exitcode.Invalid, outcome.ExitCode(err))

		s := create("AMI_BUILD_ONLY")
		s.ReportFile = t.TempDir()
		assert.Equal(t, exitcode.Invalid, outcome.ExitCode(w.run(t.Context(), &job{}, s)))
		assert.Zero(t, w.server.count("create"))
	})
}

func TestEveryEndingSaysWhatCouldNotBeHandedOn(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		s := create("AMI_BUILD_ONLY")
		s.WaitTimeout = time.Second
		j := &job{unwritable: errors.New("no space left")}
		assert.Equal(t, exitcode.TimedOut, outcome.ExitCode(w.run(t.Context(), j, s)))
		assert.Contains(t, j.stderr.String(), "no space left")
	})
}

func TestAReRunWarnsWhereAnotherLegOfAMatrixMayBeMeant(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		s := create("AMI_BUILD_ONLY")
		require.NoError(t, w.run(t.Context(), &job{identity: "job", attempt: 1, sharesIdentity: true}, s))
		for _, shares := range []bool{true, false} {
			j := &job{identity: "job", attempt: 2, sharesIdentity: shares}
			require.NoError(t, w.run(t.Context(), j, s))
			assert.Equal(t, shares, strings.Contains(j.stderr.String(), "INPUT_MATRIX"))
		}
	})
}

func TestAGateIsClosedByWhatTheScanFound(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		gated := func(least lifecycle.Severity) config.Settings {
			s := create("SMOKE_TESTS", "VULNERABILITY_SCANS")
			s.FailOnSeverity = least
			return s
		}
		j := &job{}
		failure := outcome.Of(w.run(t.Context(), j, gated(lifecycle.Medium)))
		require.NotNil(t, failure)
		assert.Equal(t, outcome.GateNotPassed, failure.Kind)
		assert.Contains(t, failure.Error(), "VULNERABILITY_SCANS of version 1.0.0 found 2 findings of severity MEDIUM or worse")
		assert.Equal(t, "NOT_PASSED", j.outputs["status"])
		require.NoError(t, w.run(t.Context(), &job{}, gated(lifecycle.High)))
	})
}

func TestANewPatchDoesNotWaitForATestThatFailedForGood(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		id := w.approved()
		w.server.fails[lifecycle.SmokeTestsPatch] = true
		j := &job{}
		failure := outcome.Of(w.run(t.Context(), j, w.patch(id, "SMOKE_TESTS", "VULNERABILITY_SCANS")))
		require.NotNil(t, failure)
		assert.Contains(t, failure.Hint, "start a new patch with AMI_PATCH")
		w.server.start(w.server.find(id), lifecycle.SmokeTestsPatch) // the server repeats it

		w.server.fails[lifecycle.SmokeTestsPatch] = false
		require.NoError(t, w.run(t.Context(), j, w.patch(id, "SMOKE_TESTS")), "what the hint says is possible")
		assert.Contains(t, j.stderr.String(), "FAILED permanently")
	})
}

func TestARefusalOfAPatchThatTheServerLosesIsNotWaitedForLong(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		id := w.approved()
		require.NoError(t, w.run(t.Context(), &job{}, w.patch(id, "SMOKE_TESTS", "VULNERABILITY_SCANS")))
		begun := time.Now()
		failure := outcome.Of(w.run(t.Context(), &job{}, on(id, lifecycle.ApprovalPatch, approval("FAILED"))))
		require.NotNil(t, failure)
		assert.Equal(t, outcome.Unknown, failure.Kind)
		assert.Less(t, time.Since(begun), 5*time.Minute)
	})
}

// A server may have events that this version does not know. A wait still takes their status into account.
func TestAWaitForWhatStandsHeedsEventsThatItDoesNotKnow(t *testing.T) {
	results := func(name, status string) func(map[string]any) {
		return func(d map[string]any) {
			outputs := d["outputs_ami_creation"].(map[string]any)
			outputs["events"] = append(slices.Clone(outputs["events"].([]map[string]any)), map[string]any{"name": name, "status": status})
		}
	}
	inProgress := func(name, status string) func(map[string]any) {
		return func(d map[string]any) {
			d["event_in_progress"] = map[string]any{"name": name, "execution_arn": "arn:x", "status": status, "error_message": "no room"}
		}
	}
	for _, c := range []struct {
		name   string
		mangle func(map[string]any)
		kind   outcome.Kind // Internal means that there is no error
		says   string
	}{
		{"one that completed", results("SIGN_AMI", "COMPLETED"), outcome.Internal, ""},
		{"one that FAILED", results("SIGN_AMI", "FAILED"), outcome.EventFailed, "SIGN_AMI"},
		{"one in a status of tomorrow", results("SIGN_AMI", "SHRUGGED"), outcome.EventFailed, `SIGN_AMI ended in an error: its result has the unknown status "SHRUGGED"`},
		{"one that ended in an error", inProgress("SIGN_AMI", "ERROR"), outcome.EventFailed, "SIGN_AMI ended in an error: no room"},
		{"one in progress", inProgress("SIGN_AMI", ""), outcome.TimedOut, "not finished after a wait of 1h0m0s"},
		{"one without a name in progress", inProgress("", ""), outcome.TimedOut, "not finished after a wait of 1h0m0s"},
		{"one without a name in an error", inProgress("", "ERROR"), outcome.EventFailed, "an event without a name ended in an error: no room"},
		{"one without a name that FAILED", results("", "FAILED"), outcome.EventFailed, "an event without a name failed"},
		{"an event of the other phase in an error", inProgress("SMOKE_TESTS_AMI_PATCH", "ERROR"), outcome.EventFailed, "SMOKE_TESTS ended in an error: no room"},
	} {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				id := w.created()
				w.server.mangle = c.mangle
				j := &job{}
				err := w.run(t.Context(), j, on(id, lifecycle.Wait, func(s *config.Settings) { s.WaitTimeout = time.Hour }))
				require.NoError(t, w.run(t.Context(), &job{}, on(id, lifecycle.Wait, events("SMOKE_TESTS"))), "unless it names events that are well")
				if c.kind == outcome.Internal {
					require.NoError(t, err)
					return
				}
				require.Error(t, err)
				failure := outcome.Of(err)
				assert.Equal(t, c.kind, failure.Kind)
				assert.Contains(t, failure.Error(), c.says)
				assert.NotContains(t, failure.Resume, "--events", "no setting takes that event")
				if c.kind == outcome.EventFailed && !strings.Contains(c.name, "other phase") {
					assert.Contains(t, failure.Hint, "this version of ami-action does not know")
				}
			})
		})
	}
}

// If a request makes the document too large, the server stores it, responds with an error, and runs the event anyway.
func TestARequestThatTheDocumentHasNoRoomForIsNotSent(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		j := &job{}
		require.NoError(t, w.run(t.Context(), j, create("AMI_BUILD_ONLY")))
		w.server.padding = 250 << 10
		s := on(j.outputs["lifecycle_id"], lifecycle.CreateUpdate, events("SMOKE_TESTS"))
		s.Properties = map[string]string{"NOTE": strings.Repeat("x", 6<<10)}
		err := w.run(t.Context(), &job{}, s)
		require.ErrorContains(t, err, "would exceed the orchestrator's limit of 256 KB")
		assert.Contains(t, outcome.Of(err).Hint, "fewer or shorter properties")
		assert.Zero(t, w.server.count("update"))
	})
}

func TestAnUnknownLifecycleIsReportedUnderTheUsersOwnOperation(t *testing.T) {
	for _, o := range []lifecycle.Operation{lifecycle.CreateUpdate, lifecycle.PatchUpdate, lifecycle.Wait} {
		in(t, func(t *testing.T, w *world) {
			err := w.run(t.Context(), &job{}, on("00000009-fa7e-473e-a2ba-734ccfe1d0d7", o, events("SMOKE_TESTS")))
			require.ErrorContains(t, err, string(o))
			assert.Equal(t, outcome.Refused, outcome.Of(err).Kind)
			assert.Empty(t, w.server.sent)
		})
	}
}
