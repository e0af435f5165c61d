// Package sleep pauses until a time has passed or a context has ended.
package sleep

import (
	"context"
	"time"
)

// For returns nil after so long, or the context's cause as soon as the context ends: the cause tells a signal, which has
// exit codes of its own, from a time limit.
func For(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(d):
		return nil
	}
}
