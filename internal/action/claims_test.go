package action_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/outcome"
)

// The list of lifecycles alone cannot guarantee one image for each job. In each of these situations the job still builds
// only one.
func TestAJobBuildsOneImageWhateverTheListSays(t *testing.T) {
	for name, breakList := range map[string]func(*server){
		"the list is cut at 1 MB":          func(s *server) { s.padding = 800_000 },
		"the list returns 500 to everyone": func(s *server) { s.broken = onList },
		"the list is whole":                func(*server) {},
	} {
		for again, attempt := range map[string]int{"a re-run": 2, "the step repeated within the attempt": 1, "a retry that GitLab does not number": 0} {
			t.Run(name+", "+again, func(t *testing.T) {
				in(t, func(t *testing.T, w *world) {
					w.claims = &claimStore{}
					s := create("SMOKE_TESTS")
					s.Wait = false
					first := &job{identity: "job", attempt: min(attempt, 1), run: "77_1"}
					require.NoError(t, w.run(t.Context(), first, s))
					breakList(w.server)
					s.Properties, s.Owner = map[string]string{"BUILT_AT": "10:00"}, "another"
					second := &job{identity: "job", attempt: attempt, run: "77_2"}
					require.NoError(t, w.run(t.Context(), second, s), second.stderr.String())
					assert.Equal(t, 1, w.server.count("create"))
					assert.Equal(t, first.outputs["lifecycle_id"], second.outputs["lifecycle_id"])

					other := create("SMOKE_TESTS")
					other.Wait, other.ProductName = false, "Other"
					require.NoError(t, w.run(t.Context(), second, other))
					assert.Equal(t, 2, w.server.count("create"), "a step that builds something else is a request of its own")
				})
			})
		}
	}
}

// onList makes the list of all lifecycles return 500. A single event that has timed out has that effect for all users.
func onList(method string) error {
	if method == "list" {
		return refusal("timed out")
	}
	return nil
}

func TestOfTwoRunsThatAskForTheSameEventOneSends(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.claims = &claimStore{}
		j := &job{}
		require.NoError(t, w.run(t.Context(), j, create("AMI_BUILD_ONLY")))
		id := j.outputs["lifecycle_id"]
		var runs sync.WaitGroup
		for _, identity := range []string{"a", "b", "c"} {
			runs.Go(func() {
				assert.NoError(t, w.run(t.Context(), &job{identity: identity, attempt: 1, run: identity}, on(id, lifecycle.CreateUpdate, events("SMOKE_TESTS"))))
			})
		}
		runs.Wait()
		assert.Equal(t, 1, w.server.count("update"))
	})
}

func TestWhereClaimsCannotBeWritten(t *testing.T) {
	for mode, kind := range map[string]outcome.Kind{"auto": outcome.Internal, "off": outcome.Internal, "require": outcome.Unavailable} {
		t.Run(mode, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				store := &claimStore{}
				store.denied = denial{}
				w.claims = store
				s := create("AMI_BUILD_ONLY")
				s.Claims = mode
				j := &job{identity: "job", attempt: 1, run: "77_1"}
				begun := time.Now()
				err := w.run(t.Context(), j, s)
				warned := strings.Count(j.stderr.String(), "may start the same operation twice")
				if kind == outcome.Internal {
					require.NoError(t, err)
					assert.Equal(t, mode == "auto", warned == 1, j.stderr.String())
					return
				}
				assert.Equal(t, kind, outcome.Of(err).Kind)
				assert.Zero(t, w.server.count("create"))
				assert.Less(t, time.Since(begun), time.Minute)
			})
		})
	}
}

func TestADryRunAndALaptopsCreateClaimNothing(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		store := &claimStore{}
		w.claims = store
		dry := create("AMI_BUILD_ONLY")
		dry.DryRun = true
		for _, s := range []config.Settings{dry, create("AMI_BUILD_ONLY")} {
			require.NoError(t, w.run(t.Context(), &job{}, s))
		}
		assert.Empty(t, store.objects)
	})
}

// unconditional is the error of a store that accepts each write, even if its conditions do not hold.
type unconditional struct{}

func (unconditional) Error() string   { return "the store ignores If-None-Match" }
func (unconditional) Permanent() bool { return true }

// If the store ignores conditions or cannot be written, claims guarantee nothing. The token still works.
func TestWithoutClaimsARepeatedJobFindsWhatAKilledOneHasSent(t *testing.T) {
	for name, store := range map[string]func() *claimStore{
		"the store ignores conditions":    func() *claimStore { return &claimStore{unproven: unconditional{}, ignoresConditions: true} },
		"the store cannot be written":     func() *claimStore { return &claimStore{denied: denial{}} },
		"claims can be written, not read": func() *claimStore { return &claimStore{unproven: denial{}} },
	} {
		for again, attempt := range map[string]int{"a re-run": 2, "a retry that GitLab does not number": 0} {
			t.Run(name+", "+again, func(t *testing.T) {
				in(t, func(t *testing.T, w *world) {
					w.claims = store()
					s := create("AMI_BUILD_ONLY")
					w.kill(&job{identity: "job", attempt: min(attempt, 1)}, s)
					second := &job{identity: "job", attempt: attempt}
					require.NoError(t, w.run(t.Context(), second, s), second.stderr.String())
					assert.Equal(t, 1, w.server.count("create"))
					assert.Equal(t, 1, strings.Count(second.stderr.String(), "may start the same operation twice"), second.stderr.String())
				})
			})
		}
	}
}

