package pipeline_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/pipeline"
	"github.com/org/ami-action/internal/workspace"
)

func TestAReportCannotTakeThePlaceOfTheOutputs(t *testing.T) {
	for _, c := range []struct {
		environ []string
		path    string
		is      string
	}{
		{gitHub(), "output", "GITHUB_OUTPUT"},
		{gitHub(), "$DIR/summary", "GITHUB_STEP_SUMMARY"},
		{append(gitHub(), "GITHUB_ENV=$DIR/env"), "./env", "GITHUB_ENV"},
		{gitHub(), pipeline.ResultFile, "the file of all outputs"},
		{gitLab(), pipeline.DotenvFile, "the dotenv report"},
		{gitLab(), pipeline.ResultFile, "the file of all outputs"},
		{gitLab(), pipeline.AnnotationsFile, "the annotations report"},
		{append(gitLab(), "AMI_DOTENV_FILE=other.env"), "./other.env", "AMI_DOTENV_FILE"},
	} {
		p := newPlace(t, c.environ...)
		require.NoError(t, p.SetOutput("lifecycle_id", "a"))
		before := p.everything(t)
		file := workspace.File{Setting: "input report_file", Path: c.path}
		if c.path[0] == '$' {
			file.Path = p.dir + c.path[len("$DIR"):]
		}
		assert.ErrorContains(t, p.Workspace().Check(file), "which is also "+c.is)
		assert.ErrorContains(t, p.Workspace().Write(file, []byte("a report")), "which is also "+c.is)
		assert.Equal(t, before, p.everything(t))
		assert.NoError(t, p.Workspace().Check(workspace.File{Path: "report.html"}))
	}
}
