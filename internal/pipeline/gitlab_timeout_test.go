package pipeline_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestAWaitEndsBeforeGitLabEndsTheJob(t *testing.T) {
	now := time.Unix(1700000000, 0)
	ago := func(d time.Duration) string { return now.Add(-d).UTC().Format(time.RFC3339) }
	for _, row := range []struct{ limit, started, want string }{
		{"3600", ago(0), "54m0s"},
		{"3600", ago(10 * time.Minute), "44m0s"},
		{"3600", "", "54m0s"},
		{"3600", ago(-time.Hour), "54m0s"},
		{"10800", ago(time.Minute), "2h44m0s"},
		{"600", ago(599 * time.Second), "1s"},
		{"3600", ago(2 * time.Hour), "54m0s"}, // GitLab has not ended the job, so the clock is wrong
		{"21600", ago(0), ""},
		{"86400", ago(0), ""},
		{"", ago(0), ""}, {"0", ago(0), ""}, {"-1", ago(0), ""}, {"1h", ago(0), ""}, {"99999999999", ago(0), ""},
	} {
		p := newPlace(t, append(gitLab(), "CI_JOB_TIMEOUT="+row.limit, "CI_JOB_STARTED_AT="+row.started)...)
		assert.Equal(t, row.want, p.Implied().WaitTimeout, row)
	}
}
