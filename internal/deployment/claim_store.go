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
	// claimTimeout limits one request for a claim, including its retries. It is enough for three attempts that cannot
	// connect.
	claimTimeout = 20 * time.Second
	// maxClaim limits how many bytes of a claim are read, because anything may have been stored under its key.
	maxClaim = 64 << 10
	// conflicts is how often a write is sent at most. After a 409, S3 expects it to be repeated.
	conflicts = 5
	// conflictPause is the longest pause before such a repetition. The pauses grow and are random, so that two writers
	// that conflict do not repeat at the same time.
	conflictPause = time.Second
	// skew is the largest difference between the clocks of S3's servers, plus the second to which its dates are cut.
	skew = 2 * time.Second
)

// ClaimStore stores claims: small objects in the bucket for patch components, written with S3's conditional
// writes (docs/behind-the-document.md, "Concurrency"). Its errors are of type [*ClaimError].
type ClaimStore struct{ finder *Finder }

// Claims returns the store of claims of the deployment.
func (f *Finder) Claims() *ClaimStore { return &ClaimStore{finder: f} }

// ClaimError means that a claim could not be read or written. A write may still have succeeded, if only its response was
// lost.
type ClaimError struct {
	failure   *Error
	permanent bool
}

func (e *ClaimError) Error() string { return e.failure.Error() }

func (e *ClaimError) Unwrap() error { return e.failure }

// Permanent reports whether claims will keep failing until a user changes something: a permission, the bucket, the stack,
// or the network connection to S3.
func (e *ClaimError) Permanent() bool { return e.permanent }

// Get returns the content of an object, its ETag, and its age: the least time since it was written, by the clock of S3.
// The ETag is "" if there is no object. The content is nil if it is larger than 64 KB, because then it is not a claim.
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
	defer object.Body.Close() //nolint:errcheck // it was only read
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

// Create writes an object if there is none under the key, and returns its ETag. won is false if there was one. After an
// error the object may have been written anyway.
func (s *ClaimStore) Create(ctx context.Context, key string, content []byte) (etag string, won bool, err error) {
	return s.put(ctx, &s3.PutObjectInput{Key: &key, IfNoneMatch: aws.String("*")}, content)
}

// Replace replaces an object if it still has the given ETag, and returns the new one. won is false if it had another
// ETag or did not exist. After an error the object may have been replaced anyway.
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
			return "", false, nil // the object was deleted
		case hasStatus(err, http.StatusConflict) && attempt < conflicts:
			if pause, _ := pauses.BackoffDelay(attempt-1, err); sleep.For(ctx, pause) == nil {
				continue
			}
		}
		action := "s3:PutObject"
		if input.IfMatch != nil {
			action += " and s3:GetObject" // S3 requires it for If-Match
		}
		return "", false, s.explain(bucket, *input.Key, action, err)
	}
}

// files returns the S3 client and the bucket. The error is a *ClaimError.
func (s *ClaimStore) files(ctx context.Context) (*s3.Client, string, error) {
	files, bucket, err := s.finder.files(ctx)
	if err != nil {
		return nil, "", claimErrorOf(err)
	}
	return files, bucket, nil
}

// claimErrorOf converts the error of the look-up of the bucket to a *ClaimError. It is permanent unless the look-up was
// canceled: a user who sets the endpoint may have no stack, or no access to CloudFormation.
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
		missingHint: "the stack names a bucket that does not exist: deploy the orchestrator again",
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
