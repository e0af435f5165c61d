package deployment

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"github.com/org/ami-action/internal/location"
	"github.com/org/ami-action/internal/sleep"
)

const (
	// claimTimeout bounds one request for a claim with all its retries: three that cannot connect fit into it.
	claimTimeout = 20 * time.Second
	// maxClaim bounds what is read of an object where a claim should be: anybody may have put it there.
	maxClaim = 64 << 10
	// conflicts bounds how often a write is repeated that S3 answers with 409: it asks for that.
	conflicts = 5
	// conflictPause bounds the pauses before such repetitions, which grow, and are random: two that race must not
	// come back together.
	conflictPause = time.Second
	// skew is how far the clocks of S3's own servers may be apart, and the whole second that its dates are cut to.
	skew = 2 * time.Second
)

// ClaimStore keeps claims: small objects in the bucket for patch components, written with S3's conditional
// writes (docs/behind-the-document.md, "Concurrency"). Its errors are of type [*ClaimError].
type ClaimStore struct{ finder *Finder }

// Claims returns the store of claims of the deployment.
func (f *Finder) Claims() *ClaimStore { return &ClaimStore{finder: f} }

// ClaimError says that a claim was not read or written, as far as one can tell: the answer to a write may have
// been lost.
type ClaimError struct {
	failure   *Error
	permanent bool
}

func (e *ClaimError) Error() string { return e.failure.Error() }

func (e *ClaimError) Unwrap() error { return e.failure }

// Permanent reports whether claims can neither be read nor written here until somebody changes that: a
// permission is missing, or the bucket, or the stack, or the way to S3.
func (e *ClaimError) Permanent() bool { return e.permanent }

// Get returns an object: its content, its ETag, and for how long at least it has stood so, by the clock of S3. The ETag
// is "" where there is no object. The content of an object of more than 64 KB, which is no claim, is nil.
func (s *ClaimStore) Get(ctx context.Context, key string) (content []byte, etag string, age time.Duration, err error) {
	files, bucket, err := s.files(ctx)
	if err != nil {
		return nil, "", 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, claimTimeout)
	defer cancel()
	object, err := files.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if hasStatus(err, http.StatusNotFound) && !hasCode(err, "NoSuchBucket") {
		return nil, "", 0, nil
	}
	if err != nil {
		return nil, "", 0, s.explain(bucket, key, "s3:GetObject", err)
	}
	defer object.Body.Close() //nolint:errcheck // it was read
	content, err = io.ReadAll(io.LimitReader(object.Body, maxClaim+1))
	if err != nil {
		return nil, "", 0, s.explain(bucket, key, "s3:GetObject", err)
	}
	if len(content) > maxClaim {
		content = nil
	}
	if now, ok := awsmiddleware.GetServerTime(object.ResultMetadata); ok && object.LastModified != nil {
		age = max(now.Sub(*object.LastModified)-skew, 0)
	}
	return content, aws.ToString(object.ETag), age, nil
}

// Create writes an object and returns its ETag, if there is none under the key; won says whether there was none.
// After an error the object may have been written all the same.
func (s *ClaimStore) Create(ctx context.Context, key string, content []byte) (etag string, won bool, err error) {
	return s.put(ctx, &s3.PutObjectInput{Key: &key, IfNoneMatch: aws.String("*")}, content)
}

// Replace writes an object if it still has the ETag, and returns the new one; won says whether it had. After an
// error the object may have been written all the same.
func (s *ClaimStore) Replace(ctx context.Context, key, etag string, content []byte) (newETag string, won bool, err error) {
	return s.put(ctx, &s3.PutObjectInput{Key: &key, IfMatch: &etag}, content)
}

func (s *ClaimStore) put(ctx context.Context, input *s3.PutObjectInput, content []byte) (etag string, won bool, err error) {
	files, bucket, err := s.files(ctx)
	if err != nil {
		return "", false, err
	}
	ctx, cancel := context.WithTimeout(ctx, claimTimeout)
	defer cancel()
	input.Bucket, input.ContentType = &bucket, aws.String("application/json")
	pauses := retry.NewExponentialJitterBackoff(conflictPause)
	for attempt := 1; ; attempt++ {
		input.Body = bytes.NewReader(content)
		output, err := files.PutObject(ctx, input)
		switch {
		case err == nil:
			return aws.ToString(output.ETag), true, nil
		case hasStatus(err, http.StatusPreconditionFailed):
			return "", false, nil
		case input.IfMatch != nil && hasStatus(err, http.StatusNotFound) && !hasCode(err, "NoSuchBucket"):
			return "", false, nil // somebody has deleted it
		case hasStatus(err, http.StatusConflict) && attempt < conflicts:
			if pause, _ := pauses.BackoffDelay(attempt-1, err); sleep.For(ctx, pause) == nil {
				continue
			}
		}
		action := "s3:PutObject"
		if input.IfMatch != nil {
			action += " and s3:GetObject" // S3 demands it for the condition
		}
		return "", false, s.explain(bucket, *input.Key, action, err)
	}
}

// files returns the S3 client and the bucket. Without them nothing was read or written.
func (s *ClaimStore) files(ctx context.Context) (*s3.Client, string, error) {
	files, bucket, err := s.finder.files(ctx)
	if err != nil {
		return nil, "", claimErrorOf(err)
	}
	return files, bucket, nil
}

// claimErrorOf makes a failed look-up of the bucket one of the store's errors. Who gives the endpoint himself may
// have no stack, or no way to CloudFormation.
func claimErrorOf(err error) error {
	failure, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	return &ClaimError{failure: failure, permanent: !errors.Is(err, context.Canceled)}
}

func (s *ClaimStore) explain(bucket, key, action string, err error) error {
	failure := s.finder.explain("claim s3://"+bucket+"/"+key, err, situation{
		action: action, resource: "arn:aws:s3:::" + bucket + "/" + location.ClaimPrefix + "*",
		missingCode: "NoSuchBucket",
		missingHint: "the stack names a bucket that is gone: deploy the orchestrator again",
	})
	unreachable, ok := errors.AsType[*net.OpError](err)
	permanent := ok && unreachable.Op == "dial" ||
		isDenied(err) || hasCode(err, "NoSuchBucket") || hasStatus(err, http.StatusNotImplemented)
	return &ClaimError{failure: failure, permanent: permanent}
}

func isDenied(err error) bool {
	return hasStatus(err, http.StatusForbidden) || hasCode(err, "AccessDenied")
}

func hasStatus(err error, status int) bool {
	response, ok := errors.AsType[*awshttp.ResponseError](err)
	return ok && response.HTTPStatusCode() == status
}

func hasCode(err error, codes ...string) bool {
	refusal, ok := errors.AsType[smithy.APIError](err)
	return ok && slices.Contains(codes, refusal.ErrorCode())
}
