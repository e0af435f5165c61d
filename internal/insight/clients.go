package insight

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// maxBody is the largest response in bytes. The largest that is expected is a page of a history, which can hold twenty
// texts of 256 KB.
const maxBody = 16 << 20

var errTooLarge = errors.New("the answer is too large")

// services holds the clients of the AWS services in one region.
type services struct {
	region string
	states *sfn.Client
	images *imagebuilder.Client
	logs   *cloudwatchlogs.Client
}

// clients creates the services when they are first used, and keeps them.
type clients struct {
	load func(ctx context.Context) (aws.Config, error)

	mu    sync.Mutex
	built *services
}

// in returns the services in the region. It loads the configuration each time, because that fails if there are no valid
// credentials any more.
func (c *clients) in(ctx context.Context, region string) (*services, error) {
	config, err := c.load(ctx)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.built == nil || c.built.region != region {
		config.HTTPClient = bounded{config.HTTPClient}
		config.Region = region
		c.built = &services{region, sfn.NewFromConfig(config), imagebuilder.NewFromConfig(config), cloudwatchlogs.NewFromConfig(config)}
	}
	return c.built, nil
}

// bounded is an HTTP client that reads at most [maxBody] of a response.
type bounded struct{ client aws.HTTPClient }

func (b bounded) Do(request *http.Request) (*http.Response, error) {
	client := b.client
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(request)
	if err == nil {
		if response.ContentLength > maxBody {
			_ = response.Body.Close()
			return nil, fmt.Errorf("%w: %d bytes", errTooLarge, response.ContentLength)
		}
		response.Body = &boundedBody{body: response.Body, left: maxBody}
	}
	return response, err
}

type boundedBody struct {
	body io.ReadCloser
	left int
}

func (b *boundedBody) Read(into []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLarge
	}
	n, err := b.body.Read(into[:min(len(into), b.left)])
	b.left -= n
	return n, err
}

func (b *boundedBody) Close() error { return b.body.Close() }
