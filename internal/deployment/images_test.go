package deployment_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/lifecycle"
)

// tableServer starts a fake DynamoDB that returns one page per request. The rest of AWS is another server. asked counts the
// requests.
func tableServer(t *testing.T, pages ...string) (asked *atomic.Int32) {
	t.Helper()
	asked = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		page := int(asked.Add(1)) - 1
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if page >= len(pages) || strings.Contains(string(body), "ExclusiveStartKey") != (page > 0) {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type": "com.amazonaws.dynamodb.v20120810#ValidationException", "message": "not the next page"}`)
			return
		}
		fmt.Fprint(w, pages[page])
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", server.URL)
	return asked
}

func imageItem(id string) string {
	return `{"lookup_id": {"S": "` + id + `"}, "lifecycle_id": {"S": "lifecycle-` + id + `"}, "stack_tag": {"S": "main"},
		"product_name": {"S": "Demo"}, "product_ver": {"S": "1.0"}, "commit_ref": {"S": "abc"}, "ami_id": {"S": "ami-` + id + `"},
		"ami_semver": {"S": "2.0.0"}, "aws_region": {"S": "eu-west-1"}, "lifecycle_type": {"S": "ami-patch"},
		"lifecycle_event": {"S": "SMOKE_TESTS_AMI_PATCH"}, "lifecycle_score": {"N": "2"}, "last_modified": {"S": "11/22/2026, 10:20:30"}}`
}

func TestPagesOfImagesThatNeverEndDoNotFillTheMemory(t *testing.T) {
	fake := newFakeAWS(t)
	fake.outputs["amiSelectionTableName"] = "images"
	inPipeline(t, fake.URL)
	page := `{"Items": [` + strings.Repeat(imageItem(strings.Repeat("1", 100_000))+",", 9) + imageItem("1") + `], "LastEvaluatedKey": {"lookup_id": {"S": "1"}}}`
	pages := make([]string, 100)
	for i := range pages {
		pages[i] = page
	}
	asked := tableServer(t, pages...)
	finder, err := deployment.New(deployment.Options{})
	require.NoError(t, err)
	_, err = finder.Images(t.Context(), "main")
	require.ErrorContains(t, err, "more than 32 MB")
	assert.Less(t, asked.Load(), int32(len(pages)))
}

func TestTheImagesOfAStackTagComeFromEveryPage(t *testing.T) {
	fake := newFakeAWS(t)
	fake.outputs["amiSelectionTableName"] = "images"
	inPipeline(t, fake.URL)
	asked := tableServer(t,
		`{"Count": 1, "Items": [`+imageItem("1")+`], "LastEvaluatedKey": {"lookup_id": {"S": "1"}, "stack_tag": {"S": "main"}}}`,
		`{"Count": 0, "Items": [], "LastEvaluatedKey": {"lookup_id": {"S": "1"}, "stack_tag": {"S": "main"}}}`,
		`{"Count": 2, "Items": [`+imageItem("2")+`, {"lookup_id": {"S": "3"}, "lifecycle_score": {"S": "high"}, "last_modified": {"N": "7"}}]}`,
	)
	finder, err := deployment.New(deployment.Options{})
	require.NoError(t, err)
	images, err := finder.Images(t.Context(), "main")
	require.NoError(t, err)
	assert.Equal(t, int32(3), asked.Load())
	require.Len(t, images, 3)
	assert.Equal(t, "ami-2", images[1].AMIID)
	first := images[0]
	assert.Equal(t, "2026-11-22T10:20:30Z", first.Modified.Format("2006-01-02T15:04:05Z07:00"))
	first.Modified = images[2].Modified
	assert.Equal(t, deployment.Image{
		LifecycleID: "lifecycle-1", StackTag: "main", ProductName: "Demo", ProductVer: "1.0", CommitRef: "abc", AMIID: "ami-1",
		SemanticVersion: "2.0.0", Region: "eu-west-1", Phase: lifecycle.Patching, Event: lifecycle.SmokeTestsPatch, Score: 2,
	}, first)
	assert.Equal(t, deployment.Image{}, images[2], "what cannot be read is empty")
}

func TestWhyThereAreNoImages(t *testing.T) {
	fake := newFakeAWS(t)
	inPipeline(t, fake.URL)
	tableServer(t)
	for _, row := range []struct {
		options deployment.Options
		says    []string
	}{
		{deployment.Options{}, []string{"output amiSelectionTableName", "name the table (--imageTable)"}},
		{deployment.Options{ImageTable: "images"}, []string{"look-up table of images images in eu-west-1", "ValidationException"}},
		{
			deployment.Options{ImageTable: "images", RoleARN: "arn:aws:iam::210987654321:role/reader"},
			[]string{"role arn:aws:iam::210987654321:role/reader", "allow sts:AssumeRole", "trust policy"},
		},
	} {
		fake.refuse = func(w http.ResponseWriter, c call) bool {
			if c.Action == "AssumeRole" {
				refuseXML(w, http.StatusForbidden, "AccessDenied", "not authorized")
			}
			return c.Action == "AssumeRole"
		}
		finder, err := deployment.New(row.options)
		require.NoError(t, err)
		_, err = finder.Images(t.Context(), "main")
		require.Error(t, err)
		for _, text := range row.says {
			assert.ErrorContains(t, err, text)
		}
		assertReadable(t, err)
	}
}
