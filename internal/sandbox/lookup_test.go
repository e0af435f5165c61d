package sandbox_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

type values = map[string]types.AttributeValue

func textValue(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func numberValue(n int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(n)}
}

// byTag returns a query for the images of a stack tag.
func byTag(tag string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: aws.String(sandbox.ImageTable), IndexName: aws.String("stack_tag_index"),
		KeyConditionExpression:    aws.String("stack_tag = :tag"),
		ExpressionAttributeValues: values{":tag": textValue(tag)},
	}
}

// shownOf returns the event and the score of an item in the form EVENT SCORE.
func shownOf(item map[string]types.AttributeValue) string {
	return item["lifecycle_event"].(*types.AttributeValueMemberS).Value + " " +
		item["lifecycle_score"].(*types.AttributeValueMemberN).Value
}

func attribute(item map[string]types.AttributeValue, name string) string {
	return item[name].(*types.AttributeValueMemberS).Value
}

func (b *box) image(client *dynamodb.Client, tag string) map[string]types.AttributeValue {
	b.t.Helper()
	found, err := client.Query(b.t.Context(), byTag(tag))
	require.NoError(b.t, err)
	require.Len(b.t, found.Items, 1)
	return found.Items[0]
}

// The test follows docs/behind-the-document.md, "The look-up table of images".
func TestTheTableOfImagesFollowsTheResultsAndLiesAboutRefusals(t *testing.T) {
	box := manual(t)
	box.mustControl("queue", map[string]any{"auto": false})
	client := dynamodb.NewFromConfig(box.awsConfig())
	shown := func() string { return shownOf(box.image(client, "main")) }

	id := box.create(with{"events": everything()["events"]})
	none, err := client.Query(t.Context(), byTag("main"))
	require.NoError(t, err)
	assert.Empty(t, none.Items, "a build that has not ended has no image")

	box.end(id, lifecycle.Completed)
	item := box.image(client, "main")
	ami := box.document(id).ResultOf(lifecycle.BuildAMI).AMIs[0]
	assert.Equal(t, "BUILD_AMI 1", shownOf(item))
	for name, want := range map[string]string{
		"lifecycle_id": id, "stack_tag": "main", "product_name": "Demo", "product_ver": "1.0.0", "commit_ref": "0123abc",
		"ami_id": ami.ID, "ami_semver": "1.0.0", "aws_region": "us-east-1", "lifecycle_type": "ami-creation",
	} {
		assert.Equal(t, want, attribute(item, name), name)
	}
	assert.Regexp(t, `^\d\d/\d\d/\d{4}, \d\d:\d\d:\d\d$`, attribute(item, "last_modified"))
	assert.Len(t, item, 13)

	box.end(id, lifecycle.Failed)
	assert.Equal(t, "SMOKE_TESTS_AMI_CREATE 2", shown(), "the score rises with a FAILED result too")
	for range 3 {
		box.end(id, lifecycle.Completed)
	}
	assert.Equal(t, "QA_CERTIFICATION_REQUEST 4", shown())
	require200(t, box.certify(id, "FAILED", nil))
	box.mustControl("queue/deliver", nil)
	assert.Equal(t, "QA_CERTIFICATION_RESPONSE 5", shown(), "QA refused it")
	require200(t, box.certify(id, "CERTIFIED", nil))
	box.mustControl("queue/deliver", nil)
	require200(t, box.approve(id, "FAILED", nil))
	assert.Equal(t, "QA_CERTIFICATION_RESPONSE 5", shown())
	box.mustControl("queue/deliver", nil)
	assert.Equal(t, "MARK_FOR_PRODUCTION_CREATE 6", shown(), "the approval was refused")

	require200(t, box.approve(id, "APPROVED", nil))
	box.end(id, lifecycle.Completed)
	require200(t, box.patch(id, nil, with{"commit_ref": "of the patch"}))
	box.end(id, lifecycle.Completed)
	all, err := client.Query(t.Context(), byTag("main"))
	require.NoError(t, err)
	require.Len(t, all.Items, 2, "the patch is an image of its own, and the old one stays")
	byVersion := map[string]map[string]types.AttributeValue{}
	for _, item := range all.Items {
		byVersion[attribute(item, "ami_semver")] = item
	}
	assert.Equal(t, "MARK_FOR_PRODUCTION_CREATE 6", shownOf(byVersion["1.0.0"]))
	assert.Equal(t, "PATCH_AMI 1", shownOf(byVersion["1.1.0"]))
	assert.Equal(t, "ami-patch", attribute(byVersion["1.1.0"], "lifecycle_type"))
	assert.Equal(t, "of the patch", attribute(byVersion["1.1.0"], "commit_ref"))

	one, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(sandbox.ImageTable), Key: values{"lookup_id": byVersion["1.1.0"]["lookup_id"]},
	})
	require.NoError(t, err)
	assert.Equal(t, byVersion["1.1.0"], one.Item)
	missing, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(sandbox.ImageTable), Key: values{"lookup_id": textValue("none")},
	})
	require.NoError(t, err)
	assert.Nil(t, missing.Item)
}

