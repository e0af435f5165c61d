package orchestrator_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/watch"
)

const status = `{"lifecycle_id": "` + lifecycleID + `", "stack_tag": "main", "future": true}`

func TestAResponseToAReadIsUsableOrRequestedAgain(t *testing.T) {
	tests := map[string]struct {
		status   int
		body     string
		want     string
		requests int
		says     string
	}{
		"a status document":            {200, status, done, 1, ""},
		"refused":                      {500, `{"error": "f() missing 1 required positional argument: 'operation_name'"}`, refused, 1, "an unknown lifecycle"},
		"refused without a text":       {500, `{"error": ""}`, refused, 1, "check the lifecycle id"},
		"a gateway that failed":        {500, `{"message": "Internal server error"}`, unavailable, 5, "Internal server error"},
		"a gateway error":              {502, `<html>`, unavailable, 5, "Bad Gateway"},
		"a service that is down":       {503, ``, unavailable, 5, "Service Unavailable"},
		"a handler that took too long": {504, `{"message": "Endpoint request timed out"}`, unavailable, 5, "Endpoint request timed out"},
		"throttled":                    {429, `{"message": "Too Many Requests"}`, unavailable, 5, "100 requests per second"},
		"no such route":                {404, `{"message": "Not Found"}`, unavailable, 1, "base URL"},
		"no such stage":                {403, `{"message": "Forbidden"}`, unavailable, 1, "Forbidden"},
		"a page":                       {200, `<html>log in</html>`, unavailable, 5, "no proxy responds"},
		"a response cut short":         {200, status[:30], unavailable, 5, "not a status document"},
		"another shape":                {200, `[]`, unavailable, 5, "not a status document"},
		"no lifecycle id":              {200, `{}`, unavailable, 5, "no lifecycle_id"},
		"another lifecycle":            {200, `{"lifecycle_id": "other"}`, unavailable, 5, "another lifecycle"},
		"a redirect":                   {302, ``, unavailable, 1, "redirect"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server, seen := serve(t, responding(test.status, test.body))

			document, err := clientOf(&fixedDeployment{url: server.URL}).Status(t.Context(), lifecycleID)

			assert.Equal(t, test.want, outcomeOf(err))
			assert.Len(t, seen.all(), test.requests)
			if test.want == done {
				require.NoError(t, err)
				assert.Equal(t, lifecycleID, document.ID)
				assert.JSONEq(t, status, string(document.Raw))
				return
			}
			assert.Nil(t, document)
			require.ErrorContains(t, err, "AMI_GET_STATUS_BY_LIFECYCLE_ID of lifecycle "+lifecycleID+": ")
			require.ErrorContains(t, err, test.says)
			assert.NotContains(t, err.Error(), canary)
		})
	}
}

func TestAllStatusesAreOneList(t *testing.T) {
	server, _ := serve(t, responding(http.StatusOK, `[`+status+`, {"lifecycle_id": "another-one"}]`))

	documents, err := clientOf(&fixedDeployment{url: server.URL}).Statuses(t.Context())

	require.NoError(t, err)
	require.Len(t, documents, 2)
	assert.Equal(t, "another-one", documents[1].ID)
}

func TestAListWithAnInvalidIDIsUnusable(t *testing.T) {
	for _, id := range []string{"a-lifecycle\\nforged=1", "../../status", "::error::forged", "a", strings.Repeat("a", 129)} {
		server, _ := serve(t, responding(http.StatusOK, `[`+status+`, {"lifecycle_id": "`+id+`"}]`))

		_, err := clientOf(&fixedDeployment{url: server.URL}).Statuses(t.Context())

		assert.Equal(t, unavailable, outcomeOf(err), id)
		require.ErrorContains(t, err, "a lifecycle with an invalid id")
		assert.NotContains(t, err.Error(), "forged")
	}
}

