package deployment

import (
	"bytes"
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Upload uploads a patch component to the place where the orchestrator looks for it, and returns its URL:
// s3://BUCKET/LIFECYCLE_ID/FILE_NAME (docs/wire-contract.md, "Requests"). The token consists of ASCII letters, digits and
// dots. It is stored as metadata, for [Finder.Uploaded]. The error is of type [*Error].
func (f *Finder) Upload(ctx context.Context, lifecycleID, fileName string, content []byte, token string) (string, error) {
	key := lifecycleID + "/" + fileName
	if lifecycleID == "" || fileName == "" || strings.ContainsAny(fileName, `/\"`) || strings.ContainsFunc(key, isControl) {
		return "", &Error{
			Subject: "the upload of the patch component", Reason: "the file name is not allowed",
			Hint: `name the file without "/", "\", quotes and control characters`,
		}
	}
	files, bucket, err := f.files(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	_, err = files.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String(key),
		Body: bytes.NewReader(content), ContentType: aws.String("application/yaml"),
		Metadata: map[string]string{tokenMetadata: token},
	})
	if err != nil {
		return "", f.explain("the upload of the patch component in bucket "+bucket, err, situation{
			action: "s3:PutObject", resource: "arn:aws:s3:::" + bucket + "/*",
			missingCode: "NoSuchBucket",
			missingHint: "the stack names a bucket that does not exist: deploy the orchestrator again",
		})
	}
	return "s3://" + bucket + "/" + key, nil
}

// Uploaded returns the token of the patch component that was last uploaded for the lifecycle under that name, or "" if
// there is none. The error is of type [*Error].
func (f *Finder) Uploaded(ctx context.Context, lifecycleID, fileName string) (token string, err error) {
	files, bucket, err := f.files(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	key := lifecycleID + "/" + fileName
	head, err := files.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	if _, missing := errors.AsType[*s3types.NotFound](err); missing {
		return "", nil
	}
	if err != nil {
		// Without s3:ListBucket, S3 returns 403 for an object that does not exist.
		return "", f.explain("an earlier upload of the patch component in bucket "+bucket, err, situation{
			action: "s3:GetObject", resource: "arn:aws:s3:::" + bucket + "/*", also: "(and s3:ListBucket on the bucket itself)",
		})
	}
	return head.Metadata[tokenMetadata], nil
}

// tokenMetadata is the name of the metadata that identifies the job that uploaded an object. The properties of a patch
// cannot be used for that: the server keeps only those of a lifecycle's first patch (docs/wire-contract.md, "What a client
// must not be fooled by").
const tokenMetadata = "ami-action-token"

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// files returns the S3 client and the bucket for patch components.
func (f *Finder) files(ctx context.Context) (*s3.Client, string, error) {
	bucket, err := f.output(ctx, OutputBucket)
	if err != nil {
		return nil, "", err
	}
	clients, err := f.clients(ctx)
	if err != nil {
		return nil, "", err
	}
	return clients.files(), bucket, nil
}
