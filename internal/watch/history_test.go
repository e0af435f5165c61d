package watch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/watch"
)

func TestUsualIsTheMedianOfEarlierEvents(t *testing.T) {
	minutes := func(n ...time.Duration) []time.Duration {
		for i := range n {
			n[i] *= time.Minute
		}
		return n
	}
	for name, c := range map[string]struct {
		earlier []time.Duration
		want    watch.Usual
	}{
		"nothing":         {nil, watch.Usual{}},
		"one":             {minutes(40), watch.Usual{Median: 40 * time.Minute, Shortest: 40 * time.Minute, Events: 1}},
		"two":             {minutes(40, 50), watch.Usual{Median: 45 * time.Minute, Shortest: 40 * time.Minute, Events: 2}},
		"an outlier":      {minutes(40, 200, 38), watch.Usual{Median: 40 * time.Minute, Shortest: 38 * time.Minute, Events: 3}},
		"nothing telling": {[]time.Duration{time.Second}, watch.Usual{}},
	} {
		t.Run(name, func(t *testing.T) {
			history := historyOf(c.earlier...)
			assert.Equal(t, c.want, history.Usual("main", lifecycle.BuildAMI))
			assert.Zero(t, history.Usual("main", lifecycle.PatchAMI), "of another kind")
			assert.Zero(t, history.Usual("other", lifecycle.BuildAMI), "of another stack tag")
		})
	}
}

func TestADocumentSeenTwiceCountsOnce(t *testing.T) {
	d, err := lifecycle.Decode([]byte(`{"lifecycle_id": "a", "stack_tag": "main", "creation_date": "03/01/2026, 08:00:00", "outputs_ami_creation": {"events": [
		{"name": "BUILD_AMI", "status": "COMPLETED", "status_date": "03/01/2026, 08:40:00"},
		{"name": "SMOKE_TESTS_AMI_CREATE", "status": "COMPLETED", "status_date": "03/01/2026, 08:47:00"}]}}`))
	require.NoError(t, err)
	history := &watch.History{}
	history.Add(d)
	history.Add(d)
	assert.Equal(t, watch.Usual{Median: 7 * time.Minute, Shortest: 7 * time.Minute, Events: 1}, history.Usual("main", lifecycle.SmokeTestsPatch),
		"the smoke tests of a patch are those of a creation again")
}
