package orchestrator_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/sleep"
)

// wire is a server of raw TCP connections. It counts the connections, and the requests that arrived completely.
type wire struct {
	url string

	mu          sync.Mutex
	connections int
	requests    int
}

// listen starts a wire that calls serve for each connection, with the number of the connection, from 1 on.
func listen(t *testing.T, serve func(w *wire, number int, connection *net.TCPConn)) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &wire{url: "http://" + listener.Addr().String()}
	ended, end := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			w.mu.Lock()
			w.connections++
			number := w.connections
			w.mu.Unlock()
			running.Go(func() {
				defer connection.Close()
				defer context.AfterFunc(ended, func() { connection.Close() })()
				serve(w, number, connection.(*net.TCPConn))
			})
		}
	})
	t.Cleanup(func() { end(); listener.Close(); running.Wait() })
	return w
}

// take reads one complete request and counts it. It returns false if the request is incomplete.
func (w *wire) take(reader *bufio.Reader) bool {
	request, err := http.ReadRequest(reader)
	if err != nil {
		return false
	}
	if _, err := io.Copy(io.Discard, request.Body); err != nil {
		return false
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests++
	return true
}

func (w *wire) counted() (connections, requests int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.connections, w.requests
}

// reset ends a connection with a reset instead of an orderly close.
func reset(connection *net.TCPConn) {
	_ = connection.SetLinger(0)
	_ = connection.Close()
}

func respond(w io.Writer, body string, length int) {
	fmt.Fprintf(w, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", length, body)
}

func TestAWriteWhoseConnectionBreaksIsSentOnceAndUncertain(t *testing.T) {
	faults := map[string]func(w *wire, number int, connection *net.TCPConn){
		"closed as soon as connected": func(_ *wire, _ int, c *net.TCPConn) {
			c.Close()
		},
		"reset after the work": func(w *wire, _ int, c *net.TCPConn) { w.take(bufio.NewReader(c)); reset(c) },
		"closed after the work": func(w *wire, _ int, c *net.TCPConn) {
			w.take(bufio.NewReader(c))
		},
		"cut in the head": func(w *wire, _ int, c *net.TCPConn) {
			w.take(bufio.NewReader(c))
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Ty")
		},
		"cut in the body": func(w *wire, _ int, c *net.TCPConn) { w.take(bufio.NewReader(c)); respond(c, taken[:20], len(taken)) },
		"no HTTP at all": func(w *wire, _ int, c *net.TCPConn) {
			w.take(bufio.NewReader(c))
			fmt.Fprint(c, "SSH-2.0 "+canary+"\r\n\r\n")
		},
	}
	for name, fault := range faults {
		for operation, send := range writes {
			t.Run(name+", "+string(operation), func(t *testing.T) {
				server := listen(t, fault)

				_, err := send(t.Context(), clientOf(&fixedDeployment{url: server.url}))

				assert.Equal(t, uncertain, outcomeOf(err), "%v", err)
				connections, requests := server.counted()
				assert.Equal(t, 1, connections)
				assert.LessOrEqual(t, requests, 1)
				require.ErrorContains(t, err, "before you send it again")
				assert.NotContains(t, err.Error(), server.url)
			})
		}
	}
}

func TestAWriteWhoseConnectionIsResetAtOnceIsNotCalledRefused(t *testing.T) {
	// The reset comes while the client connects, which proves that nothing was sent, or just after that.
	server := listen(t, func(_ *wire, _ int, c *net.TCPConn) { reset(c) })

	_, err := clientOf(&fixedDeployment{url: server.url}).Send(t.Context(), createRequest())

	assert.Contains(t, []string{unavailable, uncertain}, outcomeOf(err))
	_, requests := server.counted()
	assert.Zero(t, requests)
}

func TestAReadWhoseConnectionBreaksIsSentAgain(t *testing.T) {
	server := listen(t, func(w *wire, number int, c *net.TCPConn) {
		w.take(bufio.NewReader(c))
		switch number {
		case 1:
			reset(c)
		case 2:
			respond(c, status[:20], len(status))
		default:
			respond(c, status, len(status))
		}
	})

	document, err := clientOf(&fixedDeployment{url: server.url}).Status(t.Context(), lifecycleID)

	require.NoError(t, err)
	assert.Equal(t, lifecycleID, document.ID)
	_, requests := server.counted()
	assert.Equal(t, 3, requests)
}

func TestNoErrorOfAReadShowsItsURL(t *testing.T) {
	server := listen(t, func(w *wire, _ int, c *net.TCPConn) { w.take(bufio.NewReader(c)); reset(c) })
	for _, base := range []string{server.url, "http://127.0.0.1:1", "http://no such host", "https://no-such-host.invalid", "://"} {
		for operation, ask := range reads {
			err := ask(t.Context(), clientOf(&fixedDeployment{url: base}))

			require.Error(t, err)
			assert.Equal(t, unavailable, outcomeOf(err), "%s of %s: %v", operation, base, err)
			for cause := err; cause != nil; cause = errors.Unwrap(cause) {
				assert.NotContains(t, cause.Error(), canary)
				assert.NotContains(t, cause.Error(), "api_key")
			}
		}
	}
}

func TestAWriteGoesOutOnAConnectionOfItsOwn(t *testing.T) {
	// The server closes the connection of the query as soon as another request arrives on it.
	server := listen(t, func(w *wire, _ int, c *net.TCPConn) {
		reader := bufio.NewReader(c)
		if !w.take(reader) {
			return
		}
		w.mu.Lock()
		first := w.requests == 1
		w.mu.Unlock()
		if first {
			respond(c, status, len(status))
			_, _ = reader.Peek(1)
			return
		}
		respond(c, taken, len(taken))
	})
	client := clientOf(&fixedDeployment{url: server.url})
	_, err := client.Status(t.Context(), lifecycleID)
	require.NoError(t, err)

	_, err = client.Send(t.Context(), createRequest())

	require.NoError(t, err)
	connections, requests := server.counted()
	assert.Equal(t, 2, connections)
	assert.Equal(t, 2, requests)
}

func TestWritesAreHTTP1AndReadsShareAConnection(t *testing.T) {
	var mu sync.Mutex
	var protocols []string
	remotes := map[string]bool{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		protocols = append(protocols, r.Method+" "+r.Proto)
		remotes[r.Method+r.RemoteAddr] = true
		mu.Unlock()
		responding(http.StatusOK, map[string]string{http.MethodGet: status, http.MethodPost: taken}[r.Method])(w, r)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	client := orchestrator.New(&fixedDeployment{url: server.URL}, orchestrator.Options{TLS: func() (*tls.Config, error) { return trusting(server), nil }})

	for range 2 {
		_, err := client.Status(t.Context(), lifecycleID)
		require.NoError(t, err)
		_, err = client.Send(t.Context(), createRequest())
		require.NoError(t, err)
	}

	assert.Equal(t, []string{"GET HTTP/2.0", "POST HTTP/1.1", "GET HTTP/2.0", "POST HTTP/1.1"}, protocols)
	assert.Len(t, remotes, 3, "one for all reads, one for each write")
}

func trusting(server *httptest.Server) *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return &tls.Config{RootCAs: pool}
}

func TestAWriteThatSurelyWasNotSentChangedNothing(t *testing.T) {
	secure := httptest.NewUnstartedServer(responding(http.StatusOK, taken))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	plain, _ := serve(t, responding(http.StatusOK, taken))
	silent := listen(t, func(_ *wire, _ int, c *net.TCPConn) { reset(c) })
	tests := map[string]struct {
		url      string
		attempts int
		says     string
	}{
		"nobody listens":                  {"http://127.0.0.1:1", 5, "connection refused"},
		"no such host":                    {"http://no-such-host.invalid", 5, "no-such-host.invalid"},
		"a certificate that nobody knows": {secure.URL, 1, "certificate"},
		"no TLS at all":                   {"https" + plain.URL[len("http"):], 1, "the server does not speak TLS"},
		"reset before the request":        {"https" + silent.url[len("http"):], 5, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			slept := &pauses{}
			client := orchestrator.New(&fixedDeployment{url: test.url}, orchestrator.Options{Sleep: slept.sleep})

			_, err := client.Send(t.Context(), createRequest())

			assert.Equal(t, unavailable, outcomeOf(err), "%v", err)
			require.ErrorContains(t, err, test.says)
			assert.Len(t, slept.all, test.attempts-1)
		})
	}
}

func TestARedirectTakesNoKeyElsewhere(t *testing.T) {
	elsewhere, stolen := serve(t, responding(http.StatusOK, taken))
	for _, status := range []int{301, 302, 303, 307, 308} {
		server, seen := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL+"/"+r.URL.RawQuery+"%zz", status)
		})
		client := clientOf(&fixedDeployment{url: server.URL})

		_, err := client.Send(t.Context(), createRequest())
		assert.Equal(t, uncertain, outcomeOf(err))
		_, err = client.Status(t.Context(), lifecycleID)
		assert.Equal(t, unavailable, outcomeOf(err))

		assert.NotContains(t, err.Error(), canary)
		assert.Len(t, seen.all(), 2)
	}
	assert.Empty(t, stolen.all())
}

