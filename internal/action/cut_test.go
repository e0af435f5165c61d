package action_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
)

// A list that was cut is completed from the look-up table, so that a job that patches every approved image does not
// silently leave most of them out.
func TestACutListIsCompletedFromTheLookUpTable(t *testing.T) {
	ofTag := func(tag string) func(*config.Settings) {
		return func(s *config.Settings) { s.StackTag, s.StackTagGiven = tag, true }
	}
	for name, row := range map[string]struct {
		prepare func(w *world, ids []string)
		change  []func(*config.Settings)
		found   int
		says    string
	}{
		"the table names the others": {
			prepare: func(w *world, ids []string) {
				for _, id := range ids {
					w.lists(id, theAMI, "1.0.0")
					w.lists(id, otherAMI, "1.0.0") // in another region
				}
			},
			found: 3, says: "The look-up table of images lists 2 of them, and 2 of those were read one by one.",
		},
		"the stack tag of the settings is asked for": {
			prepare: func(w *world, ids []string) {
				w.lists(ids[1], theAMI, "1.0.0", func(i *deployment.Image) { i.StackTag = "other" })
				w.lists(ids[2], theAMI, "1.0.0")
			},
			change: []func(*config.Settings){ofTag("main")},
			found:  2, says: "The look-up table of images lists 1 of them",
		},
		"the table names one that is no more": {
			prepare: func(w *world, _ []string) { w.lists("00000000-0000-4000-8000-000000000000", theAMI, "1.0.0") },
			found:   1, says: "The look-up table of images lists none of them.",
		},
		"the table names none": {
			prepare: func(w *world, ids []string) { w.lists(ids[0], theAMI, "1.0.0") },
			found:   1, says: "Some lifecycles may be missing. The look-up table of images lists none of them.",
		},
		"the table cannot be read": {
			prepare: func(w *world, _ []string) { w.images.denied = errors.New("dynamodb:Query is denied") },
			found:   1, says: "The look-up table of images cannot be read: dynamodb:Query is denied",
		},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				var ids []string
				for range 3 {
					ids = append(ids, w.created())
				}
				w.server.padding = 800_000
				row.prepare(w, ids)
				j := &job{}
				require.NoError(t, w.run(t.Context(), j, listing(row.change...)))
				assert.Contains(t, j.stderr.String(), row.says)
				assert.Len(t, w.found(row.change...), row.found)
			})
		})
	}
}

func TestAnInterruptEndsTheReadingOfWhatIsMissing(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		for range 3 {
			w.lists(w.created(), theAMI, "1.0.0")
		}
		w.server.padding = 800_000
		ctx, cancel := context.WithCancelCause(t.Context())
		w.server.broken = func(method string) error {
			if method == "status" {
				cancel(errStopped)
				return errStopped
			}
			return nil
		}
		require.ErrorIs(t, w.run(ctx, &job{}, listing()), errStopped)
	})
}

var errStopped = errors.New("stopped")
