package action

import (
	"fmt"

	"github.com/org/ami-action/internal/outcome"
)

// recovered runs the operation. A fault of this command's own ends it as any other error does, with its outputs, its
// summary and the line that goes on: left alone the runtime would end the process with exit code 2, which says that
// nothing was sent.
func (r *run) recovered(operate func() error) (err error) {
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		e := &outcome.Error{
			Kind: outcome.Internal, LifecycleID: r.record.LifecycleID,
			Reason: fmt.Sprintf("a fault of this command: %v", fault), Hint: "nothing was sent; this is a fault of ami-action: please report it",
		}
		if r.sending || r.underWay {
			e.Kind, e.Reason = outcome.Unknown, e.Reason+"; the state of the lifecycle is unknown"
			e.Hint = "look at the status before you run this again; this is a fault of ami-action: please report it"
			if r.record.LifecycleID != "" {
				e.Resume = r.resume()
			}
		}
		err = e
	}()
	return operate()
}
