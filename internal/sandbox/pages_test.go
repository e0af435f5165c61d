package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/org/ami-action/internal/lifecycle"
)

func (b *box) page(path string) string {
	b.t.Helper()
	page := b.do(http.MethodGet, b.URL()+path, nil, nil)
	require200(b.t, page)
	assert.Contains(b.t, page.Header.Get("Content-Type"), "text/html")
	assert.Equal(b.t, "default-src 'none'; style-src 'unsafe-inline'", page.Header.Get("Content-Security-Policy"))
	html := page.Body.(string)
	assert.NotContains(b.t, html, "<script")
	assert.NotRegexp(b.t, `<[^>]+\ssrc=|url\(|@import|<link|href="[^/]`, html, "no file from elsewhere")
	assert.Contains(b.t, html, "prefers-color-scheme: dark")
	assert.Contains(b.t, html, "width=device-width")
	for name, key := range b.keys {
		assert.NotContains(b.t, html, key, name)
	}
	return html
}

func TestTheFrontPageShowsAllLifecyclesLive(t *testing.T) {
	box := manual(t)
	box.mustControl("queue", map[string]any{"auto": false})
	assert.Contains(t, box.page("/"), "There is no lifecycle yet")

	building := box.create(with{"product_name": `<script>alert(1)</script>`, "owner": `"><img src=x>`})
	errored := box.create(nil)
	box.mustControl("lifecycles/"+errored+"/event", map[string]any{"status": "ERROR"})
	approved := box.approved()
	require200(t, box.patch(approved, nil, nil))
	requireRefused(t, box.tryCreate(with{"product_ver": absent, "stack_tag": "of-the-orphan"}), "'product_ver'")

	for _, path := range []string{"/", "/_sandbox/", "/?page=1", "/?page=99", "/?page=-1", "/?page=x"} {
		html := box.page(path)
		assert.Contains(t, html, `http-equiv="refresh"`)
		assert.Contains(t, html, "&lt;script&gt;alert(1)&lt;/script&gt;")
		assert.Contains(t, html, "&#34;&gt;&lt;img")
		for _, id := range []string{building, errored, approved} {
			assert.Contains(t, html, id)
		}
		assert.Contains(t, html, "IN_PROGRESS")
		assert.Contains(t, html, "ERROR")
		assert.Contains(t, html, "NOT_STARTED", "the orphan")
		assert.Contains(t, html, "of-the-orphan")
		assert.Contains(t, html, box.document(approved).ResultOf(lifecycle.BuildAMI).AMIs[0].ID)
		assert.Contains(t, html, "/_sandbox/lifecycles/"+approved+"/timeline/patch")
		assert.NotContains(t, html, "/_sandbox/lifecycles/"+building+"/timeline/patch")
	}
	assert.Contains(t, box.page("/_sandbox/lifecycles/"+building+"/timeline/creation"), "IN_PROGRESS")
	assert.Contains(t, box.page("/_sandbox/lifecycles/"+approved+"/timeline/patch"), "IN_PROGRESS")

	unknown := box.do(http.MethodGet, box.URL()+"/_sandbox/lifecycles/none/timeline/creation", nil, nil)
	assert.Equal(t, http.StatusNotFound, unknown.Status)
	assert.Contains(t, unknown.object()["error"], "lifecycle none is unknown to this sandbox")
	asJSON := box.do(http.MethodGet, box.URL()+"/", nil, http.Header{"Accept": {"application/json"}})
	assert.Equal(t, box.BaseURL(), asJSON.object()["api"])
}

// The front page still shows all lifecycles when the document of one has members of unexpected types.
func TestNoDocumentBreaksTheFrontPage(t *testing.T) {
	box := manual(t)
	for _, value := range oddValues {
		for _, member := range []string{"product_name", "owner", "stack_tag", "outputs_ami_creation", "outputs_ami_patch", "inputs_ami_patch", "creation_date"} {
			box.tryCreate(with{member: value})
		}
	}
	box.create(with{"product_ver": 7, "product_name": "a number"})
	html := box.page("/")
	assert.Contains(t, html, "a number 7")
	assert.Greater(t, strings.Count(html, "<tr"), len(oddValues))
	assert.NotContains(t, html, "UNREADABLE")
}

func TestThereIsAPageForManyLifecycles(t *testing.T) {
	box := manual(t)
	box.mustControl("seed", map[string]any{"count": 300})
	first, second := box.page("/"), box.page("/?page=2")
	assert.Equal(t, 250+1, strings.Count(first, "<tr"))
	assert.Equal(t, 50+1, strings.Count(second, "<tr"))
	assert.Contains(t, first, "Page 1 of 2")
	assert.Contains(t, first, `href="/?page=2"`)
	assert.Contains(t, second, `href="/?page=1"`)
}
