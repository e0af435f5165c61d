package sandbox_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sandbox"
)

func TestTheSDKWritesOnACondition(t *testing.T) {
	t.Parallel()
	box := start(t, sandbox.Options{Manual: true})
	client := s3.NewFromConfig(box.awsConfig())
	put := func(key, content string, ifMatch, ifNoneMatch *string) (etag, code string) {
		output, err := client.PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: aws.String(sandbox.Bucket), Key: &key, Body: strings.NewReader(content), IfMatch: ifMatch, IfNoneMatch: ifNoneMatch,
		})
		if err != nil {
			return "", errorCode(err)
		}
		return *output.ETag, ""
	}
	star := aws.String("*")

	first, code := put("claim", "1", nil, star)
	require.Empty(t, code)
	_, code = put("claim", "2", nil, star)
	assert.Equal(t, "PreconditionFailed", code)
	second, code := put("claim", "3", &first, nil)
	require.Empty(t, code)
	assert.NotEqual(t, first, second)
	_, code = put("claim", "4", &first, nil)
	assert.Equal(t, "PreconditionFailed", code)
	third, code := put("claim", "5", aws.String(strings.Trim(second, `"`)), nil)
	require.Empty(t, code, "an ETag may come without its quotes")
	_, code = put("none", "6", &third, nil)
	assert.Equal(t, "NoSuchKey", code)
	for _, condition := range [][2]*string{{star, nil}, {nil, &third}, {&third, star}} {
		_, code = put("claim", "7", condition[0], condition[1])
		assert.Equal(t, "NotImplemented", code)
	}
	head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(sandbox.Bucket), Key: aws.String("claim")})
	require.NoError(t, err)
	assert.Equal(t, third, *head.ETag, "what was refused has written nothing")
}

func TestOfManyConditionalWritesOneWins(t *testing.T) {
	t.Parallel()
	box := start(t, sandbox.Options{Manual: true})
	client := s3.NewFromConfig(box.awsConfig())
	codes := make([]string, 10)
	var group sync.WaitGroup
	for i := range codes {
		group.Go(func() {
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: aws.String(sandbox.Bucket), Key: aws.String("raced"), Body: strings.NewReader(fmt.Sprint(i)), IfNoneMatch: aws.String("*"),
			})
			codes[i] = errorCode(err)
		})
	}
	group.Wait()
	won := 0
	for _, code := range codes {
		if code == "" {
			won++
			continue
		}
		assert.Contains(t, []string{"PreconditionFailed", "ConditionalRequestConflict"}, code)
	}
	assert.Equal(t, 1, won)
}
