package action

import (
	"fmt"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/workspace"
)

// checkFiles returns an error if a file that the operation will write cannot be written. It runs before anything is
// sent: an operation whose result cannot be reported must not begin.
func checkFiles(o Options) error {
	if err := o.Pipeline.CheckOutputs(); err != nil {
		return err
	}
	for _, file := range []workspace.File{reportFile(o.Settings), timelineFile(o.Settings)} {
		if file.Path == "" {
			continue
		}
		if err := o.Files.Check(file); err != nil {
			return err
		}
	}
	return nil
}

// reportFile returns the file of the report. Its path is "" if no report is written.
func reportFile(s *config.Settings) workspace.File { return fileOf(s, config.ReportFile, s.ReportFile) }

// timelineFile returns the file of the timeline page. Its path is "" for operations without one.
func timelineFile(s *config.Settings) workspace.File {
	path := s.TimelineFile
	switch s.Operation {
	case lifecycle.TimelineCreate, lifecycle.TimelinePatch:
		if path == "" {
			path = fmt.Sprintf("ami-timeline-%s.html", s.LifecycleID)
		}
		return fileOf(s, config.TimelineFile, path)
	}
	return workspace.File{}
}

// fileOf returns the file at the path, which the setting of that name has.
func fileOf(s *config.Settings, name config.Name, path string) workspace.File {
	return workspace.File{Setting: name.On(s.Platform), Path: path}
}
