package insight

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/imagebuilder"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

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
		config.Region = region
		c.built = &services{region, sfn.NewFromConfig(config), imagebuilder.NewFromConfig(config), cloudwatchlogs.NewFromConfig(config)}
	}
	return c.built, nil
}
