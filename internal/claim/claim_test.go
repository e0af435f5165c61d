package claim_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/outcome"
)

const key = "ami-action/creates/1.json"

// memory is an in-memory store.
type memory struct {
	objects  map[string]object
	requests []string
	unproven error
	// fails is called before each request. The request fails with the error that it returns, and is then carried out
	// only if done is true.
	fails func(request string) (done bool, err error)
}

func (m *memory) do(request string, execute func()) error {
	m.requests = append(m.requests, request)
	if m.fails != nil {
		done, err := m.fails(request)
		if done {
			execute()
		}
		if err != nil {
			return err
		}
	}
	execute()
	return nil
}

func (m *memory) Get(_ context.Context, key string) (body []byte, version string, age time.Duration, err error) {
	err = m.do("get", func() {
		if found, ok := m.objects[key]; ok {
			body, version, age = found.body, found.version, time.Since(found.written)
		}
	})
	return body, version, age, err
}

func (m *memory) Create(ctx context.Context, key string, body []byte) (string, bool, error) {
	return m.Replace(ctx, key, "", body)
}

func (m *memory) Replace(_ context.Context, key, version string, body []byte) (newVersion string, won bool, err error) {
	err = m.do("put", func() {
		if m.objects[key].version == version {
			newVersion, won = fmt.Sprint("version ", len(m.requests)), true
			m.objects[key] = object{body, newVersion, time.Now()}
		}
	})
	return newVersion, won, err
}

func (m *memory) Prove(context.Context) error { return m.unproven }

func (m *memory) record(t *testing.T) (record claim.Record) {
	t.Helper()
	require.NoError(t, json.Unmarshal(m.objects[key].body, &record))
	return record
}

// told is a reporter that records the messages.
type told struct{ said, warned []string }

func (s *told) Say(format string, a ...any)  { s.said = append(s.said, fmt.Sprintf(format, a...)) }
func (s *told) Warn(format string, a ...any) { s.warned = append(s.warned, fmt.Sprintf(format, a...)) }

func newClaims(store claim.Store, mode claim.Mode) (*claim.Claims, *told) {
	progress := &told{}
	return &claim.Claims{
		Store: store, Mode: mode, Progress: progress, Random: &unique{}, Settle: claim.DefaultSettle, Lease: claim.DefaultLease, FinishTimeout: time.Second,
	}, progress
}

var errRefused = errors.New("refused")

// sending returns a request whose Send counts in sent and returns err.
func sending(sent *int, err error) claim.Request {
	return claim.Request{
		Key: key, Statement: claim.Statement{Token: "job.1", Request: "a build", Run: "https://ci.example.com/1", Attempt: 1},
		IsUndone: func(err error) bool { return errors.Is(err, errRefused) },
		Look: func(context.Context, claim.Record) (claim.RequestState, string, error) {
			return claim.Absent, "", nil
		},
		Send: func(ctx context.Context, permit func(context.Context) error) (string, error) {
			if err := permit(ctx); err != nil {
				return "", err
			}
			*sent++
			return "3f0bd60d", err
		},
	}
}

func TestAClaimCostsOneRequestBeforeTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{objects: map[string]object{}}
		claims, _ := newClaims(store, claim.Auto)
		sent := 0
		request := sending(&sent, nil)
		send := request.Send
		request.Send = func(ctx context.Context, permit func(context.Context) error) (string, error) {
			assert.Equal(t, []string{"put"}, store.requests)
			return send(ctx, permit)
		}
		result, err := claims.Start(t.Context(), request)
		require.NoError(t, err)
		result.Wait()
		assert.True(t, result.Sent)
		assert.Equal(t, []string{"put", "put"}, store.requests)
		assert.Equal(t, claim.Accepted, store.record(t).State)
		assert.Equal(t, "3f0bd60d", store.record(t).LifecycleID)
	})
}

func TestWithoutAKeyNothingIsClaimed(t *testing.T) {
	store := &memory{objects: map[string]object{}}
	claims, _ := newClaims(store, claim.Require)
	sent := 0
	request := sending(&sent, nil)
	request.Key = ""
	result, err := claims.Start(t.Context(), request)
	require.NoError(t, err)
	assert.True(t, result.Sent && result.Unclaimed)
	assert.Empty(t, store.requests)
}