func TestAResponseThatDoesNotComeIsNotAwaitedForever(t *testing.T) {
	release := make(chan struct{})
	server, seen := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) }) // runs before server.Close, which waits for the requests
	client := orchestrator.New(&fixedDeployment{url: server.URL}, orchestrator.Options{Timeout: 20 * time.Millisecond, RetryBudget: -1})

	_, err := client.Send(t.Context(), createRequest())
	assert.Equal(t, uncertain, outcomeOf(err))
	require.ErrorContains(t, err, "no response within 20ms")
	require.NotErrorIs(t, err, context.DeadlineExceeded, "the caller's context has not ended")
	assert.Len(t, seen.all(), 1)

	_, err = client.Status(t.Context(), lifecycleID)
	assert.Equal(t, unavailable, outcomeOf(err))
}

func TestAnInterruptedWriteIsUncertainOnceItWasSent(t *testing.T) {
	release := make(chan struct{})
	ctx, cancel := context.WithCancelCause(t.Context())
	server, _ := serve(t, func(http.ResponseWriter, *http.Request) { cancel(errors.New("signal")); <-release })
	t.Cleanup(func() { close(release) })
	slept := &pauses{}
	client := orchestrator.New(&fixedDeployment{url: server.URL}, orchestrator.Options{Sleep: slept.sleep})

	_, err := client.Send(ctx, createRequest())
	assert.Equal(t, uncertain, outcomeOf(err))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "signal", "the cause, and not only that a context has ended")
	assert.NotContains(t, err.Error(), "context canceled")

	_, err = client.Send(ctx, createRequest())
	assert.Equal(t, unavailable, outcomeOf(err), "nothing was sent after the end")
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, slept.all, "an end is nothing to try again after")
}

func TestAnInterruptBetweenAttemptsIsTheContextsError(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	server, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) })
	client := orchestrator.New(&fixedDeployment{url: server.URL}, orchestrator.Options{
		Sleep: func(ctx context.Context, d time.Duration) error {
			cancel(errors.New("signal"))
			return sleep.For(ctx, d)
		},
	})
	_, err := client.Send(ctx, createRequest())
	assert.Equal(t, unavailable, outcomeOf(err))
	require.ErrorIs(t, err, context.Canceled)
}

// brokenDeployment is a deployment that cannot be found.
type brokenDeployment struct{ fixedDeployment }

var errNotFound = errors.New("no such stack")

func (*brokenDeployment) Endpoint(context.Context) (string, error) { return "", errNotFound }

func TestADeploymentThatIsNotFoundIsSaidAsItIs(t *testing.T) {
	client := clientOf(&brokenDeployment{})
	for operation, send := range writes {
		_, err := send(t.Context(), client)
		assert.Equal(t, errNotFound, err, operation)
	}
	_, err := client.Timeline(t.Context(), lifecycle.Patching, lifecycleID)
	assert.Equal(t, errNotFound, err)
}