func TestATimelineIsAPage(t *testing.T) {
	tests := map[string]struct{ body, want string }{
		"a page":                      {"\ufeff\n<html>timeline</html>", done},
		"nothing":                     {"", unavailable},
		"JSON":                        {`{"lifecycle_id": "x"}`, unavailable},
		"a refusal with a good state": {`{"error": "x"}`, unavailable},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server, _ := serve(t, responding(http.StatusOK, test.body))

			page, err := clientOf(&fixedDeployment{url: server.URL}).Timeline(t.Context(), lifecycle.Creation, lifecycleID)

			assert.Equal(t, test.want, outcomeOf(err))
			if test.want == done {
				assert.Equal(t, test.body, string(page))
			}
		})
	}
}

func TestPausesBetweenAttemptsGrowAndAreRandom(t *testing.T) {
	server, _ := serve(t, responding(http.StatusServiceUnavailable, ``))
	slept := &pauses{}
	random := 0.0
	client := orchestrator.New(&fixedDeployment{url: server.URL}, orchestrator.Options{
		Sleep: slept.sleep, Jitter: func() float64 { random += 0.2; return random },
	})

	_, err := client.Status(t.Context(), lifecycleID)

	require.Error(t, err)
	assert.Equal(t, []time.Duration{300 * time.Millisecond, 700 * time.Millisecond, 1600 * time.Millisecond, 3600 * time.Millisecond}, slept.all)
}

func TestAThrottledPollIsLeftToTheWait(t *testing.T) {
	throttling := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "7")
		responding(http.StatusTooManyRequests, `{"message": "Too Many Requests"}`)(w, r)
	}
	t.Run("a poll", func(t *testing.T) {
		server, seen := serve(t, throttling)
		_, err := clientOf(&fixedDeployment{url: server.URL}).Poll(t.Context(), lifecycleID)
		after, is := watch.Throttled(err)
		assert.True(t, is)
		assert.Equal(t, 7*time.Second, after)
		assert.Len(t, seen.all(), 1)
	})
	t.Run("a poll with another fault is tried again", func(t *testing.T) {
		server, seen := serve(t, responding(http.StatusBadGateway, ``))
		_, err := clientOf(&fixedDeployment{url: server.URL}).Poll(t.Context(), lifecycleID)
		_, is := watch.Throttled(err)
		assert.False(t, is)
		assert.Greater(t, len(seen.all()), 1)
	})
	t.Run("another look at the status is tried again", func(t *testing.T) {
		server, seen := serve(t, responding(http.StatusTooManyRequests, `{"message": "Too Many Requests"}`))
		_, err := clientOf(&fixedDeployment{url: server.URL}).Status(t.Context(), lifecycleID)
		assert.Equal(t, unavailable, outcomeOf(err))
		assert.Greater(t, len(seen.all()), 1)
	})
}

func TestNothingIsTriedAgainWithoutABudget(t *testing.T) {
	server, seen := serve(t, responding(http.StatusServiceUnavailable, ``))
	client := orchestrator.New(&fixedDeployment{url: server.URL}, orchestrator.Options{RetryBudget: -1})

	_, err := client.Status(t.Context(), lifecycleID)

	assert.Equal(t, unavailable, outcomeOf(err))
	assert.Len(t, seen.all(), 1)
}

func TestAContextThatEndsBetweenAttemptsEndsTheCall(t *testing.T) {
	server, seen := serve(t, responding(http.StatusServiceUnavailable, ``))
	ctx, cancel := context.WithCancel(t.Context())
	client := orchestrator.New(&fixedDeployment{url: server.URL}, orchestrator.Options{
		Jitter: func() float64 { cancel(); return 0 },
	})

	_, err := client.Status(ctx, lifecycleID)

	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, unavailable, outcomeOf(err))
	assert.Len(t, seen.all(), 1)
}

func TestAReplacedKeyIsFetchedOnceAndUsed(t *testing.T) {
	server, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("api_key") == "new" {
			responding(http.StatusOK, status)(w, r)
			return
		}
		responding(http.StatusInternalServerError, `{"error": "whatever it says"}`)(w, r)
	})
	deployment := &fixedDeployment{url: server.URL, replaced: "new"}

	document, err := clientOf(deployment).Status(t.Context(), lifecycleID)

	require.NoError(t, err)
	assert.Equal(t, lifecycleID, document.ID)
	assert.Equal(t, 1, deployment.refreshes)
	assert.Len(t, seen.all(), 2)
}

