package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/org/ami-action/internal/config"
)

// gitlabPatterns are the patterns that GitLab checks before it creates a pipeline. With an empty text, the command uses its
// default. GitLab does not expand variables in an input, so the pattern of an id refuses a variable.
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

// yamlBooleans are words that GitLab's YAML 1.1 parser reads as booleans if they are not quoted.
var yamlBooleans = []string{"on", "off", "yes", "no", "true", "false"}

const (
	duration = `^([0-9]+(\.[0-9]+)?(h|m|s))*$`
	// The file is also an artifact. The pattern excludes the variables and wildcards that GitLab allows in artifact paths.
	file = `^[\w.][\w ./-]*$`
)

// gitlabPage is the default file of the page that a job writes: a report if it waits, otherwise a timeline. The
// name is fixed, because artifacts are declared before the job runs.
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

// gitlabDescribed returns the description of a component's input, with its form, its allowed values and its default.
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

// textInput writes the options, the pattern and the default of an input. An input without a default is required.
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

// gitlabVariables returns variables that pass the inputs to the command as INPUT_ variables, as GitHub does. So the inputs,
// which were written for this job, take precedence over the AMI_ variables from the dotenv report of an
// earlier job.
//
// A literal block keeps every character of an input, even if GitLab replaces text in text. For lists and booleans the
// block ends in a line break: if the input is the whole value, GitLab inserts it with its type, and it refuses lists
// and booleans as variables. Inside a longer text, GitLab writes them as text. A text input is the whole value, so it
// arrives unchanged. GitLab expands no variables in any of them.
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
