package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/config"
)

// duration is what GitLab checks before a pipeline is created; an empty text leaves the default to the
// command.
const duration = `^([0-9]+(\.[0-9]+)?(h|m|s))*$`

func gitlabInputs() string {
	var inputs strings.Builder
	for _, setting := range pipelineSettings() {
		fmt.Fprintf(&inputs, "    %s:\n      description: %s", setting.Name.Input(), folded(8, described(setting)))
		switch setting.Kind {
		case config.List:
			inputs.WriteString("      type: array\n      default: []\n")
		case config.Boolean:
			fmt.Fprintf(&inputs, "      type: boolean\n      default: %s\n", setting.Default)
		case config.Duration:
			fmt.Fprintf(&inputs, "      type: string\n      regex: '%s'\n      default: ''\n", duration)
		default:
			inputs.WriteString("      type: string\n")
			textInput(&inputs, setting)
		}
	}
	return inputs.String()
}

// textInput gives an input its options and its default. One without a default must be given.
func textInput(inputs *strings.Builder, setting config.Setting) {
	required := setting.Name == config.Operation
	options := slices.Clone(setting.Options)
	if len(options) > 0 {
		if !required {
			options = append([]string{"''"}, options...)
		}
		inputs.WriteString("      options:\n")
		for _, option := range options {
			fmt.Fprintf(inputs, "        - %s\n", option)
		}
	}
	if !required {
		inputs.WriteString("      default: ''\n")
	}
}

// gitlabVariables hands the inputs to the command as INPUT_ variables, as GitHub does: they win over the
// AMI_ variables that an earlier job left in its dotenv report, as what was written for this very job
// should. A literal block keeps quotes, colons and hashes as they are.
func gitlabVariables() string {
	var variables strings.Builder
	for _, setting := range pipelineSettings() {
		input := setting.Name.Input()
		fmt.Fprintf(&variables, "    INPUT_%s: |-\n      $[[ inputs.%s ]]\n", strings.ToUpper(input), input)
	}
	return variables.String()
}
