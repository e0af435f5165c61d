package deployment

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Identity is the identity that the AWS credentials belong to.
type Identity struct {
	// ARN is that of the user or of the role session, and Account is the id of its account.
	ARN, Account string
	// Partition is the partition of the ARN, such as aws or aws-cn, or "" if the ARN cannot be parsed.
	Partition string
}

// Identity asks AWS for the identity of the credentials. This needs no permission. The error is of type [*Error].
func (f *Finder) Identity(ctx context.Context) (Identity, error) {
	clients, err := f.clients(ctx)
	if err != nil {
		return Identity{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	caller, err := sts.NewFromConfig(clients.config).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Identity{}, f.explain("the identity of the AWS credentials", err, situation{action: "sts:GetCallerIdentity", resource: "*"})
	}
	identity := Identity{ARN: aws.ToString(caller.Arn), Account: aws.ToString(caller.Account)}
	if parsed, err := arn.Parse(identity.ARN); err == nil {
		identity.Partition = parsed.Partition
	}
	return identity, nil
}

// Output returns an output of the orchestrator's stack, such as [OutputBucket]. The error is of type [*Error].
func (f *Finder) Output(ctx context.Context, name string) (string, error) { return f.output(ctx, name) }

// Prove returns nil if claims can be written and their conditions are respected: see [ClaimStore.Prove].
func (f *Finder) Prove(ctx context.Context) error { return f.Claims().Prove(ctx) }
