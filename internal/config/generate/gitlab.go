package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/config"
)

// What GitLab checks before a pipeline is created. An empty text leaves the default to the command. GitLab
// expands no variable in an input, so that one where an id belongs is refused there too.
var gitlabPatterns = map[config.Name]string{
	config.WaitTimeout:  duration,
	config.PollInterval: duration,
	config.LifecycleID:  `^([A-Za-z0-9][A-Za-z0-9._-]*)?$`,
	config.OlderThan:    `^([0-9]{1,5}[wdh])?$`,
	config.Limit:        `^([1-9][0-9]*)?$`,
	config.SandboxSpeed: `^([0-9]+(\.[0-9]+)?)?$`,
	config.APIEndpoint:  `^(https?://.*)?$`,
	config.ReportFile:   file,
	config.TimelineFile: file,
}

// yamlBooleans are words that GitLab's YAML 1.1 reads as booleans without quotes.
var yamlBooleans = []string{"on", "off", "yes", "no", "true", "false"}

const (
	duration = `^([0-9]+(\.[0-9]+)?(h|m|s))*$`
	// A file is an artifact too, and the artifacts' paths know variables and wildcards.
	file = `^[\w.][\w ./-]*$`
)

// gitlabPage is the file of the page that a job makes: a report where it waits, else a timeline. It has a
// name from the start, because artifacts are declared before the job runs.
const gitlabPage = "ami-lifecycle.html"

func gitlabInputs() string {
	var inputs strings.Builder
	for _, setting := range pipelineSettings() {
		fmt.Fprintf(&inputs, "    %s:\n      description: %s", setting.Name.Input(), folded(8, gitlabDescribed(setting)))
		switch setting.Kind {
		case config.List:
			inputs.WriteString("      type: array\n      default: []\n")
		case config.Boolean:
			fmt.Fprintf(&inputs, "      type: boolean\n      default: %s\n", setting.Default)
		default:
			inputs.WriteString("      type: string\n")
			textInput(&inputs, setting)
		}
	}
	return inputs.String()
}

// gitlabDescribed is all that a user of a component's input has to know about it.
func gitlabDescribed(setting config.Setting) string {
	switch {
	case setting.Name == config.ReportFile || setting.Name == config.TimelineFile:
		setting.DefaultNote = gitlabPage
	case setting.Name == config.LifecycleID:
		setting.DefaultNote = "the one that a job in needs has left"
	case setting.Name == config.Events:
		return setting.Description + " A list."
	case setting.Kind == config.List:
		return setting.Description + " A list of " + setting.Placeholder + "."
	}
	return described(setting)
}

// textInput gives an input its options, its pattern and its default. One without a default must be given.
func textInput(inputs *strings.Builder, setting config.Setting) {
	required := setting.Name == config.Operation
	options := slices.Clone(setting.Options)
	if len(options) > 0 {
		if !required {
			options = append([]string{"''"}, options...)
		}
		inputs.WriteString("      options:\n")
		for _, option := range options {
			if slices.Contains(yamlBooleans, option) {
				option = "'" + option + "'"
			}
			fmt.Fprintf(inputs, "        - %s\n", option)
		}
	}
	pattern, ok := gitlabPatterns[setting.Name]
	if ok {
		fmt.Fprintf(inputs, "      regex: '%s'\n", pattern)
	}
	switch {
	case pattern == file:
		fmt.Fprintf(inputs, "      default: %s\n", gitlabPage)
	case !required:
		inputs.WriteString("      default: ''\n")
	}
}

// gitlabVariables hands the inputs to the command as INPUT_ variables, as GitHub does: they win over the
// AMI_ variables that an earlier job left in its dotenv report, as what was written for this very job
// should.
//
// A literal block keeps every character of an input, also where GitLab copies text into text. It ends in a
// line break because GitLab puts an input that is all of a value there with its type, and refuses lists
// and booleans as variables; inside of a longer text it writes them out. Where a text is all of the value
// it arrives untouched. Nothing in any of them is expanded.
func gitlabVariables() string {
	var variables strings.Builder
	for _, setting := range pipelineSettings() {
		input := setting.Name.Input()
		block := "|"
		if setting.Kind == config.Text || setting.Kind == config.Duration {
			block = "|-"
		}
		fmt.Fprintf(&variables, "    INPUT_%s:\n      value: %s\n        $[[ inputs.%s ]]\n      expand: false\n",
			strings.ToUpper(input), block, input)
	}
	return variables.String()
}
