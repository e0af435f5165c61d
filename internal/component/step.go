package component

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
	"github.com/org/ami-action/internal/phrase"
)

// stepKeys are the keys of a step: User Guide, "Document schema and definitions", and the pages on conditions and
// loops. The guide does not list disableLogging, but Image Builder accepts it.
var stepKeys = []key{
	{name: "name", mistaken: []string{"id"}, required: true},
	{name: "action", mistaken: []string{"uses", "module", "type", "run"}, required: true},
	{name: "if", mistaken: []string{"when", "condition", "iff", "only_if"}},
	{name: "loop", mistaken: []string{"foreach", "forEach", "for", "with_items"}},
	{name: "timeoutSeconds", mistaken: []string{"timeout", "timeoutInSeconds", "timeoutMinutes"}},
	{name: "onFailure", mistaken: []string{"on_error", "onError", "ignore_errors", "continueOnError"}},
	{name: "maxAttempts", mistaken: []string{"retries", "retry", "attempts", "maxRetries"}},
	{name: "disableLogging", mistaken: []string{"noLog", "no_log"}},
	{name: "inputs", mistaken: []string{"with", "input", "args", "parameters"}},
}

// stepPlace is where a step is in the document, to check its references.
type stepPlace struct {
	phase, step string
	phaseIndex  int
	stepIndex   int
	hasLoop     bool
	loop        string
}

func (c *checker) steps(node *yaml.Node, phase string) {
	names, loops := map[string]bool{}, map[string]bool{}
	entries := c.list(node, "steps", advice{link: awstoe.PageSchema})
	split := c.splitEntries(entries, "step", stepKeys, advice{link: awstoe.PageSchema})
	for i, entry := range entries {
		if split[i] {
			continue
		}
		c.step(entry, stepPlace{phase: phase, phaseIndex: c.names.phaseIndex(phase), stepIndex: i}, names, loops)
	}
}

func (c *checker) step(entry *yaml.Node, place stepPlace, names, loops map[string]bool) {
	a := advice{link: awstoe.PageSchema}
	step := c.read(entry, "the step", a)
	if step == nil {
		return
	}
	if value, ok := step.values["name"]; ok {
		place.step = c.stepName(value, names)
		step.what = "the step " + quoted(place.step)
	}
	if value, ok := step.values["loop"]; ok {
		place.hasLoop = true
		place.loop = c.loop(value, loops, place, step)
	}
	module, hasModule := awstoe.Module{}, false
	if value, ok := step.values["action"]; ok {
		module, hasModule = c.action(value, step.what)
	}
	if hasModule {
		c.misplacedInputs(step, module)
	}
	c.moduleAsKey(step)
	c.keys(step, a, stepKeys)
	c.policy(step, module)
	if value, ok := step.values["if"]; ok && isNull(c.resolved(value)) {
		c.fail(step.keyNode("if"), advice{link: awstoe.PageConditions}, "if must have a condition")
	} else if ok {
		c.condition(value, condition{what: "if", top: true, link: awstoe.PageConditions})
		c.references(value, place)
	}
	if hasModule {
		c.inputs(step, module)
	}
	if value, ok := step.values["inputs"]; ok {
		c.references(value, place)
	}
}

// stepName checks and returns the name of a step. The rule is from an error message of Image Builder: "Allowed characters
// are combinations of numbers [0-9], english letters [a-z,A-Z] and special characters [-_]".
func (c *checker) stepName(node *yaml.Node, names map[string]bool) string {
	a := advice{link: awstoe.PageDocument}
	name := c.text(node, "the name of the step", a)
	switch at := c.resolved(node); {
	case name == "":
	case !nameCharacters().MatchString(name):
		c.fail(at, a, "invalid name %s: the name of a step must be letters, digits, - and _", quoted(name))
	case names[name]:
		c.fail(at, a, "the name %s is used twice: the names of the steps of a phase must be unique", quoted(name))
	}
	names[name] = true
	return name
}

