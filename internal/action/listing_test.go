package action_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

func listing(change ...func(*config.Settings)) config.Settings {
	s := config.Settings{Operation: lifecycle.GetStatuses}
	for _, c := range change {
		c(&s)
	}
	return s
}

func withStatus(status string) func(*config.Settings) {
	return func(s *config.Settings) { s.Status = status }
}

// found runs AMI_GET_STATUSES and returns the lifecycles in its outputs.
func (w *world) found(change ...func(*config.Settings)) []lifecycle.Overview {
	w.t.Helper()
	j := &job{}
	require.NoError(w.t, w.run(w.t.Context(), j, listing(change...)))
	var found []lifecycle.Overview
	require.NoError(w.t, json.Unmarshal([]byte(j.outputs["lifecycles"]), &found))
	require.Equal(w.t, fmt.Sprint(len(found)), j.outputs["count"])
	return found
}

func idsOf(found []lifecycle.Overview) []string {
	ids := []string{}
	for _, one := range found {
		ids = append(ids, one.ID)
	}
	return ids
}

func TestAListHandsOnWhereEachLifecycleStandsAndWhatIsNext(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		approved := w.approved()
		certified := w.created()
		require.NoError(t, w.run(ctx, &job{}, on(certified, lifecycle.QACertification, certification("CERTIFIED"))))
		tested := w.created()
		refused := w.created()
		require.NoError(t, w.run(ctx, &job{}, on(refused, lifecycle.QACertification, certification("FAILED"))))
		patched := w.approved()
		require.NoError(t, w.run(ctx, &job{}, w.patch(patched, "SMOKE_TESTS", "VULNERABILITY_SCANS")))
		w.server.fails[lifecycle.SmokeTestsPatch] = true
		broken := w.approved()
		require.Error(t, w.run(ctx, &job{}, w.patch(broken, "SMOKE_TESTS", "VULNERABILITY_SCANS")))
		w.server.hangs[lifecycle.BuildAMI] = true
		stalled, building := create("AMI_BUILD_ONLY"), create("AMI_BUILD_ONLY")
		stalled.Wait, building.Wait = false, false
		hanging, j := &job{}, &job{}
		require.NoError(t, w.run(ctx, hanging, stalled))
		time.Sleep(5 * time.Hour)
		require.NoError(t, w.run(ctx, j, building))

		got := map[string]string{}
		for _, one := range w.found() {
			got[one.ID] = fmt.Sprint(one.State, " ", one.Next)
		}
		assert.Equal(t, map[string]string{
			approved:                        "approved [AMI_PATCH]",
			certified:                       "certified [AMI_APPROVAL_CREATE]",
			tested:                          "pending [AMI_QA_CERTIFICATION]",
			refused:                         "failed [AMI_QA_CERTIFICATION]",
			patched:                         "pending [AMI_PATCH AMI_APPROVAL_PATCH]",
			broken:                          "failed [AMI_PATCH]",
			hanging.outputs["lifecycle_id"]: "stalled [AMI_WAIT]",
			j.outputs["lifecycle_id"]:       "in-progress [AMI_WAIT]",
		}, got)
		for status, want := range map[string][]string{
			"approved": {approved}, "certified": {certified}, "pending": {patched, tested}, "failed": {broken, refused},
			"stalled": {hanging.outputs["lifecycle_id"]}, "in-progress": {j.outputs["lifecycle_id"]},
			"patchable": {broken, patched, approved}, "": idsOf(w.found()),
		} {
			assert.Equal(t, want, idsOf(w.found(withStatus(status))), status)
		}
		assert.Equal(t, lifecycle.Overview{
			ID: approved, Product: "Demo", Version: "1.0.0", StackTag: "main", SemanticVersion: "1.0.0", AMIs: map[string]string{"eu-central-1": theAMI},
			State: lifecycle.StageApproved, Event: "MARK_FOR_PRODUCTION", Status: lifecycle.Completed, Next: []lifecycle.Operation{lifecycle.Patch},
		}, w.found(withStatus("approved"))[0])
	})
}

