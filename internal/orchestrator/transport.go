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
)

// Bounds of an answer, unpacked: what it becomes in memory is a multiple of it.
const (
	// maxOne bounds an answer about one lifecycle. The server stores 400 KB of it at most (docs/wire-contract.md,
	// "Refused, and done all the same"), which escapes make six times as long in JSON.
	maxOne = 4 << 20
	// maxMany bounds the list of all lifecycles, which is read one by one. The gateway lets through 10 MB at most, and a
	// list may come by another way.
	maxMany = 128 << 20
	// maxKept bounds that list where its documents are kept, and a page.
	maxKept = 32 << 20
)

// lazyTransport is made when it is used first: what the certificates of a bundle take to read is not spent on an
// endpoint that is plain http.
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

// newReadTransport keeps connections, so that each poll of a long wait is one packet each way.
func newReadTransport(config *tls.Config) *http.Transport {
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:        config.Clone(),
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: 256 << 10,
	}
}

// newWriteTransport gives every write a new connection of HTTP/1.1. On a connection that is used again
// the server may be hanging up just now, which cannot be told from a request that was lost half done;
// net/http and HTTP/2 then even send some requests again on their own. On a new one neither happens.
func newWriteTransport(config *tls.Config) *http.Transport {
	transport := newReadTransport(config)
	transport.DisableKeepAlives = true
	transport.ForceAttemptHTTP2 = false
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP1(true)
	return transport
}

// response is what came back from one request. Where err is set, there is no usable answer, and status is
// that of the beginning of one, or 0.
type response struct {
	status     int
	body       []byte
	retryAfter time.Duration
	// hint is what a sandbox adds to an answer that keeps the orchestrator's words, or "".
	hint string
	// sent is false only if surely no byte of the request has reached the server.
	sent bool
	err  error
}

var errTooLarge = errors.New("the answer is too large")

// exchange sends one request, once, and reads its answer. It uses the transport directly: http.Client
// would follow redirects, with the key, and put the URL, with the key, into its errors. An answer of more than limit
// bytes is an error, with every status. Where stream is not nil, it reads an answer of success, which has no body then.
func (c *Client) exchange(
	ctx context.Context, transport http.RoundTripper, method, target string, body []byte, limit int64, stream func(*bounded),
) (a response) {
	limited, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	// GotConn is called by this goroutine before the first byte is written.
	traced := httptrace.WithClientTrace(limited, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { a.sent = true }})
	request, err := newRequest(traced, method, target, body)
	if err != nil {
		a.err = err
		return a
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		a.err = c.plain(ctx, err)
		return a
	}
	defer response.Body.Close()
	a.status = response.StatusCode
	a.retryAfter = retryAfter(response.Header.Get("Retry-After"), time.Now())
	a.hint = response.Header.Get(hintHeader)
	content := &bounded{from: response.Body, left: limit, limit: limit}
	if stream != nil && isSuccess(a.status) {
		stream(content)
	} else {
		a.body, _ = readAll(content, min(response.ContentLength, limit))
	}
	switch {
	case errors.Is(content.err, errTooLarge):
		a.body, a.err = nil, content.err
	case content.err != nil:
		a.err = fmt.Errorf("the answer was cut short: %w", c.plain(ctx, content.err))
	case a.body != nil:
		c.options.Learn(a.body)
	}
	return a
}

// bounded reads an answer that may have so many bytes. Its error stays, and says why the answer has no end.
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

// readAll is [io.ReadAll] of an answer that is as long as it says, or of another length.
func readAll(from io.Reader, length int64) ([]byte, error) {
	var body bytes.Buffer
	body.Grow(int(max(length, 0)) + bytes.MinRead) // which it needs at the end
	_, err := body.ReadFrom(from)
	return body.Bytes(), err
}

func newRequest(ctx context.Context, method, target string, body []byte) (*http.Request, error) {
	var reader io.Reader
	if body != nil {
		// Hidden from net/http, which would otherwise set GetBody and could then send the body again.
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

// plain makes an error of the transport readable. An end of our own time-out is told from an end of the
// caller's context, which errors.Is must find.
func (c *Client) plain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("no answer within %v", c.options.Timeout)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the connection was closed before the answer was complete")
	}
	if _, ok := errors.AsType[tls.RecordHeaderError](err); ok || errors.Is(err, http.ErrSchemeMismatch) {
		return fmt.Errorf("the server does not speak TLS: %w", err)
	}
	return withoutURL(err)
}

// withoutURL drops the URL that net/url and net/http put around an error: it can hold a key.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

// isPermanent reports whether a connection that failed so will fail so again.
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
	return errors.Is(err, http.ErrSchemeMismatch) || errors.Is(err, errTooLarge)
}