func TestARefusalForAnotherReasonIsSaidAtOnceAndAsksAWSOnlyNowAndThen(t *testing.T) {
	tests := map[string]error{"the same key": nil, "no credentials any more": errors.New("expired")}
	for name, refreshFails := range tests {
		t.Run(name, func(t *testing.T) {
			server, seen := serve(t, responding(http.StatusInternalServerError, `{"error": "no"}`))
			deployment := &fixedDeployment{url: server.URL, err: refreshFails}
			client := clientOf(deployment)

			for range 3 {
				_, err := client.Status(t.Context(), lifecycleID)
				assert.Equal(t, refused, outcomeOf(err))
			}

			assert.Equal(t, 1, deployment.refreshes)
			assert.Len(t, seen.all(), 3)
		})
	}
}

func TestARefusedWriteIsNotRepeatedWithAnotherKey(t *testing.T) {
	server, seen := serve(t, responding(http.StatusInternalServerError, `{"error": "Invalid API Key"}`))
	deployment := &fixedDeployment{url: server.URL, replaced: "new"}

	_, err := clientOf(deployment).Send(t.Context(), createRequest())

	assert.Equal(t, refused, outcomeOf(err))
	assert.Zero(t, deployment.refreshes)
	assert.Len(t, seen.all(), 1)
}

func TestACompressedResponseIsDecompressed(t *testing.T) {
	server, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "gzip", r.Header.Get("Accept-Encoding"))
		w.Header().Set("Content-Encoding", "gzip")
		packer := gzip.NewWriter(w)
		_, _ = io.WriteString(packer, status)
		_ = packer.Close()
	})

	document, err := clientOf(&fixedDeployment{url: server.URL}).Status(t.Context(), lifecycleID)

	require.NoError(t, err)
	assert.Equal(t, lifecycleID, document.ID)
}

// listed returns the ids of all lifecycles, read with List.
func listed(ctx context.Context, c *orchestrator.Client) ([]any, error) {
	return c.List(ctx, func(document *lifecycle.Document) any { return document.ID })
}

func TestAListIsReadOneByOneInItsOrder(t *testing.T) {
	var ids []any
	var list []string
	for i := range 500 {
		ids = append(ids, fmt.Sprintf("lifecycle-%d", i))
		list = append(list, fmt.Sprintf(`{"lifecycle_id": "lifecycle-%d", "owner": "%s"}`, i, strings.Repeat("x", i)))
	}
	server, _ := serve(t, responding(http.StatusOK, "["+strings.Join(list, ", ")+"]"))
	var learned atomic.Int64
	client := orchestrator.New(&fixedDeployment{url: server.URL}, orchestrator.Options{Learn: func([]byte) { learned.Add(1) }})

	got, err := listed(t.Context(), client)

	require.NoError(t, err)
	assert.Equal(t, ids, got)
	assert.Equal(t, int64(len(ids)), learned.Load(), "each is learned from")

	server, _ = serve(t, responding(http.StatusOK, "[]"))
	got, err = listed(t.Context(), clientOf(&fixedDeployment{url: server.URL}))
	require.NoError(t, err)
	assert.Empty(t, got)
}

func TestAListThatBreaksOffIsAskedForAgain(t *testing.T) {
	whole := `[` + status + `, {"lifecycle_id": "another-one"}]`
	for name, first := range map[string]string{
		"in the middle": whole[:len(whole)-20], "malformed": strings.Replace(whole, `"another-one"`, `another`, 1),
		"a member twice": strings.Replace(whole, `"another-one"`, `"another-one", "lifecycle_id": "another-two"`, 1),
		"another type":   strings.Replace(whole, `"another-one"`, `5`, 1), "without its end": strings.TrimSuffix(whole, "]"),
		"an invalid id": strings.Replace(whole, `another-one`, `../x`, 1), "no list": `{}`,
	} {
		for _, isCut := range []bool{false, true} {
			var asked atomic.Int64
			server, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1) > 1 {
					responding(http.StatusOK, whole)(w, r)
					return
				}
				if isCut {
					w.Header().Set("Content-Length", strconv.Itoa(len(first)+1))
				}
				responding(http.StatusOK, first)(w, r)
			})

			got, err := listed(t.Context(), clientOf(&fixedDeployment{url: server.URL}))

			require.NoError(t, err, name)
			assert.Equal(t, []any{lifecycleID, "another-one"}, got, "%s: nothing of the first response is kept", name)
			assert.Equal(t, int64(2), asked.Load())
		}
	}
}

