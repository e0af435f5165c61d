package deployment

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Region returns the region of the look-ups. It sends nothing. The error is of type [*Error].
func (f *Finder) Region(ctx context.Context) (string, error) {
	clients, err := f.configured(ctx)
	if err != nil {
		return "", err
	}
	return clients.config.Region, nil
}

// AWS returns the configuration of the look-ups, with credentials that were there a moment ago: who asks AWS
// for something else does so with the same credentials, endpoint and settings of retries. It sends nothing
// beyond what fetching the credentials takes. The error is of type [*Error].
func (f *Finder) AWS(ctx context.Context) (aws.Config, error) {
	clients, err := f.clients(ctx)
	if err != nil {
		return aws.Config{}, err
	}
	return clients.config, nil
}