// Two calls of a reusable workflow have the same job identity if they differ only in the owner of what they build.
func TestWithoutClaimsARepeatedCallGoesOnWithWhatItsOwnerHas(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.claims = &claimStore{denied: denial{}}
		call := func(owner string, attempt int) string {
			s := create("AMI_BUILD_ONLY")
			s.Owner = owner
			j := &job{identity: "job", attempt: attempt}
			require.NoError(t, w.run(t.Context(), j, s), j.stderr.String())
			return j.outputs["lifecycle_id"]
		}
		first, second := call("team-a", 1), call("team-b", 1)
		require.NotEqual(t, first, second)
		assert.Equal(t, first, call("team-a", 2))
		assert.Equal(t, second, call("team-b", 2))
		assert.Equal(t, second, call("team-c", 2), "the newest, where neither is its own: who started it may differ")
	})
}

func TestWhatIsRequiredIsNotSentToAStoreThatIgnoresConditions(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.claims = &claimStore{unproven: unconditional{}, ignoresConditions: true}
		s := create("AMI_BUILD_ONLY")
		s.Claims = "require"
		err := w.run(t.Context(), &job{identity: "job"}, s)
		assert.Equal(t, outcome.Unavailable, outcome.Of(err).Kind)
		require.ErrorContains(t, err, "the store ignores If-None-Match")
		assert.Zero(t, w.server.count("create"))
	})
}

func TestOneWarningSaysWhatIsNotGuaranteedHoweverManyClaims(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		j := &job{}
		require.NoError(t, w.run(t.Context(), j, create("AMI_BUILD_ONLY")))
		id := j.outputs["lifecycle_id"]
		require.NoError(t, w.run(t.Context(), &job{}, on(id, lifecycle.CreateUpdate, events("SMOKE_TESTS"), noWait)))
		w.claims = &claimStore{unproven: unconditional{}, ignoresConditions: true}
		j = &job{identity: "job", attempt: 1}
		require.NoError(t, w.run(t.Context(), j, on(id, lifecycle.CreateUpdate, events("SMOKE_TESTS", "VULNERABILITY_SCANS"))))
		assert.Equal(t, 1, strings.Count(j.stderr.String(), "may start the same operation twice"), j.stderr.String())
	})
}

// The timeout includes the time before the wait.
func TestLookingForAnEarlierAttemptIsPartOfTheTime(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.claims = &claimStore{denied: denial{}}
		s := create("AMI_BUILD_ONLY")
		s.WaitTimeout = 20 * time.Second
		begun := time.Now()
		err := w.run(t.Context(), &job{identity: "job"}, s)
		assert.Equal(t, outcome.TimedOut, outcome.Of(err).Kind)
		assert.Equal(t, 1, w.server.count("create"))
		assert.LessOrEqual(t, time.Since(begun), 25*time.Second)
	})
}

// The first attempt may not have been able to write a claim. The first attempt that can looks for what it has started.
func TestTheFirstThatClaimsLooksForAnUnclaimedAttempt(t *testing.T) {
	for again, attempt := range map[string]int{"a re-run": 2, "a retry that GitLab does not number": 0} {
		t.Run(again, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				w.claims = &claimStore{denied: denial{}}
				s := create("AMI_BUILD_ONLY")
				s.Wait = false
				first := &job{identity: "job", attempt: min(attempt, 1)}
				require.NoError(t, w.run(t.Context(), first, s))

				w.claims = &claimStore{}
				for next := range 2 {
					j := &job{identity: "job", attempt: attempt + min(attempt, 1)*next}
					require.NoError(t, w.run(t.Context(), j, s), j.stderr.String())
					assert.Equal(t, first.outputs["lifecycle_id"], j.outputs["lifecycle_id"])
					w.server.broken = onList // from here on, the claim holds what was found
				}
				assert.Equal(t, 1, w.server.count("create"))
			})
		})
	}
}

func TestAFirstRunFeelsNoLookForAnEarlierAttempt(t *testing.T) {
	for name, attempt := range map[string]int{"on GitHub": 1, "on GitLab": 0} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				w.claims = &claimStore{}
				w.server.broken = onList
				s := create("AMI_BUILD_ONLY")
				s.Wait = false
				begun := time.Now()
				j := &job{identity: "job", attempt: attempt}
				require.NoError(t, w.run(t.Context(), j, s))
				assert.Zero(t, time.Since(begun))
				assert.NotContains(t, j.stderr.String(), "incomplete")
			})
		})
	}
}
