package action

import (
	"fmt"

	"github.com/org/ami-action/internal/outcome"
)

// recovered calls operate and turns a panic into an error. So a bug in this command ends the operation as any other error
// does, with outputs, a summary and the command line that resumes it, and the error says whether anything may have been
// sent. An unrecovered panic would end the process without them.
func (r *result) recovered(operate func() error) (err error) {
	defer func() {
		fault := recover()
		if fault == nil {
			return
		}
		e := &outcome.Error{
			Kind: outcome.Internal, LifecycleID: r.record.LifecycleID,
			Reason: fmt.Sprintf("internal error: %v", fault), Hint: "nothing was sent; this is a bug in ami-action: please report it",
		}
		if r.sending || r.underWay {
			e.Kind, e.Reason = outcome.Unknown, e.Reason+"; the state of the lifecycle is unknown"
			e.Hint = "check the status before you run this again; this is a bug in ami-action: please report it"
			if r.record.LifecycleID != "" {
				e.Resume = r.resumption().CommandLine()
			}
		}
		err = e
	}()
	return operate()
}