func TestTheFiltersOfAListAreAppliedInAnOrderThatIsOfUse(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		var ids []string
		for range 4 {
			ids = append(ids, w.approved())
			time.Sleep(20 * 24 * time.Hour) // the ages are 80, 60, 40 and 20 days
		}
		products := map[string]string{ids[0]: "Web server", ids[1]: "Web server", ids[2]: "Database", ids[3]: "Database"}
		w.server.mangle = func(document map[string]any) {
			id := document["lifecycle_id"].(string)
			document["product_name"] = products[id]
			document["stack_tag"] = map[bool]string{true: "main", false: "release"}[id != ids[2]]
		}
		for name, c := range map[string]struct {
			change func(*config.Settings)
			want   []int
		}{
			"none":                {func(*config.Settings) {}, []int{3, 2, 1, 0}},
			"a product":           {func(s *config.Settings) { s.ProductName = "Web*" }, []int{1, 0}},
			"a product's version": {func(s *config.Settings) { s.ProductVer = "2.*" }, []int{}},
			"a stack tag":         {func(s *config.Settings) { s.StackTagGiven = true }, []int{3, 1, 0}},
			"the newest":          {func(s *config.Settings) { s.Latest = true }, []int{3, 2, 1}},
			"an age":              {func(s *config.Settings) { s.OlderThan = config.AgeLimit(50 * 24 * time.Hour) }, []int{1, 0}},
			"the newest, if old":  {func(s *config.Settings) { s.Latest, s.OlderThan = true, config.AgeLimit(30*24*time.Hour) }, []int{2, 1}},
			"a number":            {func(s *config.Settings) { s.Limit = 2 }, []int{3, 2}},
			"more than there is":  {func(s *config.Settings) { s.Limit = 9 }, []int{3, 2, 1, 0}},
			"of a stage, the first": {func(s *config.Settings) {
				s.Status, s.OlderThan, s.Limit = "approved", config.AgeLimit(30*24*time.Hour), 1
			}, []int{2}},
		} {
			want := []string{}
			for _, i := range c.want {
				want = append(want, ids[i])
			}
			assert.Equal(t, want, idsOf(w.found(c.change)), name)
		}
		assert.Equal(t, 80, w.found()[3].AgeDays)

		j := &job{}
		require.NoError(t, w.run(t.Context(), j, listing(withStatus("approved"), func(s *config.Settings) {
			s.ProductName, s.Limit, s.Latest, s.OlderThan, s.StackTagGiven = "Web*", 1, true, config.AgeLimit(24*time.Hour), true
		})))
		assert.Contains(t, j.stderr.String(),
			"1 of 4 lifecycles: approved, stack tag main, product Web*, the newest of each product and stack tag, at least 1d old, at most 1.")
	})
}

func TestAListWithoutLifecyclesIsAnEmptyMatrix(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		j := &job{}
		require.NoError(t, w.run(t.Context(), j, listing(withStatus("failed"))))
		assert.Equal(t, map[string]string{"count": "0", "lifecycles": "[]"}, j.outputs)
		assert.Contains(t, j.summary, "No lifecycles.")
	})
}

func TestAListLeavesASummaryAndAReport(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.server.errs[lifecycle.SmokeTestsCreate] = true
		failed := &job{}
		require.Error(t, w.run(t.Context(), failed, create("SMOKE_TESTS")))
		w.server.errs = nil
		good := w.approved()
		directory := t.TempDir()
		for _, name := range []string{"all.html", "all.md", "all.txt"} {
			path := filepath.Join(directory, name)
			j := &job{}
			require.NoError(t, w.run(t.Context(), j, listing(func(s *config.Settings) { s.ReportFile = path })))
			assert.Equal(t, path, j.outputs["report_file"])
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			for _, shown := range []string{string(content), j.summary} {
				first, second := strings.Index(shown, failed.outputs["lifecycle_id"]), strings.Index(shown, good)
				assert.Positive(t, first, name)
				assert.Positive(t, second, name)
				assert.NotContains(t, shown, canaryKey)
				if name != "all.txt" {
					assert.Less(t, first, second, "what failed comes first")
				}
			}
			assert.NotContains(t, j.stdout.String()+j.stderr.String()+fmt.Sprint(j.outputs), canaryKey)
		}
		for _, c := range []struct{ summary, contains string }{{"short", "2 lifecycles: 1 failed, 1 approved"}, {"off", ""}} {
			j := &job{}
			require.NoError(t, w.run(t.Context(), j, listing(func(s *config.Settings) { s.Summary = c.summary })))
			assert.Contains(t, j.summary, c.contains)
			assert.NotContains(t, j.summary, good)
		}
	})
}
