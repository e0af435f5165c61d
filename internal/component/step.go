package component

import (
	"slices"

	"gopkg.in/yaml.v3"
)

// actions are the action modules of the user guide, "Action modules supported by AWSTOE component
// manager".
var actions = []string{
	"AppendFile", "Assert", "CopyFile", "CopyFolder", "CreateFile", "CreateFolder", "CreateSymlink",
	"DeleteFile", "DeleteFolder", "ExecuteBash", "ExecuteBinary", "ExecuteDocument", "ExecutePowerShell",
	"InstallMSI", "ListFiles", "MoveFile", "MoveFolder", "ReadFile", "Reboot", "S3Download", "S3Upload",
	"SetFileEncoding", "SetFileOwner", "SetFilePermissions", "SetFolderOwner", "SetFolderPermissions",
	"SetRegistry", "UninstallMSI", "UpdateOS", "WebDownload",
}

// withoutInputs are the modules that need no inputs.
var withoutInputs = []string{"Reboot", "UpdateOS"}

func (c *checker) steps(node *yaml.Node) {
	names, loops := map[string]bool{}, map[string]bool{}
	for _, entry := range c.list(node, "steps") {
		step := c.mapping(entry, "a step", "name", "action", "if", "loop", "timeoutSeconds", "onFailure",
			"maxAttempts", "inputs")
		if step == nil {
			continue
		}
		what := "the step"
		if value, ok := c.require(step, "name", what); ok {
			name := c.text(value, "the name of the step")
			if name != "" && names[name] {
				c.report(c.resolved(value), "the phase has two steps named %s", quoted(name))
			}
			names[name] = true
			what = "the step " + quoted(name)
		}
		c.policy(step)
		if value, ok := step.values["if"]; ok {
			if condition := c.mapping(value, "if"); condition != nil && len(condition.keys) == 0 {
				c.report(c.resolved(value), "if has no condition")
			}
		}
		if value, ok := step.values["loop"]; ok {
			c.loop(value, loops)
		}
		if value, ok := c.require(step, "action", what); ok {
			c.action(step, value, what)
		}
	}
}

// policy checks how long and how often a step runs and what its failure means.
func (c *checker) policy(step *mapping) {
	if value, ok := step.values["timeoutSeconds"]; ok {
		if seconds, ok := c.integer(value, "timeoutSeconds"); ok && seconds != -1 && seconds < 1 {
			c.report(c.resolved(value), "timeoutSeconds is %d; it can be -1 for no limit, or 1 and more", seconds)
		}
	}
	if value, ok := step.values["maxAttempts"]; ok {
		if attempts, ok := c.integer(value, "maxAttempts"); ok && attempts < 1 {
			c.report(c.resolved(value), "maxAttempts is %d; it can be 1 and more", attempts)
		}
	}
	if value, ok := step.values["onFailure"]; ok {
		c.word(value, "onFailure", "Abort", "Continue", "Ignore")
	}
}

func (c *checker) action(step *mapping, value *yaml.Node, what string) {
	action := c.text(value, "the action of "+what)
	if action == "" {
		return
	}
	if !slices.Contains(actions, action) {
		c.report(c.resolved(value), "there is no action module %s%s", quoted(action), nearestAction(action))
		return
	}
	node, ok := step.values["inputs"]
	if !ok || isEmpty(c.resolved(node)) {
		if !slices.Contains(withoutInputs, action) {
			at := step.node
			if ok {
				at = node
			}
			c.report(c.resolved(at), "%s has no inputs, and %s needs them", what, action)
		}
		return
	}
	c.inputs(action, node)
}

// inputs checks the inputs of the modules that run something. The others take lists of files, whose
// forms the modules check themselves when they run.
func (c *checker) inputs(action string, node *yaml.Node) {
	what := "inputs of " + action
	switch action {
	case "ExecuteBash":
		if inputs := c.mapping(node, what, "commands"); inputs != nil {
			if commands, ok := c.require(inputs, "commands", what); ok {
				c.commands(commands)
			}
		}
	case "ExecutePowerShell":
		inputs := c.mapping(node, what, "commands", "file")
		if inputs == nil {
			return
		}
		commands, hasCommands := inputs.values["commands"]
		file, hasFile := inputs.values["file"]
		if hasCommands == hasFile {
			c.report(c.resolved(node), "%s needs either commands or a file", what)
		}
		if hasCommands {
			c.commands(commands)
		}
		if hasFile {
			c.text(file, "file")
		}
	case "ExecuteBinary":
		if inputs := c.mapping(node, what, "path", "arguments"); inputs != nil {
			if path, ok := c.require(inputs, "path", what); ok {
				c.text(path, "path")
			}
		}
	default:
		if inputs := c.resolved(node); inputs.Kind == yaml.ScalarNode {
			c.report(inputs, "%s have to be a list or a mapping, and are %s", what, kind(inputs))
		}
	}
}

func (c *checker) commands(node *yaml.Node) {
	for _, command := range c.list(node, "commands") {
		c.text(command, "a command")
	}
}

func isEmpty(node *yaml.Node) bool {
	return node.Tag == "!!null" || node.Kind != yaml.ScalarNode && len(node.Content) == 0
}
