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

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/location"
	"github.com/org/ami-action/internal/unseen"
)

const (
	// lookupTimeout bounds one question to AWS with all its retries: a throttled one is asked again for about a
	// minute.
	lookupTimeout = 75 * time.Second
	// credentialsTimeout bounds the search for credentials. On a machine that has none the SDK asks the
	// metadata service of an EC2 instance last, which elsewhere nobody answers.
	credentialsTimeout = 10 * time.Second
	dialTimeout        = 5 * time.Second
	// maxRegion is how long a region's name may be, in bytes: it becomes a label of a host's name.
	maxRegion = 63
	// sandboxRegion and the sandbox's credentials sign requests that nobody checks.
	sandboxRegion = "us-east-1"
)

// awsClients are the AWS services, with a region and with credentials that were there a moment ago.
type awsClients struct {
	config  aws.Config
	stacks  *cloudformation.Client
	secrets *secretsmanager.Client
}

// clients returns the AWS services. Credentials are fetched on every call, which costs nothing while
// those of the last call are valid: so a lack of credentials is told from a refusal of the service.
func (f *Finder) clients(ctx context.Context) (*awsClients, error) {
	clients, err := f.configured(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, credentialsTimeout)
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

// configured returns the AWS services before anybody has asked for credentials.
func (f *Finder) configured(ctx context.Context) (*awsClients, error) {
	return f.aws.get("", func() (*awsClients, error) {
		loaded, err := f.load(ctx)
		if err != nil {
			return nil, f.explainConfig(err)
		}
		if loaded.Region = unseen.Trim(loaded.Region); loaded.Region == "" {
			return nil, noRegion()
		}
		if !lifecycle.IsRegion(loaded.Region) || len(loaded.Region) > maxRegion {
			return nil, invalidRegion(loaded.Region)
		}
		return &awsClients{
			config:  loaded,
			stacks:  cloudformation.NewFromConfig(loaded),
			secrets: secretsmanager.NewFromConfig(loaded),
		}, nil
	})
}

// tell makes credentials known that may be nowhere in the environment: those of a role, say.
func (f *Finder) tell(secrets ...string) {
	for _, secret := range secrets {
		if _, told := f.told.LoadOrStore(secret, true); !told && secret != "" {
			f.options.OnSecret(secret)
		}
	}
}

// load reads the SDK's configuration: environment and shared files, no network. The HTTP client stays
// one that the SDK can adjust, which AWS_CA_BUNDLE and the short time-outs for the metadata service need.
// The SDK would log to stderr, which is ours.
func (f *Finder) load(ctx context.Context) (aws.Config, error) {
	client := awshttp.NewBuildableClient().WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout })
	if f.options.AWSEndpoint != "" {
		return aws.Config{
			Region:       sandboxRegion,
			BaseEndpoint: aws.String(f.options.AWSEndpoint),
			Credentials:  credentials.NewStaticCredentialsProvider("sandbox", "sandbox", ""),
			HTTPClient:   client,
			Retryer:      retryer,
			APIOptions:   []func(*middleware.Stack) error{boundAnswers},
			Logger:       logging.Nop{},
		}, nil
	}
	loaded, err := config.LoadDefaultConfig(ctx,
		config.WithHTTPClient(client), config.WithRetryer(retryer), config.WithLogger(logging.Nop{}),
		config.WithAPIOptions([]func(*middleware.Stack) error{boundAnswers}))
	if err != nil {
		return loaded, err
	}
	loaded.Region = unseen.Trim(loaded.Region)
	loaded.Credentials = trimmed(loaded.Credentials)
	return withIDToken(loaded), nil
}

// trimmed takes what nobody sees from the ends of credentials, which none has: those that were pasted into a variable
// often end in a line break, and the SDK would put it into a header.
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

// files returns the S3 client. An endpoint of its own (a sandbox, an emulator) rarely resolves names
// with the bucket in front, so the bucket goes into the path there.
func (c *awsClients) files() *s3.Client {
	return s3.NewFromConfig(c.config, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
}

// mayBePlain reports whether an endpoint that the stack names may be plain http: on this machine, and on the host
// that answers for Secrets Manager by plain http, which has sent the keys over that connection already.
func (c *awsClients) mayBePlain(host string) bool {
	if location.IsLoopback(host) {
		return true
	}
	endpoint, err := url.Parse(aws.ToString(c.secrets.Options().BaseEndpoint))
	return err == nil && endpoint.Scheme == "http" && endpoint.Hostname() == host
}
