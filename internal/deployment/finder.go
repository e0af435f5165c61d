// Package deployment finds a deployed orchestrator: its base URL and its bucket in the outputs of a CloudFormation stack,
// and its API keys in Secrets Manager (docs/wire-contract.md, "Finding it"). It also uploads patch components and stores
// claims in that bucket, and queries the look-up table of images.
package deployment

import (
	"context"
	"slices"
	"sync"

	"github.com/org/ami-action/internal/location"
)

// Options identify a deployment. The zero value means the default one, in the account and region of the AWS
// configuration.
type Options struct {
	// StackName is the CloudFormation stack of the orchestrator; empty means [location.DefaultStackName].
	StackName string
	// APIEndpoint is the base URL of the orchestrator, including the stage. If it is set, the stack is not asked for the
	// URL, only for its other outputs.
	APIEndpoint string
	// APIKeyPrefix is the prefix of the secrets of all API keys; empty means [location.DefaultAPIKeyPrefix].
	APIKeyPrefix string
	// ImageTable is the name or the ARN of the look-up table of images; empty means the table in the stack's outputs.
	ImageTable string
	// RoleARN is a role for the queries of the look-up table, for example a role of another account; empty means the
	// credentials of the AWS configuration.
	RoleARN string
	// AWSEndpoint is the URL of a sandbox that serves the AWS calls. If it is set, the AWS configuration of the
	// environment is not used: no credentials, no region, no files.
	AWSEndpoint string
	// OnSecret is called with every API key before it is returned, and with the secret parts of the AWS credentials, so
	// that they can be masked and redacted from then on. It may be called from several goroutines at once.
	OnSecret func(secret string)
	// Redact removes the secrets from a text of AWS. It is called before the text is shortened, because a secret that is
	// cut in half is not recognised. nil means that nothing is removed.
	Redact func(text string) string
}

// Finder finds one deployment. It is safe for concurrent use. Concurrent calls for the same item share one look-up, which
// runs with the context of the first caller. Results are kept, but failures are not: the next call looks again.
//
// All its errors are of type [*Error], or joined from several of them.
type Finder struct {
	options Options
	aws     lookups[*awsClients]
	stack   lookups[map[string]string]
	keys    lookups[string]
	told    sync.Map // the secrets of credentials that OnSecret has been called with
}

// New checks the options and returns a Finder. It reads no files and sends no requests. The first look-up reads the AWS
// configuration.
func New(options Options) (*Finder, error) {
	if options.StackName == "" {
		options.StackName = location.DefaultStackName
	}
	if options.APIKeyPrefix == "" {
		options.APIKeyPrefix = location.DefaultAPIKeyPrefix
	}
	if options.OnSecret == nil {
		options.OnSecret = func(string) {}
	}
	if options.Redact == nil {
		options.Redact = func(text string) string { return text }
	}
	if options.APIEndpoint != "" {
		endpoint, err := location.ParseEndpoint(options.APIEndpoint, location.IsNearby)
		if err != nil {
			return nil, &Error{
				Subject: "the orchestrator's API endpoint", Reason: "it " + err.Error(), Cause: err,
				Hint: "give the base URL with its stage, as https://ID.execute-api.REGION.amazonaws.com/STAGE",
			}
		}
		options.APIEndpoint = endpoint
	}
	return &Finder{options: options}, nil
}

// Endpoint returns the base URL of the orchestrator, including the stage, without a trailing slash. A URL from the stack
// must use HTTPS, except on this machine and on the host of a sandbox that serves the AWS calls over plain HTTP too. For
// Options.APIEndpoint the rule is [location.IsNearby].
func (f *Finder) Endpoint(ctx context.Context) (string, error) {
	if f.options.APIEndpoint != "" {
		return f.options.APIEndpoint, nil
	}
	found, err := f.output(ctx, OutputEndpoint)
	if err != nil {
		return "", err
	}
	clients, err := f.clients(ctx)
	if err != nil {
		return "", err
	}
	endpoint, err := location.ParseEndpoint(found, clients.mayBePlain)
	if err != nil {
		return "", &Error{
			Subject: "output " + OutputEndpoint + " of CloudFormation stack " + f.options.StackName,
			Reason:  "it " + err.Error(), Cause: err,
			Hint: "name the right stack (--stackName), or give the base URL yourself (--apiEndpoint)",
		}
	}
	return endpoint, nil
}

// Key returns the API key in a secret. The name of the secret is as in docs/wire-contract.md, "Finding it", without the
// prefix, such as ami_creation_post_api_key.
func (f *Finder) Key(ctx context.Context, secret string) (string, error) {
	return f.keys.get(secret, func() (string, error) { return f.secret(ctx, secret) })
}

// RefreshKey fetches the API key again and returns it, because a redeployment replaces every key. If the look-up fails,
// [Finder.Key] still returns the old key.
func (f *Finder) RefreshKey(ctx context.Context, secret string) (string, error) {
	return f.keys.renew(secret, func() (string, error) { return f.secret(ctx, secret) })
}

// Prefetch looks up concurrently what is needed later: the base URL, the API keys in secrets, and if bucket is set also
// the bucket for patch components. Afterwards [Finder.Endpoint] and [Finder.Key] do not need AWS any more, because a wait
// of four hours outlasts credentials that are valid for one. All failures are reported together, and those with the same
// cause are merged.
func (f *Finder) Prefetch(ctx context.Context, secrets []string, bucket bool) error {
	// Without credentials every look-up fails with the same error.
	if _, err := f.clients(ctx); err != nil {
		return err
	}
	secrets = slices.Compact(slices.Sorted(slices.Values(secrets)))
	failures := make([]error, len(secrets)+2)
	var group sync.WaitGroup
	group.Go(func() { _, failures[0] = f.Endpoint(ctx) })
	if bucket {
		group.Go(func() { _, failures[1] = f.output(ctx, OutputBucket) })
	}
	for i, secret := range secrets {
		group.Go(func() { _, failures[i+2] = f.Key(ctx, secret) })
	}
	group.Wait()
	return joined(failures)
}