func TestAListWhoseLengthIsALieIsAskedForAgain(t *testing.T) {
	var asked atomic.Int64
	server, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		whole := `[` + status + `]`
		if asked.Add(1) == 1 {
			w.Header().Set("Content-Length", strconv.Itoa(len(whole)+1))
		}
		responding(http.StatusOK, whole)(w, r)
	})

	got, err := listed(t.Context(), clientOf(&fixedDeployment{url: server.URL}))

	require.NoError(t, err)
	assert.Len(t, got, 1)
	assert.Equal(t, int64(2), asked.Load(), "what ends too early may be a list that was cut")
}

func TestAFaultWhileAListIsReadIsTheCallers(t *testing.T) {
	server, _ := serve(t, responding(http.StatusOK, `[`+strings.Repeat(status+",", 200)+status+`]`))
	assert.PanicsWithValue(t, "a fault", func() {
		_, _ = clientOf(&fixedDeployment{url: server.URL}).List(t.Context(), func(*lifecycle.Document) any { panic("a fault") })
	})
}

func TestADocumentOfAListIsNotLargerThanOne(t *testing.T) {
	for name, size := range map[string]int{"more than the bound": 5 << 20, "far more": 40 << 20} {
		server, seen := serve(t, responding(http.StatusOK, `[`+status+`, {"lifecycle_id": "b", "owner": "`+strings.Repeat("x", size)+`"}]`))

		_, err := listed(t.Context(), clientOf(&fixedDeployment{url: server.URL}))

		assert.Equal(t, unavailable, outcomeOf(err), name)
		require.ErrorContains(t, err, "a document in it is larger than 4 MB")
		assert.Len(t, seen.all(), 1, "it would be as large again")
	}
}

// A page is kept in memory as a whole, so less of it is read than of a list.
func TestAnEndlessTimelineIsNotReadWhole(t *testing.T) {
	var written atomic.Int64
	server, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		line := bytes.Repeat([]byte("<p>x</p>"), 1<<17)
		for range 60 {
			n, err := w.Write(line)
			written.Add(int64(n))
			if err != nil {
				return
			}
		}
	})
	_, err := clientOf(&fixedDeployment{url: server.URL}).Timeline(t.Context(), lifecycle.Creation, "a1b2c3d4")
	require.ErrorContains(t, err, "the response is too large: it is larger than 32 MB")
	server.Close()
	assert.Less(t, written.Load(), int64(60<<20))
}

func TestAnEndlessResponseIsNotReadWhole(t *testing.T) {
	const size = 150 << 20
	// Each document has one megabyte: none is too large, but the whole list is.
	chunk := append([]byte(`{"lifecycle_id": "lifecycle-1", "x": "`+strings.Repeat("x", 1<<20)), `"},`...)
	for _, packed := range []bool{false, true} {
		var written atomic.Int64
		server, seen := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			out := io.Writer(w)
			if packed {
				w.Header().Set("Content-Encoding", "gzip")
				packer, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
				assert.NoError(t, err)
				defer packer.Close()
				out = packer
			}
			_, _ = io.WriteString(out, "[")
			for range size / len(chunk) {
				n, err := out.Write(chunk)
				written.Add(int64(n))
				if err != nil {
					return
				}
			}
		})

		_, err := listed(t.Context(), clientOf(&fixedDeployment{url: server.URL}))

		assert.Equal(t, unavailable, outcomeOf(err))
		require.ErrorContains(t, err, "the response is too large: it is larger than 128 MB")
		assert.Len(t, seen.all(), 1, "it would be as large again")
		if !packed {
			server.Close()
			assert.Less(t, written.Load(), int64(size))
		}
	}
}