func TestWhoComesLaterReadsTheIDAndListsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{objects: map[string]object{}}
		claims, _ := newClaims(store, claim.Auto)
		sent := 0
		first, err := claims.Start(t.Context(), sending(&sent, nil))
		require.NoError(t, err)
		first.Wait()

		later := sending(&sent, nil)
		later.Look = func(_ context.Context, record claim.Record) (claim.RequestState, string, error) {
			assert.Equal(t, "3f0bd60d", record.LifecycleID)
			assert.Equal(t, "job.1", record.Token)
			return claim.Started, record.LifecycleID, nil
		}
		store.requests = nil
		result, err := claims.Start(t.Context(), later)
		require.NoError(t, err)
		assert.Equal(t, []string{"put", "get"}, store.requests)
		assert.False(t, result.Sent)
		assert.True(t, result.Same)
		assert.Equal(t, "https://ci.example.com/1", result.Holder.Holder())
		assert.Equal(t, 1, sent)
	})
}

func TestAWriteWhoseResponseWasLostIsRecognizedByItsName(t *testing.T) {
	for name, carriedOut := range map[string]bool{"written": true, "not written": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &memory{objects: map[string]object{}}
				lost := false
				store.fails = func(string) (bool, error) {
					if lost {
						return false, nil
					}
					lost = true
					return carriedOut, errors.New("lost")
				}
				claims, _ := newClaims(store, claim.Auto)
				sent, begun := 0, time.Now()
				result, err := claims.Start(t.Context(), sending(&sent, nil))
				require.NoError(t, err)
				assert.True(t, result.Sent)
				assert.Zero(t, time.Since(begun), "nobody waits for himself")
				result.Wait()
			})
		})
	}
}

func TestARefusedRequestReleasesItsClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{objects: map[string]object{}}
		claims, _ := newClaims(store, claim.Auto)
		sent, begun := 0, time.Now()
		_, err := claims.Start(t.Context(), sending(&sent, errRefused))
		require.ErrorIs(t, err, errRefused)
		assert.Equal(t, claim.Released, store.record(t).State)

		result, err := claims.Start(t.Context(), sending(&sent, nil))
		require.NoError(t, err)
		result.Wait()
		assert.Equal(t, 2, sent)
		assert.Zero(t, time.Since(begun), "nobody waits for what was released")
	})
}

func TestWhatMayHaveBeenCarriedOutReleasesNothing(t *testing.T) {
	store := &memory{objects: map[string]object{}}
	claims, _ := newClaims(store, claim.Auto)
	sent := 0
	_, err := claims.Start(t.Context(), sending(&sent, errors.New("no response")))
	require.Error(t, err)
	assert.Equal(t, claim.Claimed, store.record(t).State)
}

func TestADeadWritersClaimIsTakenOverWhenItHasSettled(t *testing.T) {
	tests := map[string]struct {
		age, wait time.Duration
	}{
		"just now":         {0, claim.DefaultSettle},
		"half a minute":    {30 * time.Second, 15 * time.Second},
		"longer ago: once": {time.Hour, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for what, body := range map[string]string{
					"ours": `{"state":"CLAIMED","write":"x","token":"job.0","request":"a build"}`, "garbage": "<html>", "nothing": "",
				} {
					store := &memory{objects: map[string]object{key: {[]byte(body), "v", time.Now().Add(-test.age)}}}
					claims, _ := newClaims(store, claim.Auto)
					sent, begun := 0, time.Now()
					result, err := claims.Start(t.Context(), sending(&sent, nil))
					require.NoError(t, err, what)
					result.Wait()
					assert.Equal(t, 1, sent, what)
					assert.Equal(t, test.wait, time.Since(begun), what)
				}
			})
		})
	}
}

func TestWhatNobodyCanProveIsNotSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{objects: map[string]object{}}
		claims, _ := newClaims(store, claim.Auto)
		sent := 0
		_, err := claims.Start(t.Context(), sending(&sent, errors.New("no response")))
		require.Error(t, err)

		later := sending(&sent, nil)
		later.Look = func(context.Context, claim.Record) (claim.RequestState, string, error) {
			return claim.Unproven, "", errors.New("the list returns 500")
		}
		_, err = claims.Start(t.Context(), later)
		failure := outcome.Of(err)
		assert.Equal(t, outcome.Unknown, failure.Kind)
		assert.Contains(t, failure.Error(), "https://ci.example.com/1")
		assert.Contains(t, failure.Error(), "the list returns 500")
		assert.Contains(t, failure.Hint, key)
		assert.Equal(t, 1, sent)
	})
}

