package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The first document of the list may quote a key that only the last one names as a key. So nothing is shown before the
// secrets of the whole list are known.
func TestAListShowsNoSecretOfAnotherLifecycle(t *testing.T) {
	t.Parallel()
	const secret, nested = "CANARYofTheLastLifecycle0123456789", "CANARYinsideADocument0123456789abc"
	var list []string
	for i := range 300 {
		list = append(list, fmt.Sprintf(`{"lifecycle_id": "lifecycle-%03d", "creation_date": "01/02/2026, 10:%02d:00", "product_name": "says %s", "x": "in %s \u00fc"}`,
			i, i%60, secret, nested))
	}
	list = append(list, fmt.Sprintf(`{"lifecycle_id": "the-last-one", "creation_date": "01/02/2020, 10:00:00", "api_key": "%s", "y": "{\"api_key\": \"%s\"}"}`, secret, nested))
	content := "[" + strings.Join(list, ",") + "]"
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, content) }))
	t.Cleanup(api.Close)
	w := newWorld(t)
	w.endpoint = api.URL + "/dev"

	for _, args := range [][]string{{"--output", "json"}, {"--reportFile", "all.html"}, {"--reportFile", "all.md"}, {"--reportFile", "all.txt"}} {
		e := w.run(t.Context(), append([]string{"--operation", "AMI_GET_STATUSES"}, args...)...)
		require.Zero(t, e.code, e.stderr)
		files := w.left()
		for name, shown := range map[string]string{"stdout": e.stdout, "stderr": e.stderr, "output": files["output"], "summary": files["summary.md"], "file": files["all.html"] + files["all.md"] + files["all.txt"]} {
			assert.NotContains(t, shown, "CANARY", "%s of %v", name, args)
		}
		if args[0] != "--output" {
			continue
		}
		var whole struct {
			Lifecycles []struct {
				ID      string `json:"lifecycle_id"`
				Product string `json:"product_name"`
			} `json:"lifecycles"`
		}
		require.NoError(t, json.Unmarshal([]byte(e.stdout), &whole))
		require.Len(t, whole.Lifecycles, 301)
		assert.Equal(t, "says ***", whole.Lifecycles[0].Product)
		assert.Equal(t, "the-last-one", whole.Lifecycles[300].ID, "the newest comes first")
	}
}