// The score falls when a second execution of an earlier event ends last.
func TestTheScoreOfAnImageCanFall(t *testing.T) {
	box := manual(t)
	client := dynamodb.NewFromConfig(box.awsConfig())
	id := box.create(nil)
	box.end(id, lifecycle.Completed)
	require200(t, box.update(id, []lifecycle.Event{lifecycle.SmokeTestsCreate}, nil))
	require200(t, box.update(id, []lifecycle.Event{lifecycle.SmokeTestsCreate, lifecycle.VulnerabilityScansCreate}, nil))
	box.endNamed(id, lifecycle.SmokeTestsCreate, lifecycle.Completed)
	box.endNamed(id, lifecycle.VulnerabilityScansCreate, lifecycle.Completed)
	assert.Equal(t, string(lifecycle.VulnerabilityScansCreate)+" 3", shownOf(box.image(client, "main")))
	box.endNamed(id, lifecycle.SmokeTestsCreate, lifecycle.Completed)
	assert.Equal(t, "SMOKE_TESTS_AMI_CREATE 2", shownOf(box.image(client, "main")))
}

func TestAQueryComesInPages(t *testing.T) {
	box := manual(t)
	client := dynamodb.NewFromConfig(box.awsConfig())
	for i, tag := range []string{"main", "main", "other", "main", "main", "main2"} {
		box.end(box.create(with{"stack_tag": tag, "product_ver": fmt.Sprint(i)}), lifecycle.Completed)
	}
	input := byTag("main")
	input.Limit = aws.Int32(3)
	input.FilterExpression = aws.String("product_ver <> :first")
	input.ExpressionAttributeValues[":first"] = textValue("0")
	pages := dynamodb.NewQueryPaginator(client, input)
	var sizes, scanned []int32
	var versions []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		sizes, scanned = append(sizes, page.Count), append(scanned, page.ScannedCount)
		for _, item := range page.Items {
			versions = append(versions, attribute(item, "product_ver"))
		}
	}
	assert.Equal(t, []int32{3, 1}, scanned, "the limit counts what is read")
	assert.Equal(t, int32(3), sizes[0]+sizes[1], "the filter comes after it")
	assert.ElementsMatch(t, []string{"1", "3", "4"}, versions)

	counted := byTag("main")
	counted.Select = types.SelectCount
	count, err := client.Query(t.Context(), counted)
	require.NoError(t, err)
	assert.Equal(t, int32(4), count.Count)
	assert.Nil(t, count.Items)
	assert.Nil(t, count.LastEvaluatedKey)
}

func TestAPageOfAQueryEndsAtOneMegabyte(t *testing.T) {
	box := manual(t)
	// On a busy machine the SDK can close the connection while it reads a large response, and then tries again
	// (https://github.com/aws/aws-sdk-go-v2/issues/2737).
	client := dynamodb.NewFromConfig(box.awsConfig(), func(o *dynamodb.Options) { o.RetryMaxAttempts = 5 })
	for range 30 {
		box.end(box.create(with{"product_name": strings.Repeat("x", 40<<10)}), lifecycle.Completed)
	}
	first, err := client.Query(t.Context(), byTag("main"))
	require.NoError(t, err)
	require.NotEmpty(t, first.LastEvaluatedKey)
	second := byTag("main")
	second.ExclusiveStartKey = first.LastEvaluatedKey
	rest, err := client.Query(t.Context(), second)
	require.NoError(t, err)
	assert.Empty(t, rest.LastEvaluatedKey)
	assert.Equal(t, int32(30), first.Count+rest.Count)
}