func TestWhoIsTooSlowAsksAgainBeforeItSends(t *testing.T) {
	for name, takenOver := range map[string]bool{"nobody came": false, "somebody did": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &memory{objects: map[string]object{}}
				claims, _ := newClaims(store, claim.Auto)
				sent := 0
				request := sending(&sent, nil)
				send := request.Send
				request.Look = func(context.Context, claim.Record) (claim.RequestState, string, error) {
					return claim.Started, "another", nil
				}
				request.Send = func(ctx context.Context, permit func(context.Context) error) (string, error) {
					time.Sleep(claim.DefaultSettle)
					if takenOver {
						store.objects[key] = object{[]byte(`{"state":"CLAIMED","write":"other","token":"job.2"}`), "v2", time.Now()}
					}
					return send(ctx, permit)
				}
				result, err := claims.Start(t.Context(), request)
				require.NoError(t, err)
				result.Wait()
				assert.Equal(t, !takenOver, result.Sent)
				assert.Equal(t, !takenOver, sent == 1)
			})
		})
	}
}

// deniedError is the error of a store for which a permission is missing.
type deniedError struct{}

func (deniedError) Error() string   { return "allow s3:PutObject on ami-action/*" }
func (deniedError) Permanent() bool { return true }

func TestTheFirstThatClaimsGoesOnWithWhatWasStartedWithoutAClaim(t *testing.T) {
	for name, inParallel := range map[string]bool{"after the claim": false, "in parallel with it": true} {
		t.Run(name, func(t *testing.T) {
			store, sent, looks := &memory{objects: map[string]object{}}, 0, 0
			claims, _ := newClaims(store, claim.Auto)
			request := sending(&sent, nil)
			request.EarlierInParallel = inParallel
			request.Earlier = func(_ context.Context, isClaimed bool) (claim.Trace, error) {
				looks++
				assert.True(t, isClaimed)
				return claim.Trace{LifecycleID: "3f0bd60d", Token: "job.0"}, nil
			}
			result, err := claims.Start(t.Context(), request)
			require.NoError(t, err)
			result.Wait()
			assert.Equal(t, "3f0bd60d", result.LifecycleID)
			assert.Zero(t, sent)
			assert.Equal(t, 1, looks)
			record := store.record(t)
			assert.Equal(t, claim.Accepted, record.State)
			assert.Equal(t, "job.0", record.Token, "it is believed by the token that the document holds")
		})
	}
	t.Run("and sends nothing where it cannot tell", func(t *testing.T) {
		store, sent := &memory{objects: map[string]object{}}, 0
		claims, _ := newClaims(store, claim.Auto)
		request := sending(&sent, nil)
		request.Earlier = func(context.Context, bool) (claim.Trace, error) { return claim.Trace{}, errRefused }
		_, err := claims.Start(t.Context(), request)
		require.ErrorIs(t, err, errRefused)
		assert.Zero(t, sent)
		assert.Equal(t, claim.Released, store.record(t).State)
	})
}

