package insight_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/insight"
)

func TestTheLogIsFollowedFromWhereItWasRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := running()
		w := insight.New(insight.Options{AWS: fake.config})
		event := build()
		event.Started = time.Time{}
		assert.Empty(t, w.BuildLog(t.Context(), event), "nothing is known of an image yet")
		w.Look(t.Context(), event)

		page := func(from, to, next int) string {
			var events []any
			for i := from; i < to; i++ {
				events = append(events, map[string]any{"message": fmt.Sprintf("line %d\n", i)})
			}
			return encode(map[string]any{"events": events, "nextForwardToken": fmt.Sprintf("f/%d", next)})
		}
		fake.set("GetLogEvents", 200, page(0, 3, 3))
		chunk := w.BuildLog(t.Context(), event)
		// A repeated token means the end of the log. Until then the fake returns its page twice.
		assert.Equal(t, []string{"line 0", "line 1", "line 2", "line 0", "line 1", "line 2"}, chunk.Lines)
		assert.Equal(t, 2, fake.count("GetLogEvents"))
		fake.set("GetLogEvents", 200, page(3, 3, 3))
		time.Sleep(59 * time.Second)
		assert.Empty(t, w.BuildLog(t.Context(), event))
		assert.Equal(t, 2, fake.count("GetLogEvents"), "once a minute at most")
		time.Sleep(time.Second)
		assert.Empty(t, w.BuildLog(t.Context(), event))
		assert.Equal(t, 3, fake.count("GetLogEvents"))

		time.Sleep(time.Minute)
		fake.set("GetLogEvents", 200, page(0, 950, 3))
		chunk = w.BuildLog(t.Context(), event)
		require.Len(t, chunk.Lines, 200)
		assert.Equal(t, "line 949", chunk.Lines[199])
		assert.Equal(t, 750, chunk.Omitted)

		time.Sleep(time.Minute)
		fake.set("GetLogEvents", 400, `{"__type": "ResourceNotFoundException"}`)
		assert.Empty(t, w.BuildLog(t.Context(), event))
		time.Sleep(time.Minute)
		fake.set("GetLogEvents", 400, `{"__type": "AccessDeniedException"}`)
		assert.Empty(t, w.BuildLog(t.Context(), event))
		report := w.Look(t.Context(), event)
		require.Len(t, report.Notes, 1)
		assert.Contains(t, report.Notes[0], "logs:GetLogEvents (the build's log)")
	})
}

func TestALogUnderItsARNsNameIsFoundToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := failedBuild("text")
		fake.handle("GetLogEvents", func(input string) (int, string) {
			switch {
			case !strings.Contains(input, "/aws/imagebuilder/base"):
				return 400, `{"__type": "ResourceNotFoundException"}`
			case strings.Contains(input, "nextToken"):
				return 200, `{"events": [], "nextBackwardToken": "b/0", "nextForwardToken": "f/0"}`
			}
			return 200, `{"events": [{"message": "found"}], "nextBackwardToken": "b/0", "nextForwardToken": "f/0"}`
		})
		event := build()
		event.Started = time.Time{}
		w := insight.New(insight.Options{AWS: fake.config})
		report := w.Look(t.Context(), event)
		assert.Equal(t, []string{"found"}, report.Log)
		assert.Equal(t, "/aws/imagebuilder/base", report.Image.LogGroup)
		assert.Equal(t, []string{"found"}, w.BuildLog(t.Context(), event).Lines)

		fake.set("GetImage", 200, image("BUILDING", "")) // so that Look does not read the log
		fake.set("GetExecutionHistory", 200, history("Poll AMI status", `{"image_build_version_arn": "`+imageARN+`"}`))
		w = insight.New(insight.Options{AWS: fake.config})
		w.Look(t.Context(), event)
		assert.Empty(t, w.BuildLog(t.Context(), event).Lines)
		time.Sleep(time.Minute)
		assert.Equal(t, []string{"found"}, w.BuildLog(t.Context(), event).Lines)
		time.Sleep(time.Minute)
		assert.Empty(t, w.BuildLog(t.Context(), event).Lines)
	})
}
