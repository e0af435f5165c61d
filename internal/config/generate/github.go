package main

import (
	"fmt"
	"strings"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/joboutput"
)

const width = 108

// actionInputs returns the inputs of action.yml. They have no defaults: GitHub would pass a default as if the user had
// given it, and it would take precedence over the AMI_ variables of the workflow.
func actionInputs() string {
	var inputs strings.Builder
	inputs.WriteString("inputs:\n")
	for _, setting := range pipelineSettings() {
		fmt.Fprintf(&inputs, "  %s:\n    description: %s", setting.Name.Input(), folded(6, described(setting)))
		fmt.Fprintf(&inputs, "    required: %t\n", setting.Name == config.Operation)
	}
	fmt.Fprintf(&inputs, "  %s:\n    description: %s", matrixInput, folded(6, matrixDescription))
	fmt.Fprintf(&inputs, "    required: false\n    default: %s\n", matrixDefault)
	return inputs.String()
}

// matrixInput is the only input that is not a setting. No variable of a job distinguishes the legs of a matrix, and
// a job that runs again must find what its own leg started (internal/pipeline, "identity").
const (
	matrixInput       = "matrix"
	matrixDescription = "Leave it out: it tells the jobs of a matrix apart, so that each one that runs again finds " +
		"what it started itself."
	matrixDefault = "${{ toJSON(matrix) }}"
)

func actionOutputs() string {
	var outputs strings.Builder
	outputs.WriteString("outputs:\n")
	for _, output := range joboutput.All() {
		fmt.Fprintf(&outputs, "  %s:\n    description: %s", output.Name, folded(6, output.Description))
	}
	return outputs.String()
}

func pipelineSettings() []config.Setting {
	var settings []config.Setting
	for _, setting := range config.Declared() {
		if !setting.CommandLineOnly {
			settings = append(settings, setting)
		}
	}
	return settings
}

// described returns the description of an input, with its form, its allowed values and its default.
func described(setting config.Setting) string {
	parts := []string{setting.Description}
	switch {
	case setting.Name == config.Events:
		parts = append(parts, "One a line, or separated by commas.")
	case setting.Kind == config.List:
		parts = append(parts, setting.Placeholder+", one a line.")
	case setting.Kind == config.Boolean:
		parts = append(parts, "Must be true or false.")
	}
	if len(setting.Options) > 0 {
		parts = append(parts, "Must be one of "+strings.Join(setting.Options, ", ")+".")
	}
	if value := setting.DefaultText(); value != "" {
		parts = append(parts, "Default: "+value+".")
	}
	return strings.Join(parts, " ")
}

// folded returns text as a folded YAML block scalar, in which line breaks are read as spaces and no character
// needs quotes.
func folded(indent int, text string) string {
	block := strings.Builder{}
	block.WriteString(">-\n")
	line := ""
	flush := func() {
		if line != "" {
			block.WriteString(strings.Repeat(" ", indent) + line + "\n")
		}
	}
	for word := range strings.FieldsSeq(text) {
		if line != "" && indent+len(line)+1+len(word) > width {
			flush()
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	flush()
	return block.String()
}
