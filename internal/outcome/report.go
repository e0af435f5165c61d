package outcome

import (
	"errors"

	"github.com/org/ami-action/internal/component"
	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/pipeline"
)

// Annotator shows a message prominently. [pipeline.Pipeline] is one.
type Annotator interface{ Annotate(pipeline.Annotation) }

// Report shows an error to the user. The problems of a configuration or of a component file are shown as separate
// messages, those of a component file with the file and the line.
func Report(to Annotator, err error) {
	if faulty, ok := errors.AsType[*component.Error](err); ok {
		for _, problem := range faulty.Problems {
			to.Annotate(ComponentAnnotation(faulty.File, problem))
		}
		return
	}
	if problems, ok := errors.AsType[*config.Problems](err); ok {
		for _, problem := range problems.All {
			to.Annotate(pipeline.Annotation{Level: pipeline.Error, Message: problem.Message, Hint: problem.Hint})
		}
		return
	}
	e := Of(err)
	to.Annotate(pipeline.Annotation{
		Level: pipeline.Error, Title: e.Title(), Message: e.Error(), Hint: e.Hint, Resume: e.Resume,
	})
}

// ComponentAnnotation returns the message for a problem of a component file.
func ComponentAnnotation(file string, problem component.Problem) pipeline.Annotation {
	level := pipeline.Error
	if problem.Warning {
		level = pipeline.Warning
	}
	return pipeline.Annotation{
		Level: level, Title: "Patch component", Message: problem.Message, Hint: problem.Advice(),
		File: file, Line: problem.Line, Column: problem.Column, EndColumn: problem.EndColumn,
		Excerpt: problem.Excerpt(),
	}
}
