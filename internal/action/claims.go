package action

import (
	"time"

	"github.com/org/ami-action/internal/claim"
	"github.com/org/ami-action/internal/progress"
)

// finishTimeout is the time limit of the write that records or releases a claim. It fits between an interrupt and the
// kill that follows it.
const finishTimeout = 2 * time.Second

// newClaims returns the claims, which decide which of several runs may start something (package claim).
func newClaims(o Options, reporter *progress.Reporter) *claim.Claims {
	mode := claim.Mode(o.Settings.Claims)
	if o.Claims == nil {
		mode = claim.Off
	}
	return &claim.Claims{
		Store: o.Claims, Mode: mode, Progress: reporter, Random: o.Random,
		Settle: o.Limits.Settle, Lease: o.Limits.Lease, FinishTimeout: finishTimeout,
	}
}
