package selection_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/deployment"
	"github.com/org/ami-action/internal/lifecycle"
	"github.com/org/ami-action/internal/orchestrator"
	"github.com/org/ami-action/internal/outcome"
	"github.com/org/ami-action/internal/selection"
)

// documents maps lifecycle ids to their status documents. It counts the reads. err fails every read.
type documents struct {
	all   map[string]*lifecycle.Document
	reads int
	err   error
}

func (d *documents) Status(_ context.Context, id string) (*lifecycle.Document, error) {
	d.reads++
	if d.err != nil {
		return nil, d.err
	}
	if document, ok := d.all[id]; ok {
		return document, nil
	}
	return nil, &orchestrator.RefusedError{Text: "it is gone"}
}

// warnings is a reporter that collects the warnings.
type warnings []string

func (w *warnings) Say(string, ...any) {}
func (w *warnings) Warn(format string, arguments ...any) {
	*w = append(*w, fmt.Sprintf(format, arguments...))
}

const (
	anID      = "bf2ddb94-fa7e-473e-a2ba-734ccfe1d0d7"
	anotherID = "3f0bd60d-7e1a-4a7b-9d45-0e5a1f6b2c11"
)

// image returns an image of the table. The table lists every image as approved.
func image(id, ami, version string) deployment.Image {
	return deployment.Image{
		LifecycleID: id, StackTag: "main", ProductName: "Demo", ProductVer: "1.0.0", AMIID: ami, SemanticVersion: version, Region: "eu-central-1",
		Phase: lifecycle.Creation, Event: lifecycle.MarkForProductionCreate, Score: lifecycle.MarkForProductionCreate.Score(),
	}
}

// built returns the document of a lifecycle in which the build of the image ended on the day.
func built(t *testing.T, id, ami, version string, day int, status lifecycle.Status) *lifecycle.Document {
	t.Helper()
	document, err := lifecycle.Decode(fmt.Appendf(nil, `{"lifecycle_id": %q, "outputs_ami_creation": {"events": [
		{"name": "BUILD_AMI", "status": %q, "status_date": "2026-03-%02d 10:00:00",
			"properties": {"ami_details": [{"image": %q, "region": "eu-central-1", "ami_semver": %q}]}}]}}`,
		id, string(status), day, ami, version))
	require.NoError(t, err)
	return document
}

func settings() *config.Settings {
	return &config.Settings{StackTag: "main", Semver: config.SemverLatest, MinEvent: lifecycle.BuildAMI.String()}
}

func TestTheHighestVersionThatItsDocumentBearsOutIsSelected(t *testing.T) {
	table := []deployment.Image{
		image(anID, "ami-0000000000000009", "9.0.0"), image(anotherID, "ami-0000000000000010", "10.0.0"), image("no id", "ami-0000000000000011", "11.0.0"),
	}
	read := &documents{all: map[string]*lifecycle.Document{
		anID:      built(t, anID, "ami-0000000000000009", "9.0.0", 1, lifecycle.Completed),
		anotherID: built(t, anotherID, "ami-0000000000000010", "10.0.0", 2, "FAILED"),
	}}
	selected, err := selection.Selector{Settings: settings(), Documents: read, Progress: &warnings{}}.Select(t.Context(), table)
	require.NoError(t, err)
	require.Len(t, selected.Matches, 1)
	assert.Equal(t, "ami-0000000000000009", selected.Matches[0].AMIID, "10.0.0 is newer than 9.0.0, but its build failed")
	assert.Equal(t, "9.0.0", selected.Matches[0].Version.SemanticVersion())
	require.Len(t, selected.PassedOver, 2)
	assert.Contains(t, selected.PassedOver[0], "the look-up table has no lifecycle id for it")
	assert.Contains(t, selected.PassedOver[1], "although the look-up table has it at MARK_FOR_PRODUCTION")

	selected, err = selection.Selector{Settings: settings(), Progress: &warnings{}}.Select(t.Context(), table)
	require.NoError(t, err)
	assert.Equal(t, "ami-0000000000000011", selected.Matches[0].AMIID, "without documents the table counts")
	assert.Nil(t, selected.Matches[0].Document)
}

func TestOfTwoImagesOfOneVersionTheNewerIsSelectedWithAWarning(t *testing.T) {
	read := &documents{all: map[string]*lifecycle.Document{
		anID:      built(t, anID, "ami-0000000000000001", "2.0.0", 3, lifecycle.Completed),
		anotherID: built(t, anotherID, "ami-0000000000000002", "2.0.0", 4, lifecycle.Completed),
	}}
	told := &warnings{}
	selected, err := selection.Selector{Settings: settings(), Documents: read, Progress: told}.Select(t.Context(), []deployment.Image{
		image(anID, "ami-0000000000000001", "2.0.0"), image(anotherID, "ami-0000000000000002", "2.0.0"),
	})
	require.NoError(t, err)
	assert.Equal(t, "ami-0000000000000002", selected.Matches[0].AMIID)
	require.Len(t, *told, 1)
	assert.Equal(t, []string(*told), selected.Warnings)
	assert.Contains(t, (*told)[0], "2 AMIs have version 2.0.0")
}

func TestALifecycleIsReadOnceAndAFailedReadSelectsNothingOlder(t *testing.T) {
	table := []deployment.Image{image(anID, "ami-0000000000000001", "2.0.0"), image(anID, "ami-0000000000000002", "1.0.0")}
	read := &documents{}
	_, err := selection.Selector{Settings: settings(), Documents: read, Progress: &warnings{}}.Select(t.Context(), table)
	failure := outcome.Of(err)
	assert.Equal(t, outcome.NotFound, failure.Kind)
	assert.Contains(t, failure.Reason, "the orchestrator does not show its lifecycle: it is gone")
	assert.Equal(t, 1, read.reads)

	read = &documents{err: errors.New("no response")}
	_, err = selection.Selector{Settings: settings(), Documents: read, Progress: &warnings{}}.Select(t.Context(), table)
	require.ErrorIs(t, err, read.err)
	assert.Equal(t, 1, read.reads)
}

func TestThatNothingMatchesIsSaidWithWhatThereIs(t *testing.T) {
	wanted := settings()
	wanted.ProductName = "Web*"
	var table []deployment.Image
	for i := range 12 {
		one := image(anID, "ami-0000000000000001", fmt.Sprintf("1.%d.0", i))
		one.Modified = time.Unix(int64(i), 0)
		table = append(table, one)
	}
	_, err := selection.Selector{Settings: wanted, Progress: &warnings{}}.Select(t.Context(), table)
	failure := outcome.Of(err)
	assert.Equal(t, outcome.NotFound, failure.Kind)
	assert.Contains(t, failure.Reason, `version 1.11.0, ami-0000000000000001 in eu-central-1, of lifecycle `+anID+` (its product is "Demo")`)
	assert.Contains(t, failure.Reason, "; and 2 more")
	_, err = selection.Selector{Settings: wanted, Progress: &warnings{}}.Select(t.Context(), nil)
	assert.Contains(t, outcome.Of(err).Hint, "the look-up table lists no AMI of this stack tag")
}
