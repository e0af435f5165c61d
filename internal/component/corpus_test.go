package component_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/org/ami-action/internal/component"
)

func TestDocumentsThatImageBuilderTakesHaveNoError(t *testing.T) {
	files, err := filepath.Glob("testdata/accepted/*.yml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		content, _, err := component.Read(file)
		if assert.NoError(t, err, file) {
			written, err := os.ReadFile(file)
			require.NoError(t, err)
			assert.Equal(t, written, content, "what was checked is what is sent")
		}
	}
}

func TestFaultyDocumentsAreRefusedAtTheFault(t *testing.T) {
	var faults []struct {
		Name   string `json:"name"`
		Pos    []int  `json:"pos"`
		Errors int    `json:"errors"` // 1 if it is not set: one fault is one error
	}
	index, err := os.ReadFile("testdata/faulty.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(index, &faults))
	require.NotEmpty(t, faults)
	for _, fault := range faults {
		data, err := os.ReadFile(filepath.Join("testdata", "faulty", fault.Name+".yml"))
		require.NoError(t, err)
		problems := component.Check(data)
		var places [][]int
		for _, problem := range problems {
			if !problem.Warning {
				places = append(places, []int{problem.Line, problem.Column})
			}
		}
		assert.Len(t, places, max(fault.Errors, 1), "%s: %s", fault.Name, text(problems))
		if fault.Pos != nil {
			assert.Contains(t, places, fault.Pos, "%s: %s", fault.Name, text(problems))
		}
	}
}

// text returns the problems as one text.
func text(problems []component.Problem) string {
	var text strings.Builder
	for _, problem := range problems {
		text.WriteString(problem.Text("a.yml"))
	}
	return text.String()
}
