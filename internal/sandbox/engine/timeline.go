package engine

import (
	"time"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox/store"
)

func (e *Engine) timeline(tx *store.Tx, one *store.Lifecycle, phase lifecycle.Phase, at time.Time) ([]byte, error) {
	return nil, nil
}
