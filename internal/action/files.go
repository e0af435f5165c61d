package action

import (
	"fmt"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/workspace"
)

// checkFiles returns an error if a file that the operation will write cannot be written. It runs before anything is
// sent: an operation whose result cannot be reported must not begin.
func (r *run) checkFiles() error {
	if err := r.Pipeline.CheckOutputs(); err != nil {
		return err
	}
	for _, file := range []workspace.File{r.reportFile(), r.timelineFile()} {
		if file.Path == "" {
			continue
		}
		if err := r.Files.Check(file); err != nil {
			return err
		}
	}
	return nil
}

// reportFile returns the file of the report. Its path is "" if no report is written.
func (r *run) reportFile() workspace.File { return r.file(config.ReportFile, r.Settings.ReportFile) }

// timelineFile returns the file of the timeline page. Its path is "" for operations without one.
func (r *run) timelineFile() workspace.File {
	path := r.Settings.TimelineFile
	switch r.Settings.Operation {
	case lifecycle.TimelineCreate, lifecycle.TimelinePatch:
		if path == "" {
			path = fmt.Sprintf("ami-timeline-%s.html", r.Settings.LifecycleID)
		}
		return r.file(config.TimelineFile, path)
	}
	return workspace.File{}
}

func (r *run) file(name config.Name, path string) workspace.File {
	return workspace.File{Setting: name.On(r.Settings.Platform), Path: path}
}
