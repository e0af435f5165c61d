package sleep_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/sleep"
)

func TestItPassesTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		require.NoError(t, sleep.For(t.Context(), time.Hour))
		assert.Equal(t, time.Hour, time.Since(begun))
		require.NoError(t, sleep.For(t.Context(), -time.Hour), "what is past is no wait")
		assert.Equal(t, time.Hour, time.Since(begun))
	})
}

func TestItEndsWithTheContextAndSaysWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("a signal")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Minute, func() { cancel(why) })
		begun := time.Now()
		assert.Equal(t, why, sleep.For(ctx, time.Hour))
		assert.Equal(t, time.Minute, time.Since(begun))
		assert.Equal(t, why, sleep.For(ctx, time.Hour), "one that has ended before")
		assert.Equal(t, time.Minute, time.Since(begun))
	})
}
