package deployment_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
)

// counted counts the bytes that a handler could send.
type counted struct {
	http.ResponseWriter

	bytes *atomic.Int64
}

func (c counted) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.bytes.Add(int64(n))
	return n, err
}

func TestAResponseOfAWSIsNotReadPastItsLimit(t *testing.T) {
	const endless = 64 << 20
	for name, c := range map[string]struct {
		isOf  func(*http.Request) bool
		begin string
		ask   func(context.Context, *deployment.Finder) error
	}{
		"CloudFormation": {
			func(r *http.Request) bool { return r.Method == http.MethodPost && r.Header.Get("X-Amz-Target") == "" },
			`<DescribeStacksResponse><DescribeStacksResult><Stacks>`,
			func(ctx context.Context, f *deployment.Finder) error { _, err := f.Endpoint(ctx); return err },
		},
		"Secrets Manager": {
			func(r *http.Request) bool { return r.Header.Get("X-Amz-Target") != "" },
			`{"SecretString": "`,
			func(ctx context.Context, f *deployment.Finder) error {
				return f.Prefetch(ctx, []string{"ami_creation_post_api_key"}, false)
			},
		},
		"S3, in an error": {
			func(r *http.Request) bool { return r.Method == http.MethodPut },
			`<?xml version="1.0"?><Error><Code>`,
			func(ctx context.Context, f *deployment.Finder) error {
				_, _, err := f.Claims().Create(ctx, "ami-action/creates/1.json", []byte("{}"))
				return err
			},
		},
	} {
		for form, isPacked := range map[string]bool{"as it is": false, "packed": true} {
			t.Run(name+", "+form, func(t *testing.T) {
				fake := newFakeAWS(t)
				var sent atomic.Int64 // by all attempts; a handler may still be running
				fake.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if !c.isOf(r) {
						fake.respond(w, r)
						return
					}
					out := counted{w, &sent}
					var to io.Writer = out
					if isPacked {
						w.Header().Set("Content-Encoding", "gzip")
						packer := gzip.NewWriter(out)
						defer packer.Close()
						to = packer
					}
					if r.Method == http.MethodPut {
						w.WriteHeader(http.StatusForbidden)
					}
					_, _ = io.WriteString(to, c.begin)
					_, _ = io.Copy(to, io.LimitReader(spaces{}, endless))
				})
				inPipeline(t, fake.URL)
				t.Setenv("AWS_MAX_ATTEMPTS", "1")

				err := c.ask(t.Context(), finderOf(t, deployment.Options{}))

				want := "the response is larger than 4 MB"
				if isPacked && strings.HasPrefix(name, "S3") {
					want = "a response that is not from AWS" // the SDK does not ask S3 for gzip, so it does not decompress it
				}
				require.Error(t, err)
				// On a busy machine the transport may have closed the connection first, and then the error says that.
				if !strings.Contains(err.Error(), "use of closed network connection") {
					require.ErrorContains(t, err, want)
				}
				assert.Less(t, sent.Load(), int64(endless/2), "the rest is not read")
			})
		}
	}
}

// spaces is an endless reader of spaces.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) { return copy(p, strings.Repeat(" ", len(p))), nil }
