package deployment

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Region returns the AWS region. It sends no requests. The error is of type [*Error].
func (f *Finder) Region(ctx context.Context) (string, error) {
	clients, err := f.configured(ctx)
	if err != nil {
		return "", err
	}
	return clients.config.Region, nil
}

// AWS returns the AWS configuration with credentials that have just been retrieved. Clients of other AWS services thus
// use the same credentials, endpoint and retries. It sends no requests except those that retrieve the credentials. The
// error is of type [*Error].
func (f *Finder) AWS(ctx context.Context) (aws.Config, error) {
	clients, err := f.clients(ctx)
	if err != nil {
		return aws.Config{}, err
	}
	return clients.config, nil
}
