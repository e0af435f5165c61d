// Package deployment finds a deployed orchestrator: its base URL and its bucket in the outputs of a
// CloudFormation stack, its API keys in Secrets Manager (docs/wire-contract.md, "Finding it"). It also
// uploads patch components, which the orchestrator takes from that bucket.
package deployment

import (
	"context"
	"slices"
	"sync"

	"github.com/org/ami-action/internal/location"
)

// Options say which deployment is meant. The zero value means the default one, in the account and
// region that the AWS SDK finds by itself.
type Options struct {
	// StackName is the CloudFormation stack of the orchestrator; empty means [location.DefaultStackName].
	StackName string
	// APIEndpoint is the base URL of the orchestrator, stage included. When it is given, CloudFormation
	// is asked for the bucket only.
	APIEndpoint string
	// APIKeyPrefix stands before the name of every API key's secret; empty means [location.DefaultAPIKeyPrefix].
	APIKeyPrefix string
	// ImageTable is the look-up table of images, by its name or its ARN; empty means the one that the stack names.
	ImageTable string
	// RoleARN is a role to query the look-up table with, that of another account say; empty means the credentials
	// that the AWS SDK finds.
	RoleARN string
	// AWSEndpoint is the URL of a sandbox that answers the AWS calls. When it is given, nothing of the
	// environment's AWS configuration is used: no credentials, no region, no files.
	AWSEndpoint string
	// OnSecret is called with every API key before a caller gets it, and with the secret parts of the AWS
	// credentials, so that they can be masked and redacted from then on. It may be called from several
	// goroutines at once.
	OnSecret func(secret string)
	// Redact removes the secrets from what AWS says, before it is shortened: a secret that was cut in two is
	// none that can be found any more. nil removes nothing.
	Redact func(text string) string
}

// Finder finds one deployment. Its methods may be called from several goroutines: who asks for what is
// being looked up already waits for that look-up, which runs under the context of the first who asked.
// What was found is kept; a failure is not, so asking again looks again.
//
// All its errors are of type [*Error], joined where there are several.
type Finder struct {
	options Options
	aws     lookups[*awsClients]
	stack   lookups[map[string]string]
	keys    lookups[string]
	told    sync.Map // the credentials' secrets that OnSecret knows
}

// New checks the options and returns their finder. It reads no file and calls nobody: what AWS needs is
// read by the first look-up.
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
				Looked: "the orchestrator's API endpoint", Reason: "it " + err.Error(), Cause: err,
				Hint: "give the base URL with its stage, as https://ID.execute-api.REGION.amazonaws.com/STAGE",
			}
		}
		options.APIEndpoint = endpoint
	}
	return &Finder{options: options}, nil
}

// Endpoint returns the base URL of the orchestrator, stage included, without a slash at its end. It is
// an https URL; plain http is taken from this machine only, or from the host of a sandbox that has
// answered the AWS calls by plain http too.
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
			Looked: "output " + OutputEndpoint + " of CloudFormation stack " + f.options.StackName,
			Reason: "it " + err.Error(), Cause: err,
			Hint: "name the right stack (--stackName), or give the base URL yourself (--apiEndpoint)",
		}
	}
	return endpoint, nil
}

// Key returns the API key that the secret holds. The secret is named as in docs/wire-contract.md,
// "Finding it", without its prefix, as in ami_creation_post_api_key.
func (f *Finder) Key(ctx context.Context, secret string) (string, error) {
	return f.keys.get(secret, func() (string, error) { return f.secret(ctx, secret) })
}

// RefreshKey asks AWS for the API key once more and returns what it is now: a redeployment replaces
// every key. The key that was known before stays known when the look-up fails.
func (f *Finder) RefreshKey(ctx context.Context, secret string) (string, error) {
	return f.keys.renew(secret, func() (string, error) { return f.secret(ctx, secret) })
}

// Prefetch looks up all at once what is needed later: the base URL, the API keys of the secrets, and
// with bucket also where patch components go. Afterwards [Finder.Endpoint] and [Finder.Key] answer
// without AWS: a wait of four hours outlives credentials that live one. All failures are reported
// together; those with the same cause as one.
func (f *Finder) Prefetch(ctx context.Context, secrets []string, bucket bool) error {
	// Without credentials every look-up fails, and says the same.
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
