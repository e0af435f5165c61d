// Package resume writes the commands that continue a wait in a new process: as a command line, and as the inputs of a step or
// of a component.
package resume

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

// Wait is a wait that ended before its events did.
type Wait struct {
	// Settings are those of the operation that waited.
	Settings    *config.Settings
	LifecycleID string
	// Events are the events that the operation waited for.
	Events []lifecycle.Event
}

// IsPossible reports whether there is anything to wait for: the operation is one that waits, and its lifecycle is known.
// Otherwise the commands are empty.
func (w Wait) IsPossible() bool { return w.LifecycleID != "" && w.Settings.Operation.Waits() }

// CommandLine returns the command line that continues the wait.
func (w Wait) CommandLine() string {
	if !w.IsPossible() {
		return ""
	}
	var line []string
	for _, argument := range w.arguments() {
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

// OnPlatform returns what continues the wait on the platform of the settings, and its syntax for a code block: the inputs
// of a step or of a component in a pipeline, the command line elsewhere.
func (w Wait) OnPlatform() (text, syntax string) {
	key := map[config.Platform]string{config.GitHubAction: "with", config.GitLabComponent: "inputs"}[w.Settings.Platform]
	if key == "" || !w.IsPossible() {
		return w.CommandLine(), "sh"
	}
	inputs := &yaml.Node{Kind: yaml.MappingNode}
	for _, argument := range w.arguments() {
		name, value := &yaml.Node{}, &yaml.Node{}
		name.SetString(argument.name.Input())
		switch {
		case len(argument.values) > 1 && w.Settings.Platform == config.GitLabComponent:
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
		return w.CommandLine(), "sh" // a value that YAML cannot represent
	}
	for line := range strings.Lines(block.String()) {
		text += "  " + line
	}
	return strings.TrimRight(text, "\n"), "yaml"
}

// arguments returns the arguments with which a command continues the wait.
func (w Wait) arguments() (all []argument) {
	s := w.Settings
	add := func(name config.Name, values ...string) { all = append(all, argument{name, values}) }
	add(config.Operation, string(lifecycle.Wait))
	add(config.LifecycleID, w.LifecycleID)
	if s.Operation != lifecycle.Wait || len(s.Events) > 0 { // a wait that named no events needs none to continue
		var events []string
		for _, event := range w.Events {
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
