package deployment_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/mototest"
	"github.com/org/ami-action/internal/sandbox"
)

var _ claim.Store = (*deployment.ClaimStore)(nil)

// TestClaimsAreKeptWhereS3IsAsOthersKnowIt runs the store against the S3 of the sandbox and that of moto. Both must behave
// in the same way.
func TestClaimsAreKeptWhereS3IsAsOthersKnowIt(t *testing.T) {
	for name, finder := range map[string]func(*testing.T) *deployment.Finder{"sandbox": inSandbox, "moto": inMoto} {
		t.Run(name, func(t *testing.T) {
			store := finder(t).Claims()
			ctx := t.Context()

			content, etag, _, err := store.Get(ctx, "ami-action/creates/1.json")
			require.NoError(t, err)
			assert.Empty(t, etag)
			assert.Empty(t, content)

			first, won, err := store.Create(ctx, "ami-action/creates/1.json", []byte(`{"write":"1"}`))
			require.NoError(t, err)
			assert.True(t, won)
			_, won, err = store.Create(ctx, "ami-action/creates/1.json", []byte(`{"write":"2"}`))
			require.NoError(t, err)
			assert.False(t, won, "there is one")

			content, etag, age, err := store.Get(ctx, "ami-action/creates/1.json")
			require.NoError(t, err)
			assert.Equal(t, first, etag)
			assert.JSONEq(t, `{"write":"1"}`, string(content))
			assert.GreaterOrEqual(t, age, 0*age)

			second, won, err := store.Replace(ctx, "ami-action/creates/1.json", first, []byte(`{"write":"3"}`))
			require.NoError(t, err)
			assert.True(t, won)
			assert.NotEqual(t, first, second)
			_, won, err = store.Replace(ctx, "ami-action/creates/1.json", first, []byte(`{"write":"4"}`))
			require.NoError(t, err)
			assert.False(t, won, "somebody has replaced it")
			_, won, err = store.Replace(ctx, "ami-action/creates/none.json", first, []byte(`{"write":"5"}`))
			require.NoError(t, err)
			assert.False(t, won, "there is none")

			content, _, _, err = store.Get(ctx, "ami-action/creates/1.json")
			require.NoError(t, err)
			assert.JSONEq(t, `{"write":"3"}`, string(content))
			if name == "sandbox" { // moto checks If-None-Match and writes in two steps, so that two of its writers can win
				assertOneWins(t, store)
			}

			require.NoError(t, store.Prove(ctx), "nobody has proven it before")
			require.NoError(t, store.Prove(ctx))
		})
	}
}

func assertOneWins(t *testing.T, store *deployment.ClaimStore) {
	t.Helper()
	var group sync.WaitGroup
	var winners atomic.Int32
	for i := range 8 {
		group.Go(func() {
			_, won, err := store.Create(t.Context(), "ami-action/creates/raced.json", fmt.Appendf(nil, `{"write":"%d"}`, i))
			assert.NoError(t, err)
			if won {
				winners.Add(1)
			}
		})
	}
	group.Wait()
	assert.Equal(t, int32(1), winners.Load(), "of many writers one wins")
}

func TestAnObjectOfAStrangerIsNotReadToItsEnd(t *testing.T) {
	finder := inSandbox(t)
	_, err := finder.Upload(t.Context(), "ami-action", "huge.json", []byte(strings.Repeat("x", 1<<20)), "token")
	require.NoError(t, err)
	content, etag, _, err := finder.Claims().Get(t.Context(), "ami-action/huge.json")
	require.NoError(t, err)
	assert.Nil(t, content)
	assert.NotEmpty(t, etag, "it can still be replaced")
}

func TestWhyAClaimIsNotWritten(t *testing.T) {
	tests := map[string]struct {
		status         int
		code, text     string
		permanent, won bool
		err            string
		requests       int
	}{
		"there is one":              {status: 412, code: "PreconditionFailed", requests: 1},
		"two race, and go on doing": {status: 409, code: "ConditionalRequestConflict", requests: 5, err: "ConditionalRequestConflict"},
		"no permission":             {status: 403, code: "AccessDenied", requests: 1, permanent: true, err: "allow s3:PutObject on arn:aws:s3:::components/ami-action/*"},
		"no conditional writes":     {status: 501, code: "NotImplemented", requests: 1, permanent: true, err: "NotImplemented"},
		"the bucket is gone":        {status: 404, code: "NoSuchBucket", requests: 1, permanent: true, err: "deploy the orchestrator again"},
		"S3 is overloaded":          {status: 503, code: "SlowDown", requests: 3, err: "SlowDown"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			fake := newFakeAWS(t)
			refusing("PutObject", func(w http.ResponseWriter) { refuseS3(w, test.status, test.code, "said so") })(fake)
			inPipeline(t, fake.URL)
			t.Setenv("AWS_MAX_ATTEMPTS", "3") // by default, a throttled call is retried for a minute

			_, won, err := finderOf(t, deployment.Options{}).Claims().Create(t.Context(), "ami-action/creates/1.json", []byte("{}"))

			assert.False(t, won)
			requests := 0
			for _, c := range fake.seen() {
				if c.Action == "PutObject" {
					requests++
				}
			}
			assert.Equal(t, test.requests, requests)
			if test.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.err)
			assertReadable(t, err)
			var failure *deployment.ClaimError
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, test.permanent, failure.Permanent())
		})
	}
}

