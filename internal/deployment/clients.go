package deployment

import (
	"context"
	"errors"
	"net"
	"net/url"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"

	"github.com/org/ami-action/internal/awslimit"
	"github.com/org/ami-action/internal/connection"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/location"
	"github.com/org/ami-action/internal/unseen"
)

const (
	// lookupTimeout limits one call to AWS, including its retries. A throttled call is retried for about a minute.
	lookupTimeout = 75 * time.Second
	// dialTimeout also ends the search for credentials outside of EC2, where the metadata service, which the SDK asks
	// last, does not respond.
	dialTimeout = 5 * time.Second
	// maxRegion is the largest length of a region name in bytes, because the name becomes a label of a host name.
	maxRegion = 63
	// sandboxRegion is used for the signatures of requests to a sandbox, which does not check them.
	sandboxRegion = "us-east-1"
)

// awsClients holds the clients of the AWS services, and the configuration for others.
type awsClients struct {
	config  aws.Config
	stacks  *cloudformation.Client
	secrets *secretsmanager.Client
}

// clients returns the AWS clients after it has retrieved credentials. It does so on every call, so that missing
// credentials and a refusal of the service are different errors. Credentials that are still valid cost nothing.
func (f *Finder) clients(ctx context.Context) (*awsClients, error) {
	clients, err := f.configured(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	found, err := clients.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, f.explainCredentials(err)
	}
	if f.options.AWSEndpoint == "" {
		f.tell(found.SecretAccessKey, found.SessionToken)
	}
	return clients, nil
}

// configured returns the AWS clients without retrieving credentials.
func (f *Finder) configured(ctx context.Context) (*awsClients, error) {
	return f.aws.get("", func() (*awsClients, error) {
		loaded, err := f.loadWithin(ctx)
		if err != nil {
			return nil, f.explainConfig(err)
		}
		if loaded.Region = unseen.Trim(loaded.Region); loaded.Region == "" {
			return nil, noRegion()
		}
		if !lifecycle.IsRegion(loaded.Region) || len(loaded.Region) > maxRegion {
			return nil, invalidRegion(loaded.Region)
		}
		if zone().MatchString(loaded.Region) {
			return nil, zoneAsRegion(loaded.Region)
		}
		return &awsClients{
			config:  loaded,
			stacks:  cloudformation.NewFromConfig(loaded),
			secrets: secretsmanager.NewFromConfig(loaded),
		}, nil
	})
}

// tell passes secrets to OnSecret, each once. Credentials, for example those of a role, may not be in the environment, so
// they are not known otherwise.
func (f *Finder) tell(secrets ...string) {
	for _, secret := range secrets {
		if _, told := f.told.LoadOrStore(secret, true); !told && secret != "" {
			f.options.OnSecret(secret)
		}
	}
}

// load reads the configuration of the SDK from the environment and the shared files, without the network. The HTTP client
// is of a type that the SDK can adjust, for AWS_CA_BUNDLE and for the short timeouts of the metadata service. The SDK's
// own log is disabled, because it is written to stderr without redaction.
func (f *Finder) load(ctx context.Context) (aws.Config, error) {
	client := awshttp.NewBuildableClient().WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).WithTransportOptions(connection.NameRefusals)
	if f.options.AWSEndpoint != "" {
		return aws.Config{
			Region:       sandboxRegion,
			BaseEndpoint: aws.String(f.options.AWSEndpoint),
			Credentials:  credentials.NewStaticCredentialsProvider("sandbox", "sandbox", ""),
			HTTPClient:   client,
			Retryer:      retryer,
			APIOptions:   []func(*middleware.Stack) error{awslimit.Responses},
			Logger:       logging.Nop{},
		}, nil
	}
	loaded, err := config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(client), config.WithRetryer(retryer), config.WithLogger(logging.Nop{}),
		config.WithAPIOptions([]func(*middleware.Stack) error{awslimit.Responses}))
	if err != nil {
		return loaded, err
	}
	loaded.Region = unseen.Trim(loaded.Region)
	loaded.Credentials = trimmed(loaded.Credentials)
	return withIDToken(loaded), nil
}

// trimmed removes white space and invisible characters from both ends of credentials. Credentials that were pasted into a
// variable often end in a line break, and the SDK puts that into a header.
func trimmed(provider aws.CredentialsProvider) aws.CredentialsProvider {
	if provider == nil {
		return nil
	}
	return aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		found, err := provider.Retrieve(ctx)
		found.AccessKeyID = unseen.Trim(found.AccessKeyID)
		found.SecretAccessKey = unseen.Trim(found.SecretAccessKey)
		found.SessionToken = unseen.Trim(found.SessionToken)
		return found, err
	}))
}

func isNoMetadataService(err error) aws.Ternary {
	failed, ok := errors.AsType[*net.OpError](err)
	if !ok || failed.Op != "dial" {
		return aws.UnknownTernary
	}
	if to, ok := failed.Addr.(*net.TCPAddr); ok && slices.ContainsFunc(metadataServices, to.IP.Equal) {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// metadataServices are the addresses of the EC2 instance metadata service.
var metadataServices = []net.IP{net.IPv4(169, 254, 169, 254), net.ParseIP("fd00:ec2::254")}

// files returns the S3 client. With a custom endpoint (a sandbox or an emulator) the bucket is in the path, because host
// names that begin with the bucket rarely resolve there.
func (c *awsClients) files() *s3.Client {
	return s3.NewFromConfig(c.config, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
}

// mayBePlain reports whether an endpoint on host, from the outputs of the stack, may use plain HTTP. That is allowed on
// this machine, and on the host that serves Secrets Manager over plain HTTP, because it sends the keys that way anyway.
func (c *awsClients) mayBePlain(host string) bool {
	if location.IsLoopback(host) {
		return true
	}
	endpoint, err := url.Parse(aws.ToString(c.secrets.Options().BaseEndpoint))
	return err == nil && endpoint.Scheme == "http" && endpoint.Hostname() == host
}
