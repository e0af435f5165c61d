package deployment

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/org/ami-action/internal/lifecycle"
)

// stackTagIndex is the name of the look-up table's index by stack tag.
const stackTagIndex = "stack_tag_index"

// Image is an item of the look-up table of images (docs/behind-the-document.md, "The look-up table of images"). Its
// Event and Score may be wrong. Only the status document says how far the image really is.
type Image struct {
	LifecycleID, StackTag, ProductName, ProductVer, CommitRef string
	// AMIID, SemanticVersion and Region are those of the image.
	AMIID, SemanticVersion, Region string
	// Phase is Creation for the image of a build and Patching for that of a patch, or "" if it is unknown.
	Phase lifecycle.Phase
	// Event is the event whose result came last, completed or not, and Score is its score in the table.
	Event lifecycle.Event
	Score int
	// Modified is the time of that result, or the zero time if it cannot be read.
	Modified time.Time
}

// Images returns all images with the stack tag in the look-up table, in no particular order. The error is of type
// [*Error].
func (f *Finder) Images(ctx context.Context, stackTag string) ([]Image, error) {
	table := f.options.ImageTable
	if table == "" {
		found, err := f.output(ctx, OutputImageTable)
		if err != nil {
			return nil, f.withoutTable(err)
		}
		table = found
	}
	clients, err := f.clients(ctx)
	if err != nil {
		return nil, err
	}
	config := clients.config
	if named, err := arn.Parse(table); err == nil {
		config.Region = named.Region
	}
	if f.options.RoleARN != "" {
		provider := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(clients.config), f.options.RoleARN,
			func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = "ami-action" })
		if config, err = f.assume(ctx, config, provider); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	pages := dynamodb.NewQueryPaginator(dynamodb.NewFromConfig(config), &dynamodb.QueryInput{
		TableName: &table, IndexName: aws.String(stackTagIndex), KeyConditionExpression: aws.String("stack_tag = :tag"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":tag": &types.AttributeValueMemberS{Value: stackTag}},
	})
	var images []Image
	size := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, f.explain("look-up table of images "+table+" in "+config.Region, err, situation{
				action: "dynamodb:Query", resource: "arn:aws:dynamodb:" + config.Region + ":ACCOUNT:table/" + tableName(table) + "/index/" + stackTagIndex,
				missingCode: "ResourceNotFoundException",
				missingHint: "check that this is the orchestrator's account and region, or name its table (--imageTable)",
			})
		}
		for _, item := range page.Items {
			image := imageOf(item)
			if size += image.size(); size > maxImages {
				return nil, &Error{
					Subject: "look-up table of images " + table + " in " + config.Region,
					Reason:  fmt.Sprintf("its images of stack tag %q have more than %d MB", stackTag, maxImages>>20),
					Hint:    "check that this is the orchestrator's table; its index must list each image once",
				}
			}
			images = append(images, image)
		}
	}
	return images, nil
}

// maxImages limits the images of a stack tag in memory, in bytes: about 60,000 images as the orchestrator lists them. A
// server that always returns another page must not fill the memory.
const maxImages = 32 << 20

// size returns about how many bytes the image takes.
func (i Image) size() int {
	const fixed = 256
	return fixed + len(i.LifecycleID) + len(i.StackTag) + len(i.ProductName) + len(i.ProductVer) + len(i.CommitRef) +
		len(i.AMIID) + len(i.SemanticVersion) + len(i.Region) + len(i.Event)
}

// assume returns the configuration with the credentials of the role, which it retrieves first.
func (f *Finder) assume(ctx context.Context, config aws.Config, provider aws.CredentialsProvider) (aws.Config, error) {
	config.Credentials = aws.NewCredentialsCache(provider)
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	found, err := config.Credentials.Retrieve(ctx)
	if err != nil {
		explained := f.explain("role "+f.options.RoleARN, err, situation{action: "sts:AssumeRole", resource: f.options.RoleARN})
		if strings.Contains(explained.Hint, "sts:AssumeRole") {
			explained.Hint = strings.TrimSuffix(explained.Hint, hintDoctor) + ", and let the role's trust policy name them"
		}
		return config, explained
	}
	f.tell(found.SecretAccessKey, found.SessionToken)
	return config, nil
}

// withoutTable adds to the error of the look-up of the table's name that the user can set the name: the stack of another
// account cannot be described.
func (f *Finder) withoutTable(err error) error {
	explained, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	copied := *explained
	copied.Hint = strings.TrimPrefix(copied.Hint+"; or name the table (--imageTable)", "; ")
	return &copied
}

func tableName(table string) string {
	if _, name, isARN := strings.Cut(table, ":table/"); isARN {
		return name
	}
	return table
}

// phases maps the values of lifecycle_type in the table to phases.
var phases = map[string]lifecycle.Phase{"ami-creation": lifecycle.Creation, "ami-patch": lifecycle.Patching}

func imageOf(item map[string]types.AttributeValue) Image {
	text := func(name string) string {
		switch value := item[name].(type) {
		case *types.AttributeValueMemberS:
			return value.Value
		case *types.AttributeValueMemberN:
			return value.Value
		}
		return ""
	}
	image := Image{
		LifecycleID: text("lifecycle_id"), StackTag: text("stack_tag"), ProductName: text("product_name"),
		ProductVer: text("product_ver"), CommitRef: text("commit_ref"), AMIID: text("ami_id"),
		SemanticVersion: text("ami_semver"), Region: text("aws_region"), Phase: phases[text("lifecycle_type")],
		Event: lifecycle.Event(text("lifecycle_event")),
	}
	image.Score, _ = strconv.Atoi(text("lifecycle_score"))
	image.Modified, _ = time.ParseInLocation(lifecycle.DateLayout, text("last_modified"), time.UTC)
	return image
}