func (c *checker) action(node *yaml.Node, what string) (awstoe.Module, bool) {
	a := advice{link: awstoe.PageModules}
	name := c.text(node, "the action of "+what, a)
	if name == "" {
		return awstoe.Module{}, false
	}
	module, ok := awstoe.ModuleOf(name)
	switch at := c.resolved(node); {
	case !ok:
		a = c.meant(name, awstoe.ModuleNames(), a)
		switch name {
		case "aws:runShellScript", "ExecuteShell", "Shell", "Bash", "shell", "bash", "script", "ExecuteScript", "ExecuteCommand":
			a.hint = "did you mean ExecuteBash?"
		}
		c.fail(at, a, "unknown action module %s: must be %s", quoted(name), phrase.Or(awstoe.ModuleNames()))
	case module.On != "" && module.On != c.platform:
		a.link = module.Page()
		switch module.Name {
		case "ExecutePowerShell":
			a.hint = "use ExecuteBash"
		case "ExecuteBash":
			a.hint = "use ExecutePowerShell"
		}
		if c.platform == awstoe.Linux {
			c.fail(at, a, "%s is not allowed: it runs on Windows only, and the orchestrator builds Linux images", name)
		} else {
			c.fail(at, a, "%s is not allowed: it does not run on %s", name, c.platform)
		}
	}
	return module, ok
}

// moduleAsKey reports a step that has the name of its module as a key, with its inputs below.
func (c *checker) moduleAsKey(step *mapping) {
	for _, key := range slices.Clone(step.keys) {
		module, ok := awstoe.ModuleOf(key.Value)
		if _, hasAction := step.values["action"]; !ok || hasAction {
			continue
		}
		c.fail(key, advice{fmt.Sprintf("write \"action: %s\", and what is below it below inputs:", module.Name), module.Page()},
			"%s is an action module: it must be the value of action", module.Name)
		step.meant["action"], step.meant["inputs"] = true, true
		step.drop(key.Value)
		return
	}
}

// misplacedInputs reports inputs of the module that are keys of the step instead of keys of its inputs.
func (c *checker) misplacedInputs(step *mapping, module awstoe.Module) {
	for _, key := range slices.Clone(step.keys) {
		if _, isInput := module.Input(key.Value); !isInput || slices.Contains(namesOf(stepKeys), key.Value) {
			continue
		}
		c.fail(key, advice{"indent it below inputs:", module.Page()}, "%s is an input of %s: it must be below inputs", key.Value, module.Name)
		step.meant["inputs"] = true
		step.drop(key.Value)
	}
}

// policy checks the time limit and the attempts of a step, what its failure means, and whether it is logged.
func (c *checker) policy(step *mapping, module awstoe.Module) {
	a := advice{link: awstoe.PageSchema}
	if value, ok := step.values["timeoutSeconds"]; ok {
		seconds, ok := c.integer(value, "timeoutSeconds", a)
		key := step.keyNode("timeoutSeconds")
		switch {
		case !ok:
		case seconds != -1 && seconds < 1:
			c.fail(key, a, "invalid value %d for timeoutSeconds: must be -1 for no limit, or at least 1", seconds)
		case module.RunsOnce && seconds != -1:
			c.fail(key, advice{"remove it", module.Page()}, "timeoutSeconds is not allowed for %s: it has no time limit", module.Name)
		case module.NoTimeout:
			c.warn(key, advice{"remove it", module.Page()}, "timeoutSeconds has no effect for %s", module.Name)
		}
	}
	if value, ok := step.values["maxAttempts"]; ok {
		attempts, ok := c.integer(value, "maxAttempts", a)
		key := step.keyNode("maxAttempts")
		switch {
		case !ok:
		case attempts < 1:
			c.fail(key, a, "invalid value %d for maxAttempts: must be at least 1", attempts)
		case module.RunsOnce && attempts != 1:
			c.fail(key, advice{"remove it", module.Page()}, "maxAttempts is not allowed for %s: it runs once", module.Name)
		}
	}
	if value, ok := step.values["onFailure"]; ok {
		c.word(value, "onFailure", a, "Abort", "Continue", "Ignore")
	}
	if value, ok := step.values["disableLogging"]; ok {
		c.boolean(value, "disableLogging", a)
	}
}
