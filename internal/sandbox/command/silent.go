package command

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/sandbox"
)

// silentFailures holds the flags for events that fail in AWS while the document shows them as in progress for 240
// minutes (docs/behind-the-document.md).
type silentFailures struct{ image, behind, abort []string }

func (f *silentFailures) register(flags *pflag.FlagSet) {
	flags.StringSliceVar(&f.image, "fail-image", nil,
		"`event` whose image fails while the document still shows the event as in progress: BUILD_AMI or PATCH_AMI (repeat)")
	flags.StringSliceVar(&f.behind, "fail-behind", nil,
		"`event` that fails in AWS while the document still shows it as in progress: an image, a scan, an export, a backup (repeat)")
	flags.StringSliceVar(&f.abort, "abort", nil,
		"`event` whose execution is aborted while the document still shows it as in progress (repeat)")
}

// apply adds the events of the flags to the options. The error names the flag and the invalid value.
func (f *silentFailures) apply(options *sandbox.Options) error {
	for _, flag := range []struct {
		name  string
		names []string
		into  *[]lifecycle.Event
	}{
		{"fail-image", f.image, &options.FailBehind},
		{"fail-behind", f.behind, &options.FailBehind},
		{"abort", f.abort, &options.Abort},
	} {
		for _, name := range flag.names {
			events, err := sandbox.EventsNamed(name)
			if err != nil {
				return fmt.Errorf("invalid value %q for --%s: %w", name, flag.name, err)
			}
			if flag.name == "fail-image" && events[0] != lifecycle.BuildAMI && events[0] != lifecycle.PatchAMI {
				return fmt.Errorf("invalid value %q for --%s: must be BUILD_AMI or PATCH_AMI", name, flag.name)
			}
			*flag.into = append(*flag.into, events...)
		}
	}
	return nil
}
