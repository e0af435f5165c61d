package deployment

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

const (
	// lookupTimeout bounds one question to AWS with all its retries.
	lookupTimeout = 30 * time.Second
	// credentialsTimeout bounds the search for credentials. On a machine that has none the SDK asks the
	// metadata service of an EC2 instance last, which elsewhere nobody answers.
	credentialsTimeout = 10 * time.Second
	dialTimeout        = 5 * time.Second
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
	clients, err := f.aws.get("", func() (*awsClients, error) {
		loaded, err := f.load(ctx)
		if err != nil {
			return nil, explainConfig(err)
		}
		if loaded.Region == "" {
			return nil, noRegion()
		}
		return &awsClients{
			config:  loaded,
			stacks:  cloudformation.NewFromConfig(loaded),
			secrets: secretsmanager.NewFromConfig(loaded),
		}, nil
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, credentialsTimeout)
	defer cancel()
	if _, err := clients.config.Credentials.Retrieve(ctx); err != nil {
		return nil, explainCredentials(err)
	}
	return clients, nil
}

// load reads the SDK's configuration: environment and shared files, no network. The HTTP client stays
// one that the SDK can adjust, which AWS_CA_BUNDLE and the short time-outs for the metadata service need.
func (f *Finder) load(ctx context.Context) (aws.Config, error) {
	client := awshttp.NewBuildableClient().WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout })
	if f.options.AWSEndpoint != "" {
		return aws.Config{
			Region:       sandboxRegion,
			BaseEndpoint: aws.String(f.options.AWSEndpoint),
			Credentials:  credentials.NewStaticCredentialsProvider("sandbox", "sandbox", ""),
			HTTPClient:   client,
		}, nil
	}
	return config.LoadDefaultConfig(ctx, config.WithHTTPClient(client))
}

// files returns the S3 client. An endpoint of its own (a sandbox, an emulator) rarely resolves names
// with the bucket in front, so the bucket goes into the path there.
func (c *awsClients) files() *s3.Client {
	return s3.NewFromConfig(c.config, func(o *s3.Options) { o.UsePathStyle = o.BaseEndpoint != nil })
}

// sandboxHost returns the host that answers for Secrets Manager by plain http, or "". Who has got the
// keys from it over that wire may as well send them back over it.
func (c *awsClients) sandboxHost() string {
	endpoint, err := url.Parse(aws.ToString(c.secrets.Options().BaseEndpoint))
	if err != nil || endpoint.Scheme != "http" {
		return ""
	}
	return endpoint.Hostname()
}

func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
