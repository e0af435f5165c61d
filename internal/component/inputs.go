package component

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/org/ami-action/internal/component/awstoe"
	"github.com/org/ami-action/internal/phrase"
)

// inputs checks the inputs of a step against the table of modules.
func (c *checker) inputs(step *mapping, module awstoe.Module) {
	a := advice{link: module.Page()}
	what := "inputs of " + module.Name
	node, ok := step.values["inputs"]
	if !ok || isEmpty(c.resolved(node)) {
		if !module.NeedsInputs() || step.meant["inputs"] {
			return
		}
		at := step.node
		if ok {
			at = c.resolved(node)
			if isNull(at) {
				at = step.keyNode("inputs")
			}
		}
		c.fail(at, a, "%s has no inputs, but %s requires them", step.what, module.Name)
		return
	}
	node = c.resolved(node)
	switch {
	case module.Condition:
		c.condition(node, condition{what: what, link: module.Page(), top: true, isAssert: true})
	case module.IsList && node.Kind == yaml.MappingNode:
		a.hint = `begin the first line of the inputs with "- "`
		c.fail(node, a, "%s must be a list of mappings, but are a mapping", what)
	case module.IsList:
		entries := c.list(node, what, a)
		split := c.splitEntries(entries, "entry of "+what, inputKeys(module), a)
		for i, entry := range entries {
			if !split[i] {
				c.entry(entry, module, a)
			}
		}
	case node.Kind == yaml.SequenceNode:
		a.hint = `remove the "- " before the keys`
		c.fail(node, a, "%s must be a mapping, but are a list", what)
	default:
		c.inputSet(node, what, module, a)
	}
}

// entry checks one entry of inputs that are a list.
func (c *checker) entry(entry *yaml.Node, module awstoe.Module, a advice) {
	what := "an entry of inputs of " + module.Name
	if node := c.resolved(entry); node.Kind != yaml.MappingNode {
		a.hint = fmt.Sprintf("write it with its key: \"- %s: …\"", module.Inputs[0].Name)
		c.failEntry(entry, a, "%s must be a mapping, but is %s", what, c.kind(node))
		return
	}
	c.inputSet(entry, what, module, a)
}

// inputKeys returns the keys that the inputs of a module can have.
func inputKeys(module awstoe.Module) []key {
	known := make([]key, len(module.Inputs))
	for i, input := range module.Inputs {
		known[i] = key{input.Name, input.Mistaken, input.Required}
	}
	return known
}

// inputSet checks a mapping with the inputs of a module.
func (c *checker) inputSet(node *yaml.Node, what string, module awstoe.Module, a advice) {
	set := c.mapping(node, what, a, inputKeys(module))
	if set == nil {
		return
	}
	for _, input := range module.Inputs {
		value, ok := set.values[input.Name]
		switch {
		case ok && isNull(c.resolved(value)) && !input.Required:
		case ok && input.On != "" && input.On != c.platform:
			c.fail(set.keyNode(input.Name), advice{"remove it", a.link}, "%s is not allowed on %s", input.Name, c.platform)
		case ok:
			c.input(value, set.keyNode(input.Name), input, a)
		}
	}
	var present []string
	for _, key := range set.keys {
		if slices.Contains(module.OneOf, key.Value) {
			present = append(present, key.Value)
		}
	}
	switch {
	case len(module.OneOf) == 0:
	case len(present) == 0 && len(set.meant) == 0:
		c.fail(set.node, a, "%s must have %s", what, phrase.Or(module.OneOf))
	case len(present) > 1:
		c.fail(set.keyNode(present[0]), a, "%s must have %s, but have both", what, phrase.Or(module.OneOf))
	}
	c.together(set, module.Together, a)
}

// together warns about an input that has no effect without another one.
func (c *checker) together(set *mapping, names []string, a advice) {
	for _, name := range names {
		if set.values[name] == nil || set.meant[name] {
			continue
		}
		for _, other := range names {
			if set.values[other] == nil && !set.meant[other] {
				c.warn(set.keyNode(name), a, "%s has no effect without %s", name, other)
			}
		}
	}
}

