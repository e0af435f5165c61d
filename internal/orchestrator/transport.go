package orchestrator

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"

	"github.com/org/ami-action/internal/connection"
)

// Limits on the size of a response after decompression. Decoded, it takes several times as much memory.
const (
	// maxOne limits a response about one lifecycle. The server stores at most 400 KB (docs/wire-contract.md,
	// "Refused, and done all the same"), which escapes in JSON can make six times as long.
	maxOne = 4 << 20
	// maxMany limits the list of all lifecycles if its documents are read one by one. The gateway passes at most 10 MB, but
	// a deployment may do without the gateway.
	maxMany = 128 << 20
	// maxKept limits what is kept in memory as a whole: a timeline page, and the list if all its documents are kept.
	maxKept = 32 << 20
)

// lazyTransport creates a transport when it is first used. An endpoint with plain HTTP thus never spends the time to
// read a certificate bundle.
type lazyTransport struct {
	make func(*tls.Config) *http.Transport
	tls  func() (*tls.Config, error)

	once   sync.Once
	secure *http.Transport
	err    error
	plain  sync.Once
	http   *http.Transport
}

func (l *lazyTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" {
		l.plain.Do(func() { l.http = l.make(nil) })
		return l.http.RoundTrip(r)
	}
	l.once.Do(func() {
		var config *tls.Config
		if config, l.err = l.tls(); l.err == nil {
			l.secure = l.make(config)
		}
	})
	if l.err != nil {
		return nil, l.err
	}
	return l.secure.RoundTrip(r)
}

// newReadTransport returns a transport that reuses connections, so that a poll of a wait need not connect again.
func newReadTransport(config *tls.Config) *http.Transport {
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:        config.Clone(),
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: 256 << 10,
	}
	connection.NameRefusals(transport)
	return transport
}

// newWriteTransport returns a transport that opens a new HTTP/1.1 connection for every write. The server may close a
// reused connection at any moment, and the client cannot distinguish that from a request that was lost half done. In
// that case net/http and HTTP/2 even send some requests again by themselves. With a new connection neither happens.
func newWriteTransport(config *tls.Config) *http.Transport {
	transport := newReadTransport(config)
	transport.DisableKeepAlives = true
	transport.ForceAttemptHTTP2 = false
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP1(true)
	return transport
}

// response is the response to one request. If err is set, there is no usable response, and status is that of an
// incomplete response, or 0.
type response struct {
	status     int
	body       []byte
	retryAfter time.Duration
	// hint is the value of the header hintHeader, which only a sandbox sends, or "".
	hint string
	// sent is false only if it is certain that no byte of the request has reached the server.
	sent bool
	err  error
}

var errTooLarge = errors.New("the response is too large")

// exchange sends one request, once, and reads the response. It uses the transport directly, because an http.Client
// follows redirects, with the key, and puts the URL, with the key, into its errors. A response of more than limit bytes
// is an error, whatever its status. If stream is not nil, it reads a successful response, and body stays nil.
func (c *Client) exchange(
	ctx context.Context, transport http.RoundTripper, method, target string, body []byte, limit int64, stream func(*bounded),
) (r response) {
	limited, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	// GotConn is called in this goroutine, before the first byte is written.
	traced := httptrace.WithClientTrace(limited, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { r.sent = true }})
	request, err := newRequest(traced, method, target, body)
	if err != nil {
		r.err = err
		return r
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		r.err = c.plain(ctx, err)
		return r
	}
	defer response.Body.Close()
	r.status = response.StatusCode
	r.retryAfter = retryAfter(response.Header.Get("Retry-After"), time.Now())
	r.hint = response.Header.Get(hintHeader)
	content := &bounded{from: response.Body, left: limit, limit: limit}
	if stream != nil && isSuccess(r.status) {
		stream(content)
	} else {
		r.body, _ = readAll(content, min(response.ContentLength, limit))
	}
	switch {
	case errors.Is(content.err, errTooLarge):
		r.body, r.err = nil, content.err
	case content.err != nil:
		r.err = fmt.Errorf("the response was cut short: %w", c.plain(ctx, content.err))
	case r.body != nil:
		c.options.Learn(r.body)
	}
	return r
}

// bounded reads a response of at most limit bytes. err keeps the first error, except io.EOF: the reason why the response
// is incomplete.
type bounded struct {
	from        io.Reader
	left, limit int64
	err         error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		n, err = 0, fmt.Errorf("%w: it is larger than %d MB", errTooLarge, b.limit>>20)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

// readAll is like [io.ReadAll], but allocates length bytes at once. The response may be shorter or longer.
func readAll(from io.Reader, length int64) ([]byte, error) {
	var body bytes.Buffer
	body.Grow(int(max(length, 0)) + bytes.MinRead) // ReadFrom needs MinRead bytes to see the end without growing
	_, err := body.ReadFrom(from)
	return body.Bytes(), err
}

func newRequest(ctx context.Context, method, target string, body []byte) (*http.Request, error) {
	var reader io.Reader
	if body != nil {
		// The NopCloser hides the type from net/http. For a *bytes.Reader it sets GetBody and can then resend the body.
		reader = io.NopCloser(bytes.NewReader(body))
	}
	request, err := http.NewRequestWithContext(ctx, method, target, reader)
	if err != nil {
		return nil, withoutURL(err)
	}
	request.Header.Set("User-Agent", "ami-action")
	if body != nil {
		request.ContentLength = int64(len(body))
		request.Header.Set("Content-Type", "application/json")
	}
	return request, nil
}

// plain returns a readable error for one of the transport. If the caller's context has ended, it returns the error of
// that context, so that errors.Is finds it. The client's own time-out is another error.
func (c *Client) plain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return &endedError{text: context.Cause(ctx).Error(), err: ctx.Err()}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no response within %v", c.options.Timeout)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the connection was closed before the response was complete")
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return fmt.Errorf("the server does not speak TLS: %w", err)
	}
	return withoutURL(err)
}

// endedError is the error of a context that has ended, with the cause as its text. The cause itself is left out, because
// what it means for the operation depends on whether the request was sent.
type endedError struct {
	text string
	err  error
}

func (e *endedError) Error() string { return e.text }

func (e *endedError) Unwrap() error { return e.err }

// withoutURL removes the URL that net/url and net/http add to an error, because it can hold a key.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// isPermanent reports whether a retry can be expected to fail with the same error.
func isPermanent(err error) bool {
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return true
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*connection.Refusal](err); ok {
		return true
	}
	return errors.Is(err, http.ErrSchemeMismatch) || errors.Is(err, errTooLarge)
}
