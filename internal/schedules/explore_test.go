package schedules

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// TestExploreFindsWhatOnlyOneScheduleDoes explores protocols with a fault that few schedules show.
func TestExploreFindsWhatOnlyOneScheduleDoes(t *testing.T) {
	tests := map[string]struct {
		// run is what each of the two processes does. started counts what they start.
		run     func(p *Process, started *atomic.Int32)
		failure string
	}{
		"look, then act": {func(p *Process, started *atomic.Int32) {
			var seen int32
			if p.Request(Read, "look", func() { seen = started.Load() }) == nil && seen == 0 {
				_ = p.Request(Write, "act", func() { started.Add(1) })
			}
		}, "started twice"},
		"send again what was lost": {func(p *Process, started *atomic.Int32) {
			if p.Name == "second" {
				return
			}
			for p.Request(Write, "act", func() { started.Add(1) }) != nil {
			}
		}, "lost after"},
		"wait for one who died": {func(p *Process, started *atomic.Int32) {
			if p.Name == "first" {
				_ = p.Request(Write, "act", func() { started.Add(1) })
				return
			}
			for seen := int32(0); seen == 0; time.Sleep(time.Second) {
				_ = p.Request(Read, "look", func() { seen = started.Load() })
			}
		}, "it did not end"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := Options{Deviations: 1, Limit: time.Minute}
			_, failure := explore(t, o, func(world *World) func() string {
				var started atomic.Int32
				for _, name := range []string{"first", "second"} {
					world.Go(name, func(_ context.Context, p *Process) { test.run(p, &started) })
				}
				return func() string {
					if started.Load() > 1 {
						return "started twice"
					}
					return ""
				}
			})
			assert.Contains(t, failure, test.failure)
		})
	}
}

func TestExploreRunsEveryFateOfEveryRequest(t *testing.T) {
	seen := map[Fate]bool{}
	ran, failure := explore(t, Options{Deviations: 1, Limit: time.Hour}, func(world *World) func() string {
		world.Go("only", func(_ context.Context, p *Process) {
			_ = p.Request(Write, "act", func() {})
		})
		return func() string {
			for fate := range fates {
				for _, line := range world.Trace() {
					seen[fate] = seen[fate] || line == "only: act: "+fate.String()
				}
			}
			return ""
		}
	})
	assert.Empty(t, failure)
	assert.Equal(t, int(fates), ran)
	assert.Len(t, seen, int(fates))
	for fate, found := range seen {
		assert.True(t, found, fate.String())
	}
}
