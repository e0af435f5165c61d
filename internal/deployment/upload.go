package deployment

import (
	"bytes"
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Upload puts a patch component where the orchestrator looks for it and returns its URL, of the form
// s3://BUCKET/LIFECYCLE_ID/FILE_NAME (orchestrator-api.md, "Requests").
func (f *Finder) Upload(ctx context.Context, lifecycleID, fileName string, content []byte) (string, error) {
	key := lifecycleID + "/" + fileName
	if lifecycleID == "" || fileName == "" || strings.ContainsAny(fileName, `/\"`) || strings.ContainsFunc(key, isControl) {
		return "", &Error{
			Looked: "a place for the patch component", Reason: "its name would break the patch",
			Hint: `name the file without "/", "\", quotes and control characters`,
		}
	}
	bucket, err := f.output(ctx, outputBucket)
	if err != nil {
		return "", err
	}
	clients, err := f.clients(ctx)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	_, err = clients.files().PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: aws.String(key),
		Body: bytes.NewReader(content), ContentType: aws.String("application/yaml"),
	})
	if err != nil {
		return "", explain("a place for the patch component in bucket "+bucket, err, situation{
			action: "s3:PutObject", resource: "arn:aws:s3:::" + bucket + "/*",
			missingCode: "NoSuchBucket",
			missingHint: "the stack names a bucket that is gone: deploy the orchestrator again",
		})
	}
	return "s3://" + bucket + "/" + key, nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
