package action_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
)

func TestAWaitSaysWhenAnEventIsExpectedToEndWhereEarlierOnesTell(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.limits.Heartbeat = 6 * time.Minute
		first := &job{}
		require.NoError(t, w.run(t.Context(), first, create("SMOKE_TESTS", "VULNERABILITY_SCANS", "QA_CERTIFICATION_REQUEST")))
		assert.NotContains(t, first.stderr.String(), "expected at", "nothing tells yet")
		id := first.outputs["lifecycle_id"]
		require.NoError(t, w.run(t.Context(), &job{}, on(id, lifecycle.QACertification, certification("CERTIFIED"))))
		require.NoError(t, w.run(t.Context(), &job{}, on(id, lifecycle.ApprovalCreate, approval("APPROVED"))))

		one := &job{}
		require.NoError(t, w.run(t.Context(), one, w.patch(id, "SMOKE_TESTS")))
		assert.Contains(t, one.stderr.String(), "PATCH_AMI is running.", "no patch has told yet")
		assert.Regexp(t, `SMOKE_TESTS is running; the last one took 20m; expected at \d\d:\d\d UTC\.`, one.stderr.String())

		polled := w.server.reads
		another := &job{}
		require.NoError(t, w.run(t.Context(), another, w.patch(id, "SMOKE_TESTS")))
		assert.Regexp(t, `PATCH_AMI is running; the last one took 20m; expected at \d\d:\d\d UTC\.`, another.stderr.String())
		assert.Regexp(t, `SMOKE_TESTS is running; usually 20m; expected at \d\d:\d\d UTC\.`, another.stderr.String())
		assert.Regexp(t, `SMOKE_TESTS is still running, for 6m\d*s now; usually 20m; expected at \d\d:\d\d UTC\.`, another.stderr.String())
		assert.Less(t, w.server.reads-polled, 60, "40 minutes of events that are known")
	})
}

func TestTheListThatAReRunReadsTellsHowLongABuildTakes(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.created()
		j := &job{identity: "job", attempt: 2}
		require.NoError(t, w.run(t.Context(), j, create("AMI_BUILD_ONLY")))
		assert.Contains(t, j.stderr.String(), "BUILD_AMI is running; the last one took 20m; expected at ")
	})
}