func TestAStackTagWithANULIsNotTheOneBeforeIt(t *testing.T) {
	box := manual(t)
	client := dynamodb.NewFromConfig(box.awsConfig())
	box.end(box.create(with{"stack_tag": "main\x00b", "product_name": "other"}), lifecycle.Completed)
	box.end(box.create(with{"product_name": "main"}), lifecycle.Completed)
	assert.Equal(t, "main", attribute(box.image(client, "main"), "product_name"))
	assert.Equal(t, "other", attribute(box.image(client, "main\x00b"), "product_name"))
}

func TestFiltersMeanWhatDynamoDBSays(t *testing.T) {
	box := manual(t)
	client := dynamodb.NewFromConfig(box.awsConfig())
	id := box.create(with{"product_ver": "2.1", "product_name": "Golden image"})
	box.end(id, lifecycle.Completed)
	names := map[string]string{"#score": "lifecycle_score", "#name": "product_name", "#ver": "product_ver", "#none": "nothing"}
	given := values{
		":1": numberValue(1), ":2": numberValue(2), ":01": &types.AttributeValueMemberN{Value: "1.00"}, ":text": textValue("1"),
		":golden": textValue("Golden"), ":21": textValue("2.1"), ":s": textValue("S"), ":12": numberValue(12),
	}
	for filter, matches := range map[string]bool{
		"#score = :1": true, "#score = :01": true, "lifecycle_score=:2": false, "#score >= :1": true, "#score > :1": false,
		"#score < :2": true, "#score <= :1": true, "#score <> :2": true, "#score <> :1": false,
		"#score = :text": false, "#score <> :text": true, "#none = :1": false, "#none <> :1": true,
		"#score BETWEEN :1 AND :2": true, "#ver in (:golden, :21)": true, "#ver IN (:golden)": false,
		"begins_with(#name, :golden)": true, "begins_with(#ver, :golden)": false, "contains (#name, :golden)": true,
		"attribute_exists(#ver)": true, "attribute_not_exists(#none)": true, "attribute_exists(#none)": false,
		"attribute_type(#name, :s)": true, "size(#name) = :12": true, "size(#name) > :12": false,
		"#score = :2 OR #ver = :21 AND #score = :1": true, "(#score = :2 OR #ver = :21) AND #score = :2": false,
		"NOT #score = :2": true, "NOT (#score = :1 OR #score = :2)": false, "not not #score = :1 and #ver = :21": true,
		":1 = #score": true, "(#score BETWEEN :1 AND :2) AND ((#ver = :21))": true,
	} {
		input := byTag("main")
		input.FilterExpression = aws.String(filter)
		for name, attribute := range names {
			if strings.Contains(filter, name) {
				if input.ExpressionAttributeNames == nil {
					input.ExpressionAttributeNames = map[string]string{}
				}
				input.ExpressionAttributeNames[name] = attribute
			}
		}
		for name, value := range given {
			for token := range strings.FieldsFuncSeq(filter, func(r rune) bool { return strings.ContainsRune(" (),=<>", r) }) {
				if token == name {
					input.ExpressionAttributeValues[name] = value
				}
			}
		}
		found, err := client.Query(t.Context(), input)
		if assert.NoError(t, err, filter) {
			assert.Equal(t, matches, found.Count == 1, filter)
		}
	}
	projected := byTag("main")
	projected.ProjectionExpression = aws.String("ami_id, #score, #none")
	projected.ExpressionAttributeNames = map[string]string{"#score": "lifecycle_score", "#none": "nothing"}
	found, err := client.Query(t.Context(), projected)
	require.NoError(t, err)
	require.Len(t, found.Items, 1)
	assert.Len(t, found.Items[0], 2)
}