func TestAStoreProvesThatItHonoursConditions(t *testing.T) {
	const ignored, refused, denied = http.StatusOK, http.StatusPreconditionFailed, http.StatusForbidden
	for _, c := range []struct {
		name                 string
		ifNoneMatch, ifMatch []int // the statuses of the responses; the last one is repeated
		err                  string
		requests             int
	}{
		{"by two refusals", []int{refused}, []int{refused}, "", 2},
		{"the first time", []int{http.StatusOK, refused}, []int{http.StatusNotFound}, "", 3},
		{"to who may not list the bucket", []int{http.StatusOK, refused}, []int{denied, refused}, "", 4},
		{"not one that takes every write", []int{ignored}, []int{ignored}, "so several runs can get the same claim", 3},
		{"not one that ignores If-Match", []int{refused}, []int{ignored}, "the store ignores If-Match", 2},
		{"not one that ignores If-None-Match", []int{ignored}, []int{refused}, "the store ignores If-None-Match", 3},
		{"not to who may not read claims", []int{refused}, []int{denied}, "allow s3:PutObject and s3:GetObject on arn:aws:s3:::components/ami-action/*", 3},
		{"not to who may not write them", []int{denied}, []int{denied}, "allow s3:PutObject on arn:aws:s3:::components/ami-action/*", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			fake := newFakeAWS(t)
			var mu sync.Mutex
			asked := map[string]int{}
			fake.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method != http.MethodPut {
					fake.respond(w, r)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				condition, statuses := "If-None-Match", c.ifNoneMatch
				if r.Header.Get("If-Match") != "" {
					condition, statuses = "If-Match", c.ifMatch
				}
				status := statuses[min(asked[condition], len(statuses)-1)]
				asked[condition]++
				switch status {
				case http.StatusOK:
					w.Header().Set("ETag", `"1"`)
				case denied:
					refuseS3(w, status, "AccessDenied", "said so")
				case http.StatusNotFound:
					refuseS3(w, status, "NoSuchKey", "said so")
				default:
					refuseS3(w, status, "PreconditionFailed", "said so")
				}
			})
			inPipeline(t, fake.URL)

			err := finderOf(t, deployment.Options{}).Claims().Prove(t.Context())

			assert.Equal(t, c.requests, asked["If-None-Match"]+asked["If-Match"])
			if c.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.err)
			assertReadable(t, err)
			var failure *deployment.ClaimError
			require.ErrorAs(t, err, &failure)
			assert.True(t, failure.Permanent())
		})
	}
}

func TestWithoutAStackOrAWayToS3ThereAreNoClaims(t *testing.T) {
	t.Run("no stack", func(t *testing.T) {
		fake := newFakeAWS(t)
		refusing("DescribeStacks", func(w http.ResponseWriter) {
			refuseXML(w, http.StatusBadRequest, "ValidationError", "Stack with id AmiLifecycle does not exist")
		})(fake)
		inPipeline(t, fake.URL)
		assertNoClaims(t, deployment.Options{APIEndpoint: "https://orchestrator.example.com/prod"})
	})
	t.Run("nobody listens", func(t *testing.T) {
		inPipeline(t, "http://127.0.0.1:1")
		t.Setenv("AWS_MAX_ATTEMPTS", "1")
		assertNoClaims(t, deployment.Options{})
	})
}

func assertNoClaims(t *testing.T, o deployment.Options) {
	t.Helper()
	_, _, err := finderOf(t, o).Claims().Create(t.Context(), "ami-action/creates/1.json", []byte("{}"))
	var failure *deployment.ClaimError
	require.ErrorAs(t, err, &failure)
	assert.True(t, failure.Permanent())
	assertReadable(t, err)
}

func inSandbox(t *testing.T) *deployment.Finder {
	t.Helper()
	box, err := sandbox.Start(context.Background(), sandbox.Options{Manual: true, Dir: t.TempDir()})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, box.Close()) })
	return finderOf(t, deployment.Options{AWSEndpoint: box.URL()})
}

func inMoto(t *testing.T) *deployment.Finder {
	t.Helper()
	inPipeline(t, mototest.Start(t))
	configured, err := config.LoadDefaultConfig(context.Background())
	require.NoError(t, err)
	_, err = cloudformation.NewFromConfig(configured).CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("AmiLifecycle"), TemplateBody: aws.String(stackTemplate),
	})
	require.NoError(t, err)
	_, err = s3.NewFromConfig(configured, func(o *s3.Options) { o.UsePathStyle = true }).PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: aws.String("ami-lifecycle-components"), VersioningConfiguration: versioned,
	})
	require.NoError(t, err)
	return finderOf(t, deployment.Options{})
}

// versioned enables versioning, as in the stack's bucket (docs/behind-the-document.md, "Concurrency").
var versioned = &s3types.VersioningConfiguration{Status: s3types.BucketVersioningStatusEnabled}