// input checks the value of one input.
func (c *checker) input(value, key *yaml.Node, input awstoe.Input, a advice) {
	node := c.resolved(value)
	if isNull(node) {
		c.fail(key, a, "%s must not be empty", input.Name)
		return
	}
	switch input.Kind {
	case awstoe.Text:
		c.textInput(node, input, a)
	case awstoe.Boolean:
		c.boolean(node, input.Name, a)
	case awstoe.Integer:
		c.integerInput(node, input, a)
	case awstoe.TextList:
		c.textList(node, input, a)
	case awstoe.TextMap:
		if texts := c.read(node, input.Name, a); texts != nil {
			for _, key := range texts.keys {
				c.scalar(texts.values[key.Value], key.Value, a)
			}
		}
	case awstoe.ParameterList:
		c.parameterList(node, input, a)
	case awstoe.TextOrList:
		if node.Kind == yaml.MappingNode {
			c.fail(node, c.unquoted(node, a), "%s must be a text, a number or a list, but is %s", input.Name, c.kind(node))
		}
	}
}

func (c *checker) textInput(node *yaml.Node, input awstoe.Input, a advice) {
	if !input.Required {
		if !c.scalar(node, input.Name, a) {
			return
		}
	} else if c.text(node, input.Name, a) == "" {
		return
	}
	if strings.Contains(node.Value, "{{") {
		return
	}
	if len(input.Words) > 0 && node.Value != "" && !slices.ContainsFunc(input.Words, func(word string) bool {
		return word == node.Value || input.AnyCase && strings.EqualFold(word, node.Value)
	}) {
		c.fail(node, c.meant(node.Value, input.Words, a), "invalid value %s for %s: must be %s", quoted(node.Value), input.Name, phrase.Or(input.Words))
	}
	c.beginning(node, input, a)
}

// beginning checks how the value of an input begins. It does not judge a template of another program, which may make any
// value.
func (c *checker) beginning(node *yaml.Node, input awstoe.Input, a advice) {
	if strings.Contains(node.Value, "${") {
		return
	}
	if len(input.Begins) > 0 && !slices.ContainsFunc(input.Begins, func(begin string) bool {
		return len(node.Value) >= len(begin) && strings.EqualFold(node.Value[:len(begin)], begin)
	}) {
		c.fail(node, a, "invalid value %s for %s: must begin with %s", quoted(node.Value), input.Name, phrase.Or(input.Begins))
	}
	if len(input.Schemes) == 0 {
		return
	}
	scheme, rest, isURL := strings.Cut(node.Value, "://")
	isAllowed := slices.ContainsFunc(input.Schemes, func(allowed string) bool { return strings.EqualFold(allowed, scheme) })
	switch {
	case !isURL || !isAllowed:
		c.fail(node, a, "invalid value %s for %s: must begin with %s://", quoted(node.Value), input.Name, strings.Join(input.Schemes, ":// or "))
	case strings.Trim(rest, "/ ") == "":
		c.fail(node, a, "invalid value %s for %s: nothing follows the ://", quoted(node.Value), input.Name)
	}
}

// integerInput checks an input that is a whole number. It also accepts a reference, whose value is known only later.
func (c *checker) integerInput(node *yaml.Node, input awstoe.Input, a advice) {
	if node.Kind == yaml.ScalarNode && strings.Contains(node.Value, "{{") {
		return
	}
	if number, ok := c.integer(node, input.Name, a); ok && number < 0 {
		c.fail(node, a, "invalid value %d for %s: must be at least 0", number, input.Name)
	}
}

func (c *checker) textList(node *yaml.Node, input awstoe.Input, a advice) {
	switch {
	case isBlock(node):
		a.hint = `write "- |" on the next line instead, and indent the text below it`
	case node.Kind == yaml.ScalarNode:
		a.hint = `write a list: begin the text with "- " on a line of its own`
	}
	what := "an entry of " + input.Name
	for _, entry := range c.list(node, input.Name, a) {
		if at := c.resolved(entry); isNull(at) {
			c.failEntry(entry, advice{"write a text after the \"-\", or remove it", a.link}, "%s must be a text, but is empty", what)
		} else {
			c.scalar(entry, what, advice{link: a.link})
		}
	}
}

func (c *checker) parameterList(node *yaml.Node, input awstoe.Input, a advice) {
	if node.Kind == yaml.MappingNode {
		a.hint = "write each parameter as an entry of a list: \"- name: …\""
	}
	for _, entry := range c.list(node, input.Name, a) {
		parameter := c.mapping(entry, "a parameter", a, []key{{name: "name", required: true}, {name: "value", required: true}})
		if parameter == nil {
			continue
		}
		for _, key := range []string{"name", "value"} {
			if value, ok := parameter.values[key]; ok {
				c.scalar(value, key, a)
			}
		}
	}
}