func TestWhereClaimsCannotBeWritten(t *testing.T) {
	denied := func() *memory {
		return &memory{objects: map[string]object{}, fails: func(string) (bool, error) { return false, deniedError{} }}
	}
	t.Run("auto warns once and sends", func(t *testing.T) {
		store, sent := denied(), 0
		claims, progress := newClaims(store, claim.Auto)
		result, err := claims.Start(t.Context(), sending(&sent, nil))
		require.NoError(t, err)
		assert.True(t, result.Sent && result.Unclaimed)
		require.Len(t, progress.warned, 1)
		assert.Contains(t, progress.warned[0], "allow s3:PutObject on ami-action/*")
	})
	t.Run("auto looks for an earlier attempt as well as it can", func(t *testing.T) {
		store, sent := denied(), 0
		claims, _ := newClaims(store, claim.Auto)
		request := sending(&sent, nil)
		request.Earlier = func(_ context.Context, isClaimed bool) (claim.Trace, error) {
			assert.False(t, isClaimed)
			return claim.Trace{LifecycleID: "3f0bd60d"}, nil
		}
		result, err := claims.Start(t.Context(), request)
		require.NoError(t, err)
		assert.Equal(t, "3f0bd60d", result.LifecycleID)
		assert.Zero(t, sent)
	})
	t.Run("require sends nothing", func(t *testing.T) {
		store, sent := denied(), 0
		claims, _ := newClaims(store, claim.Require)
		_, err := claims.Start(t.Context(), sending(&sent, nil))
		assert.Equal(t, outcome.Unavailable, outcome.Of(err).Kind)
		require.ErrorContains(t, err, "allow s3:PutObject on ami-action/*")
		assert.Zero(t, sent)
	})
	t.Run("off asks nobody", func(t *testing.T) {
		store, sent := denied(), 0
		claims, progress := newClaims(store, claim.Off)
		_, err := claims.Start(t.Context(), sending(&sent, nil))
		require.NoError(t, err)
		assert.Equal(t, 1, sent)
		assert.Empty(t, store.requests)
		assert.Empty(t, progress.warned)
	})
	t.Run("a store that does not prove itself gives no claim", func(t *testing.T) {
		store, sent := &memory{objects: map[string]object{}, unproven: deniedError{}}, 0
		claims, progress := newClaims(store, claim.Auto)
		for range 2 {
			result, err := claims.Start(t.Context(), sending(&sent, nil))
			require.NoError(t, err)
			assert.True(t, result.Sent && result.Unclaimed)
		}
		assert.Len(t, progress.warned, 1, "once")
		assert.Equal(t, []string{"put"}, store.requests, "and it is not asked again")
		claims, _ = newClaims(store, claim.Require)
		_, err := claims.Start(t.Context(), sending(&sent, nil))
		assert.Equal(t, outcome.Unavailable, outcome.Of(err).Kind)
		assert.Equal(t, 2, sent)
	})
	t.Run("a proof that fails for now leaves nobody waiting", func(t *testing.T) {
		store, sent := &memory{objects: map[string]object{}, unproven: errors.New("S3 is overloaded")}, 0
		claims, _ := newClaims(store, claim.Auto)
		_, err := claims.Start(t.Context(), sending(&sent, nil))
		assert.Equal(t, outcome.Unavailable, outcome.Of(err).Kind)
		assert.Zero(t, sent)
		assert.Equal(t, claim.Released, store.record(t).State)
	})
	t.Run("a fault that passes is an error in auto too", func(t *testing.T) {
		store, sent := denied(), 0
		store.fails = func(string) (bool, error) { return false, errors.New("S3 is overloaded") }
		claims, _ := newClaims(store, claim.Auto)
		_, err := claims.Start(t.Context(), sending(&sent, nil))
		assert.Equal(t, outcome.Unavailable, outcome.Of(err).Kind)
		assert.Zero(t, sent)
	})
}

func TestWhatAStrangerWroteIsNeitherBelievedNorShownAsItIs(t *testing.T) {
	stranger := map[string]any{
		"state": "DONE", "lifecycle_id": "../../x?y", "token": "job.1\n::set-output", "run": "javascript:alert(1)",
		"request": "a build\r\n::error::x\x1b[31m" + strings.Repeat("y", 5000), "attempt": 2,
	}
	body, err := json.Marshal(stranger)
	require.NoError(t, err)
	store := &memory{objects: map[string]object{key: {body, "v", time.Now()}}}
	claims, _ := newClaims(store, claim.Auto)
	held, err := claims.Look(t.Context(), key)
	require.NoError(t, err)
	assert.Equal(t, claim.Claimed, held.Record.State)
	assert.Empty(t, held.Record.LifecycleID)
	assert.Empty(t, held.Record.Token)
	assert.Equal(t, "a run without a link (attempt 2)", held.Record.Holder())
	assert.LessOrEqual(t, len(held.Record.Request), 500)
	assert.NotContains(t, held.Record.Request, "\n")
	assert.NotContains(t, held.Record.Request, "\x1b")
}