func TestAQueryThatMakesNoSenseIsRefusedAsDynamoDBDoes(t *testing.T) {
	box := manual(t)
	client := dynamodb.NewFromConfig(box.awsConfig())
	start := values{"lookup_id": textValue("x"), "stack_tag": textValue("other")}
	tests := map[string]struct {
		change func(*dynamodb.QueryInput)
		code   string
		text   string
	}{
		"another table": {func(q *dynamodb.QueryInput) { q.TableName = aws.String("other") }, "ResourceNotFoundException", "not found"},
		"another index": {func(q *dynamodb.QueryInput) { q.IndexName = aws.String("other") }, "ValidationException", "does not have the specified index: other"},
		"the table by a key that it does not have": {func(q *dynamodb.QueryInput) { q.IndexName = nil }, "ValidationException",
			"missed key schema element: lookup_id"},
		"no condition": {func(q *dynamodb.QueryInput) { q.KeyConditionExpression = nil }, "ValidationException", "can not be empty"},
		"a condition on another attribute": {func(q *dynamodb.QueryInput) { q.KeyConditionExpression = aws.String("ami_id = :tag") },
			"ValidationException", "missed key schema element: stack_tag"},
		"a range of keys":    {func(q *dynamodb.QueryInput) { q.KeyConditionExpression = aws.String("stack_tag > :tag") }, "ValidationException", "missed"},
		"an empty key":       {func(q *dynamodb.QueryInput) { q.ExpressionAttributeValues[":tag"] = textValue("") }, "ValidationException", "empty string"},
		"a number as key":    {func(q *dynamodb.QueryInput) { q.ExpressionAttributeValues[":tag"] = numberValue(1) }, "ValidationException", "does not match schema type"},
		"an undefined value": {func(q *dynamodb.QueryInput) { q.FilterExpression = aws.String("ami_id = :x") }, "ValidationException", "attribute value: :x"},
		"an undefined name":  {func(q *dynamodb.QueryInput) { q.FilterExpression = aws.String("#x = :tag") }, "ValidationException", "attribute name: #x"},
		"an unused value":    {func(q *dynamodb.QueryInput) { q.ExpressionAttributeValues[":x"] = numberValue(1) }, "ValidationException", "unused in expressions: keys: {:x}"},
		"an unused name": {func(q *dynamodb.QueryInput) { q.ExpressionAttributeNames = map[string]string{"#x": "y"} }, "ValidationException",
			"unused in expressions: keys: {#x}"},
		"a filter on the key":  {func(q *dynamodb.QueryInput) { q.FilterExpression = aws.String("stack_tag = :tag") }, "ValidationException", "non-primary key"},
		"a filter cut off":     {func(q *dynamodb.QueryInput) { q.FilterExpression = aws.String("(ami_id = :tag") }, "ValidationException", "ends too early"},
		"a filter with a rest": {func(q *dynamodb.QueryInput) { q.FilterExpression = aws.String("ami_id = :tag :tag") }, "ValidationException", "token"},
		"a filter of signs":    {func(q *dynamodb.QueryInput) { q.FilterExpression = aws.String("ami_id ! :tag") }, "ValidationException", "Syntax error"},
		"an unknown function":  {func(q *dynamodb.QueryInput) { q.FilterExpression = aws.String("like(ami_id, :tag)") }, "ValidationException", "Invalid function name"},
		"too many arguments":   {func(q *dynamodb.QueryInput) { q.FilterExpression = aws.String("attribute_exists(ami_id, :tag)") }, "ValidationException", "number of operands"},
		"endless parentheses":  {func(q *dynamodb.QueryInput) { q.FilterExpression = aws.String(strings.Repeat("(", 5000)) }, "ValidationException", "too many levels"},
		"a start outside":      {func(q *dynamodb.QueryInput) { q.ExclusiveStartKey = start }, "ValidationException", "outside query boundaries"},
		"half a start":         {func(q *dynamodb.QueryInput) { q.ExclusiveStartKey = values{"lookup_id": textValue("x")} }, "ValidationException", "starting key is invalid"},
		"a limit of nothing":   {func(q *dynamodb.QueryInput) { q.Limit = aws.Int32(0) }, "ValidationException", "Limit"},
		"a consistent index":   {func(q *dynamodb.QueryInput) { q.ConsistentRead = aws.Bool(true) }, "ValidationException", "Consistent reads"},
	}
	for name, test := range tests {
		input := byTag("main")
		test.change(input)
		_, err := client.Query(t.Context(), input)
		assert.Equal(t, test.code, errorCode(err), name)
		assert.ErrorContains(t, err, test.text, name)
	}
	_, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(sandbox.ImageTable)})
	assert.Equal(t, "UnknownOperationException", errorCode(err))
	box.mustControl("faults", map[string]any{"route": "dynamodb Query", "status": 400, "times": 1})
	_, err = client.Query(t.Context(), byTag("main"))
	assert.Equal(t, "BadRequest", errorCode(err))
}
