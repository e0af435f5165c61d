package action

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/config"
	"github.com/org/ami-action/internal/lifecycle"
)

// argument is a setting and its values. Only a list has more than one.
type argument struct {
	name   config.Name
	values []string
}

// resume returns the command line that continues the wait, or "" if there is nothing to wait for.
func (r *run) resume() string {
	if !r.canResume() {
		return ""
	}
	var line []string
	for _, argument := range r.resumption() {
		if argument.name == config.Sandbox {
			line = append(line, argument.name.Flag())
			continue
		}
		for _, value := range argument.values {
			line = append(line, argument.name.Flag(), value)
		}
	}
	return config.ShellLine(line)
}

// resumeHere returns the same as resume in the form of the platform, and the syntax of the text: the inputs of a step or
// of a component in a pipeline, the command line elsewhere.
func (r *run) resumeHere() (text, syntax string) {
	key := map[config.Platform]string{config.GitHubAction: "with", config.GitLabComponent: "inputs"}[r.Settings.Platform]
	if key == "" || !r.canResume() {
		return r.resume(), "sh"
	}
	inputs := &yaml.Node{Kind: yaml.MappingNode}
	for _, argument := range r.resumption() {
		name, value := &yaml.Node{}, &yaml.Node{}
		name.SetString(argument.name.Input())
		switch {
		case len(argument.values) > 1 && r.Settings.Platform == config.GitLabComponent:
			// The input of the component is a list; that of the action is a text with one line for each entry.
			value.Kind, value.Style = yaml.SequenceNode, yaml.FlowStyle
			for _, one := range argument.values {
				entry := &yaml.Node{}
				entry.SetString(one)
				value.Content = append(value.Content, entry)
			}
		case argument.name == config.Sandbox:
			value.Kind, value.Value = yaml.ScalarNode, argument.values[0]
		default:
			value.SetString(strings.Join(argument.values, "\n"))
		}
		inputs.Content = append(inputs.Content, name, value)
	}
	text = key + ":\n"
	var block strings.Builder
	encoder := yaml.NewEncoder(&block)
	encoder.SetIndent(2)
	if err := encoder.Encode(inputs); err != nil {
		return r.resume(), "sh" // a value that YAML cannot represent
	}
	for line := range strings.Lines(block.String()) {
		text += "  " + line
	}
	return strings.TrimRight(text, "\n"), "yaml"
}

func (r *run) canResume() bool { return r.record.LifecycleID != "" && r.Settings.Operation.Waits() }

// resumption returns the arguments with which a command continues the wait.
func (r *run) resumption() (all []argument) {
	s := r.Settings
	add := func(name config.Name, values ...string) { all = append(all, argument{name, values}) }
	add(config.Operation, string(lifecycle.Wait))
	add(config.LifecycleID, r.record.LifecycleID)
	if s.Operation != lifecycle.Wait || len(s.Events) > 0 { // a wait that named no events needs none to continue
		var events []string
		for _, event := range r.waitedFor {
			events = append(events, event.String())
		}
		if len(events) > 0 {
			add(config.Events, events...)
		}
	}
	if s.FailOnSeverity != "" {
		add(config.FailOnSeverity, string(s.FailOnSeverity))
	}
	// The arguments must name the deployment: the id is not known in another one.
	for _, where := range []struct {
		name  config.Name
		value string
	}{
		{config.StackName, s.StackName}, {config.APIEndpoint, s.APIEndpoint}, {config.APIKeyPrefix, s.APIKeyPrefix},
		{config.SandboxDir, s.SandboxDir},
	} {
		if where.value != defaultOf(where.name) && (where.name != config.SandboxDir || s.Sandbox) {
			add(where.name, where.value)
		}
	}
	if s.Sandbox {
		add(config.Sandbox, "true")
	}
	return all
}

func defaultOf(name config.Name) string {
	declared := config.Declared()
	return declared[slices.IndexFunc(declared, func(s config.Setting) bool { return s.Name == name })].Default
}
