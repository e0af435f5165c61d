package sandbox_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

func TestSeveralSandboxesWorkOnOneDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var boxes []*box
	for range 3 {
		boxes = append(boxes, start(t, sandbox.Options{Dir: dir, Manual: true}))
	}
	const each = 10
	ids := make([][]string, len(boxes))
	var group sync.WaitGroup
	for i, box := range boxes {
		group.Go(func() {
			for n := range each {
				id := box.create(with{"product_name": fmt.Sprint("box ", i, " ", n)})
				box.end(id, lifecycle.Completed)
				ids[i] = append(ids[i], id)
			}
		})
	}
	group.Wait()
	versions := map[string]bool{}
	for i, own := range ids {
		for _, id := range own {
			other := boxes[(i+1)%len(boxes)]
			versions[other.document(id).ResultOf(lifecycle.BuildAMI).AMIs[0].SemanticVersion] = true
		}
	}
	assert.Len(t, versions, each*len(boxes), "no two builds got the same version")
}

// Both keep the database open between their requests, and what one of them adds is longer than what the other has seen.
func TestASandboxSeesWhatAnotherOneAddsToItsDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	boxes := []*box{start(t, sandbox.Options{Dir: dir, Manual: true}), start(t, sandbox.Options{Dir: dir, Manual: true})}
	for n := range 12 {
		one, other := boxes[n%2], boxes[(n+1)%2]
		id := one.create(with{"NOTE": strings.Repeat("x", 10<<10)})
		require200(t, other.status(id))
		other.end(id, lifecycle.Completed)
		assert.Equal(t, lifecycle.Completed, one.document(id).ResultOf(lifecycle.BuildAMI).Status)
		assert.Len(t, one.statuses().Body, n+1)
	}
}

func TestTheListIsCutAtOneMegabyteWithoutAWord(t *testing.T) {
	box := manual(t)
	for range 8 {
		box.create(with{"NOTE": strings.Repeat("x", 200<<10)})
	}
	all := box.statuses()
	require200(t, all)
	assert.Less(t, len(all.Body.([]any)), 8)
	assert.NotEmpty(t, all.Body)
}

func TestASandboxListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0"} {
		_, err := sandbox.Start(t.Context(), sandbox.Options{Dir: t.TempDir(), Listen: address})
		assert.ErrorContains(t, err, "reachable from other machines", address)
	}
	_, err := sandbox.Start(t.Context(), sandbox.Options{Dir: t.TempDir(), Listen: "nonsense"})
	assert.ErrorContains(t, err, `invalid value "nonsense" for --listen`)
	box := start(t, sandbox.Options{Listen: "0.0.0.0:0", AllowRemote: true})
	assert.Contains(t, box.URL(), "http://127.0.0.1:")
}

func TestAnEventThatCannotFailIsNoDemonstration(t *testing.T) {
	t.Parallel()
	for _, event := range []lifecycle.Event{lifecycle.QACertificationResponse, "NONSENSE"} {
		_, err := sandbox.Start(t.Context(), sandbox.Options{Dir: t.TempDir(), Fail: []lifecycle.Event{event}})
		assert.ErrorContains(t, err, string(event))
	}
}

func TestNewKeysTakeThePlaceOfTheOld(t *testing.T) {
	box := manual(t)
	id := box.create(nil)
	box.mustControl("keys/rotate", nil)
	requireRefused(t, box.status(id), "Invalid API Key")
	box.readKeys()
	require200(t, box.status(id))
	for secret, key := range box.keys {
		assert.Regexp(t, "^[A-Za-z0-9]{30}$", key, secret)
	}
}

func TestTheTimelineShowsTheLifecycleAndNoSecret(t *testing.T) {
	box := manual(t)
	box.mustControl("queue", map[string]any{"auto": false})
	id := box.create(with{"product_name": `<script>alert(1)</script>`, "events": everything()["events"]})
	for range 4 {
		box.end(id, lifecycle.Completed)
	}
	require200(t, box.certify(id, "CERTIFIED", nil))
	box.mustControl("queue/deliver", nil)
	require200(t, box.approve(id, "APPROVED", nil))
	box.end(id, lifecycle.Completed)
	require200(t, box.patch(id, nil, nil))
	box.end(id, lifecycle.Completed)
	for phase, secret := range map[string]string{
		"ami-creation": "ami_creation_timeline_api_key", "ami-patch": "ami_patch_timeline_api_key",
	} {
		page := box.send(http.MethodGet, "/"+phase+"/lifecycles/"+id+"/timeline", map[string][]string{"api_key": {box.keys[secret]}}, nil)
		require200(t, page)
		assert.Contains(t, page.Header.Get("Content-Type"), "text/html")
		html := page.Body.(string)
		assert.Contains(t, html, "&lt;script&gt;")
		assert.NotContains(t, html, "<script")
		assert.Contains(t, html, "COMPLETED")
		assert.NotContains(t, html, "X-Amz-Expires")
		assert.NotRegexp(t, `(?:href|src|url\()`, html, "a page of its own, with no file from elsewhere")
		for name, key := range box.keys {
			assert.NotContains(t, html, key, name)
		}
		refused := box.send(http.MethodGet, "/"+phase+"/lifecycles/"+id+"/timeline", map[string][]string{"api_key": {"x"}}, nil)
		requireRefused(t, refused, "Invalid API Key for AMI")
	}
}

func TestTheTimelineShowsWhatRunsAndWhatWentWrong(t *testing.T) {
	box := manual(t)
	id := box.create(nil)
	timeline := func() string {
		page := box.send(http.MethodGet, "/ami-creation/lifecycles/"+id+"/timeline",
			map[string][]string{"api_key": {box.keys["ami_creation_timeline_api_key"]}}, nil)
		require200(t, page)
		return page.Body.(string)
	}
	assert.Contains(t, timeline(), "IN_PROGRESS")
	box.mustControl("lifecycles/"+id+"/event", map[string]any{"status": "ERROR", "error_message": "no <instance>"})
	assert.Contains(t, timeline(), "no &lt;instance&gt;")
}

func TestAnOrphanHasNoTimeline(t *testing.T) {
	box := manual(t)
	requireRefused(t, box.tryCreate(with{"product_ver": absent}), "'product_ver'")
	before := dump(box.statuses().Body)
	id := box.statuses().Body.([]any)[0].(map[string]any)["lifecycle_id"].(string)
	page := box.send(http.MethodGet, "/ami-creation/lifecycles/"+id+"/timeline",
		map[string][]string{"api_key": {box.keys["ami_creation_timeline_api_key"]}}, nil)
	assert.Equal(t, http.StatusInternalServerError, page.Status)
	assert.Equal(t, map[string]any{"message": "Internal Server Error"}, page.Body)
	assert.Equal(t, before, dump(box.statuses().Body), "nothing is stored")
}
